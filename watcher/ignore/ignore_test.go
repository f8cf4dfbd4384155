package ignore

import (
	"slices"
	"strings"
	"testing"
)

func TestIgnoredFiles(t *testing.T) {
	for _, name := range []string{
		// Photoshop, Krita, Blender, Substance, Maya, ZBrush, Adobe
		"~psd1234.tmp", "Photoshop Temp123456", "Photoshop Temp", "hero.kra~", ".hero-autosave.kra", ".krita-123-document_0-autosave.kra",
		"ship.blend1", "ship.BLEND2", "ship.blend32", "ship.blend@", "quit.blend", "armour.spp.painter_lock", "armour_autosave_2.spp",
		"scene.ma.swatches", "hero.psd.sb-1a2b3c4d-Xy12Ab", "(A Document Being Saved By Preview)",
		// browsers and transfers
		"Unconfirmed 1234.crdownload", "big.zip.part", "x.png.download", "x.opdownload", "x.partial", "x.filepart", "x.aria2",
		".hero.png.Xa91bC", ".goutputstream-ABC123", "clip.mp4.!qB",
		// offices and editors
		"~$brief.docx", ".~lock.brief.odt#", "~WRL0001.tmp", ".notes.swp", "4913", "notes~", "#notes#", ".#notes",
		// systems
		"._hero.png", ".DS_Store", "Thumbs.db", "desktop.ini", "Icon\r", ".directory",
		// sync programs
		".syncthing.hero.png.tmp", "~syncthing~hero.png.tmp", ".dropbox", ".~1a2b3c", "~abc.tmp", ".tmp.drivedownload",
		// general
		"x.tmp", "x.TEMP", "x.bak", "x.lock", ".hidden.png", ".hidden.xmp",
	} {
		if m, found := Find(name, File); !found || m.Is == "" || m.Optional {
			t.Errorf("file %q is taken", name)
		}
	}
}

func TestIgnoredDirs(t *testing.T) {
	for _, name := range []string{
		".git", ".svn", ".hg", ".mayaSwatches", "incrementalSave", "autosave", "AutoSave", "QuickSave", "Adobe Premiere Pro Auto-Save",
		".Spotlight-V100", ".Trashes", ".fseventsd", "$RECYCLE.BIN", "System Volume Information", "lost+found", ".Trash-1000", "__MACOSX",
		".stfolder", ".stversions", ".dropbox.cache", ".tmp.driveupload", "@eaDir", "#recycle", "hero.png.download", ".cache",
		"@__thumb", "RECYCLER", "Network Trash Folder", "Temporary Items", "found.000", "NKSC_PARAM", "node_modules", "__pycache__",
		"Adobe Premiere Pro Video Previews", "CacheClip", "Session File Backups", "blendcache_hero",
		// what is one thing to its program
		"Family.photoslibrary", "Song.logicx", "Song.band", "Tool.app", "Old.aplibrary", "Film.fcpbundle", "Game.xcodeproj",
		"Brief.pages", "Talk.KEY", "Notes.rtfd", "Hero Previews.lrdata", "en.lproj", "Kit.framework", "Disk.sparsebundle", "Hero.lrcat-data",
	} {
		if m, found := Find(name, Dir); !found || m.Is == "" {
			t.Errorf("directory %q is entered", name)
		}
	}
}

// Each name here is one that a program leaves beside an artist's files, and what people are told of it.
func TestCompanions(t *testing.T) {
	const optional = "?" // before what an include pattern that names it takes
	for name, is := range map[string]string{
		// sidecars
		"hero.png.meta": "?a sidecar of Unity", "hero.png.import": "?a sidecar of Godot", "hero.gd.uid": "?a sidecar of Godot",
		"hero.xmp": "?a sidecar of Lightroom, darktable or another program", "hero.NEF.XMP": "?a sidecar of Lightroom, darktable or another program",
		"hero.png.pp3": "?a sidecar of RawTherapee", "hero.jpg.out.pp3": "?a sidecar of RawTherapee", "hero.nef.arp": "?a sidecar of ART",
		"hero.nef.dop": "?a sidecar of DxO PhotoLab", "IMG_0001.AAE": "?a sidecar of Apple Photos", "IMG_0001.THM": "?a thumbnail of a camera",
		"GOPR0001.LRV": "?a preview of a camera", "C0001M01.XML": "?a sidecar of a Sony camera", "hero.tif.aux.xml": "?a sidecar of GDAL",
		"hero.jpg.supplemental-metadata.json": "?a sidecar of Google Photos", "hero.jpg.supplemental-meta.json": "?a sidecar of Google Photos",
		"film [abc].info.json": "?a sidecar of yt-dlp", "hero.nef.exposurex7": "?a sidecar of Exposure", "hero.arw.cos": "?a sidecar of Capture One",
		// caches of sounds
		"hero.wav.asd": "the analysis of a sound of Ableton Live", "hero.wav.reapeaks": "a waveform cache of REAPER", "hero.wav.pkf": "a waveform cache of Audition",
		"hero.wav.sfk": "a waveform cache of Vegas or Sound Forge", "hero.wav.sfap0": "a waveform cache of Vegas or Sound Forge",
		// backups and autosaves
		"hero.jpg_original": "a backup of exiftool", "hero.CR3_original": "a backup of exiftool", "hero.png.orig": "a backup of a merge or patch program",
		"hero.rej": "the rest of a patch of a patch program", "song.rpp-bak": "a backup of REAPER", "hero.hip_bak1": "a backup of Houdini",
		"hero_bak12.hiplc": "a backup of Houdini", "crash.hero.artist_4711.hip": "an emergency save of Houdini", "hero.svg.save": "an emergency save of nano",
		"hero.svg.save.2": "an emergency save of nano", "hero.kra-autosave.kra": "an autosave of Krita", "Backup_of_hero.cdr": "a backup of CorelDRAW",
		"Backup of hero.rif": "a backup of Corel Painter", "hero_4711_autosave.blend": "an autosave of Blender", "hero.3dmbak": "a backup of Rhino",
		"AutoBackup01.max": "an autosave of 3ds Max", "house.skb": "a backup of SketchUp", "AutoSave_house.skp": "an autosave of SketchUp",
		"hero.nk.autosave": "an autosave of Nuke, Natron or another program", "hero.nk.autosave1": "an autosave of Nuke, Natron or another program",
		"beat (overwritten at 12h30).flp": "a backup of FL Studio", "beat (autosaved at 12h30).flp": "a backup of FL Studio",
		"song.bak.001.ptx": "a backup of Pro Tools", "film auto-save 3.aep": "an autosave of After Effects", "house.0012.rvt": "a backup of Revit",
		"inkscape-autosave-12345-2026-11-30-001.svg": "an autosave of Inkscape", "hero.svg.2026_11_30_10_11_12.0.svg": "an emergency save of Inkscape",
		"armour_autosave_1_2.spp": "an autosave of Substance Painter", "part.FCStd1": "a backup of FreeCAD", "song.bak2": "a backup of a program",
		// locks
		"~hero~a1b2.idlk": "a lock of InDesign", "hero.afphoto~lock~": "a lock of Affinity", "hero.af~lock~": "a lock of Affinity", "film.prlock": "a lock of Premiere",
		"house.dwl2": "a lock of AutoCAD", "ring.3dm.rhl": "a lock of Rhino", "sync.ffs_lock": "a lock of FreeFileSync", "hero.lrcat.lock": "a lock of a program",
		// transfers
		"hero.png.ffs_tmp": "a transfer in progress of FreeFileSync", "hero.ckpt.incomplete": "a download in progress of Hugging Face and others",
		"hero.png.dtapart": "a download in progress of DownThemAll!", "hero.png.st": "a control file of a download of axel",
		"hero.png.lftp-pget-status": "a control file of a download of lftp", "film.mp4.part-Frag12": "a piece of a download of yt-dlp",
		"film.mp4.part-Frag12.part": "a transfer in progress of Firefox, KDE and others", "film.mp4.ytdl": "a control file of a download of yt-dlp",
		"film [abc].f137.mp4": "the picture or the sound alone of yt-dlp", "film [abc].f140-drc.m4a": "the picture or the sound alone of yt-dlp",
		"film.fhls-1234.mp4": "the picture or the sound alone of yt-dlp", "film.temp.mp4": "a temporary file of a program that will rename it",
		"hero.temp.exr": "a temporary file of a program that will rename it", "hero.1a2b3c4d.tmp.exr": "a temporary file of a program that will rename it",
		"hero.png.35Cfc9D7": "a transfer in progress of the AWS CLI", "hero.png.crswap": "a file being saved of a web page in Chrome",
		"hero.1a2b3c4d.partial": "a transfer in progress of Edge, rclone and others", "hero.svg.AbxCdz": "a file being saved of a Qt or KDE program",
		// what killed tools leave
		"hero.jpg_exiftool_tmp": "a file being saved of exiftool", "zirVuZ2a": "a temporary file of zip", "sedQ1Zw3x": "a temporary file of sed",
		"filmTEMP_MPY_wvf_snd.mp3": "the sound alone of a film being made of moviepy", "core.12345": "a memory dump of a program that crashed",
		// logs
		"ffmpeg2pass-0.log": "the log of a first pass of ffmpeg", "ffmpeg2pass-0.log.mbtree": "the log of a first pass of ffmpeg",
		"x264_2pass.log.mbtree": "the log of a first pass of x264 or another encoder", "x265_2pass.log.cutree": "the log of a first pass of x264 or another encoder",
		"install.log": "?a log of a program",
		// databases
		"hero.lrcat-wal": "the journal of a database of SQLite", "hero.lrcat-journal": "the journal of a database of SQLite",
		"take.aup3-wal": "the journal of a database of SQLite", "e0000c17.au": "a piece of a sound of Audacity", "ANLZ0000.DAT": "the analysis of a sound of rekordbox",
		"take.aup3-shm": "the journal of a database of SQLite",
		// systems, thumbnails
		"Picasa.ini": "a settings file of Picasa", "SYNOFILE_THUMB_XL.jpg": "a thumbnail of a Synology NAS", "SYNOPHOTO_THUMB_B.jpg": "a thumbnail of a Synology NAS",
		"hero.png@SynoEAStream": "the companion of another file of a Synology NAS", "hero.png:Zone.Identifier": "the mark of a download of Windows",
		"AlbumArt_{1234}_Large.jpg": "a thumbnail of Windows Media Player", "pspbrwse.jbf": "a thumbnail cache of Paint Shop Pro",
		// pointers and shortcuts
		"brief.gdoc": "a pointer to a document in the cloud of Google Drive", "board.gdraw": "a pointer to a document in the cloud of Google Drive",
		"plan.paper": "?a pointer to a document in the cloud of Dropbox", ".hero.png.icloud": "a placeholder for a file in the cloud of iCloud Drive",
		"hero.png.nextcloud": "a placeholder for a file in the cloud of Nextcloud", "hero.lnk": "?a shortcut of Windows", "hero.url": "?a link to a web page of Windows",
		"hero.webloc": "?a link to a web page of macOS", "hero.desktop": "?a link to a program or a web page of Linux",
		// programs
		"Setup.exe": "?a program of Windows", "Tool.dmg": "?an installer of macOS", "make.bat": "?a script of Windows", "make.sh": "?a script of Linux and macOS",
	} {
		m, found := Find(name, File)
		want := Match{Is: strings.TrimPrefix(is, optional), Optional: strings.HasPrefix(is, optional)}
		if !found || m != want {
			t.Errorf("%q is %+v (%v), want %+v", name, m, found, want)
		}
	}
}

func TestNotIgnored(t *testing.T) {
	for _, name := range []string{
		"hero.png", "HERO.PNG", "Photoshop Template.psd", "Photoshop Temple 3.png", "ship.blend", "quit.blend.png", "blend1.png", "armour.spp",
		"armour_autosaver.spp", "part.png", "temp.png", "tmp", "temp", "autosave.png", "download", "4913.png", "icon.png", "~hero.png",
		"#1.png", "x.old", "hero (conflicted copy).png", "a.sb-1.png", "tmp.part.png", "lock.glb", "crdownload", "日本.png", "bad\xff.png", "new\nline.png",
		"", "x", "hero.sync-conflict-20261130-101112-ABCDEFG.png", // somebody's work
		"hero.Version2", "hero.png.20261130", "hero.png.final1", "hero.png.McCloud", "hero.png.v2beta", "hero.png.Final2", "hero.loop", "hero.v2.deadbeef", "hero.20261130", "hero.1a2b3c4d", // no program's random letters
		"hero.save", "character.v2.save", "house.st", "core.png", "corel.cdr", "core.v2", "zimbabwe", "zigzag12", "zip", "sediment", "sedan123", "ziggy.png",
		"hero_original.png", "hero original.psd", "original", "my.original", "shot.f12.mp4", "shot.f1234.mp4", "f137.mp4", "film.f137.png",
		"song (overwritten).flp", "my-wal", "travel-journal", "journal.txt", "meta.json", "hero.json", "hero.jpg.json", "imports.txt", "log.txt", "hero.mtl", "hero.bin", "hero.cue",
		"hero_bak.png", "bak1.hip", "hero_autosaved.blend", "Backup_of_hero.png", "backup.cdr", "exiftool.png", "x.kra", "hero.autosaves.png", "hero.thm.png",
		"hero.f137-a.png", "C0001M01.MXF", "hero.procreate", "hero.key", "hero.pages", "hero.band", "hero.app.png", "hero.python", "hero.py", "hero.psd", "hero.xml", "hero.0001.exr",
		"house.rvt", "echo.au", "e1.au", "effaced1.au.png", "info", "civitai.png", "session.png", "hero.v0012.max", "hero.2026.aep", "SYNO.jpg", "recycler.png", "thumbs.png", "picasa.png", "palette.gpl",
	} {
		if m, found := Find(name, File); found {
			t.Errorf("file %q is ignored as %s", name, m.Is)
		}
	}
	for _, name := range []string{
		"Characters", "temp", "tmp", "backup", "x.tmp", "git", "download", "v1.0~beta", "Autosave old", "bad\xff", "Leg.part", "Engine.download", "Engine.v2.download",
		"Wing.partial", "Boat.crdownload", "hero.png", "Song.patch", "Leg.component", "Car.bundle", "Intro.action", "core", "log.log", "hero.exe", "app", "key", "Rock band",
		"hero.xmp", "Media", "Previews", "CaptureOne", "Library", "photoslibrary", "hero.tmp1", "Icons.xcassets", "Hero.procreate", "4913", "#sketches#", "old~",
	} {
		if m, found := Find(name, Dir); found {
			t.Errorf("directory %q is ignored as %s", name, m.Is)
		}
	}
}

// Every row says what it is about, in the language of the table, once.
func TestTable(t *testing.T) {
	type entry struct {
		name string
		of   what
	}
	seen, titles := map[entry]bool{}, map[string]bool{}
	for _, s := range table() {
		if s.title == "" || titles[s.title] || len(s.rows) == 0 {
			t.Errorf("section %q: no title, one that is there already, or no rows", s.title)
		}
		titles[s.title] = true
		for _, r := range s.rows {
			article := slices.ContainsFunc([]string{"a ", "an ", "the ", "data"}, func(a string) bool { return strings.HasPrefix(r.is, a) })
			if !article || r.of == "" || r.what&either == 0 || r.what&dirs != 0 && r.what&unlessIn != 0 {
				t.Errorf("%s: row %q is incomplete: %+v", s.title, r.names, r)
			}
			for name := range strings.SplitSeq(r.names, "|") {
				if name == "" || name != strings.ToLower(name) {
					t.Errorf("%s: the pattern %q is empty or not in lower case", s.title, name)
				}
				for _, of := range []what{files, dirs} {
					if e := (entry{name, of}); r.what&of != 0 && seen[e] {
						t.Errorf("%s: the pattern %q is in the table twice", s.title, name)
					} else if r.what&of != 0 {
						seen[e] = true
					}
				}
			}
		}
	}
}

// Every pattern is found again through the index, by a name made from it.
func TestEveryPatternMatches(t *testing.T) {
	for _, s := range table() {
		for _, r := range s.rows {
			for text := range strings.SplitSeq(r.names, "|") {
				name := sample(text)
				for kind, of := range map[Kind]what{File: files, Dir: dirs} {
					if m, found := Find(name, kind); r.what&of != 0 && (!found || m.Dot) {
						t.Errorf("%q does not match %q", text, name)
					}
					upper := strings.ToUpper(name)
					if m, found := Find(upper, kind); r.what&of != 0 && !strings.Contains(text, "{random}") && !strings.Contains(text, "{letters}") && (!found || m.Dot) {
						t.Errorf("%q does not match %q", text, upper)
					}
				}
			}
		}
	}
	for _, x := range []*index{ignoredFiles, ignoredDirs} {
		for _, p := range x.any {
			if last := p.middle[len(p.middle)-1].kind; last != hash && last != letters {
				t.Errorf("a pattern of %s would be asked of no name: %+v", p.is, p.middle)
			}
		}
	}
}

// sample is a name that a pattern matches.
func sample(text string) string {
	var b strings.Builder
	for _, t := range tokens(text) {
		switch t.kind {
		case literal:
			b.WriteString(t.text)
		case anything:
			b.WriteString("hero")
		case digits, hexadecimal, alnum:
			b.WriteString(strings.Repeat("7", max(t.n, 1)))
		case extension, known:
			b.WriteString("png")
		case hash:
			b.WriteString("35Cfc9D7")
		case random:
			b.WriteString("aB3xYz")
		case letters:
			b.WriteString("aBcxYz")
		}
	}
	return b.String()
}

func FuzzFind(f *testing.F) {
	for _, s := range table() {
		for _, r := range s.rows {
			for text := range strings.SplitSeq(r.names, "|") {
				f.Add(sample(text))
			}
		}
	}
	for _, name := range []string{"", ".", "..", "*", "{n}", "a.", ".a.", "hero.png", "\xff.xmp", strings.Repeat("a.", 400) + "35Cfc9D7", strings.Repeat("é", 200) + ".AAE"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, kind := range []Kind{File, Dir} {
			m, found := Find(name, kind)
			if found != (m.Is != "") || !found && strings.HasPrefix(name, ".") {
				t.Fatalf("%q: %+v, %v", name, m, found)
			}
			if again, _ := Find(strings.ToLower(name), kind); len(name) == len(strings.ToLower(name)) && found && !again.Dot && again.Is == "" {
				// Only the letters that a program draws are told by their case.
				if !strings.Contains(m.Is, "of zip") && !strings.Contains(m.Is, "of sed") && !strings.Contains(m.Is, "Qt or KDE") {
					t.Fatalf("%q is found, in lower case it is not: %+v", name, m)
				}
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, name := range []string{"hero_final_v012.png", "Photoshop Export 12.psd", "scene.0042.exr", "IMG_20261130_101112.JPG", "hero.xmp", "Textures", "notes.txt"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Find(name, File)
			}
		})
	}
}
