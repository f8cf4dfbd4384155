package watcher

import "testing"

func TestJunk(t *testing.T) {
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
		"x.tmp", "x.TEMP", "x.bak", "x.lock", ".hidden.png",
	} {
		if is, found := junk(name, files); !found || is == "" {
			t.Errorf("file %q is taken", name)
		}
	}
	for _, name := range []string{
		".git", ".svn", ".hg", ".mayaSwatches", "incrementalSave", "autosave", "AutoSave", "QuickSave", "Adobe Premiere Pro Auto-Save",
		".Spotlight-V100", ".Trashes", ".fseventsd", "$RECYCLE.BIN", "System Volume Information", "lost+found", ".Trash-1000", "__MACOSX",
		".stfolder", ".stversions", ".dropbox.cache", ".tmp.driveupload", "@eaDir", "#recycle", "film.download", ".cache",
	} {
		if is, found := junk(name, dirs); !found || is == "" {
			t.Errorf("directory %q is entered", name)
		}
	}
}

func TestNotJunk(t *testing.T) {
	for _, name := range []string{
		"hero.png", "HERO.PNG", "Photoshop Template.psd", "Photoshop Temple 3.png", "ship.blend", "quit.blend.png", "blend1.png", "armour.spp",
		"armour_autosaver.spp", "part.png", "temp.png", "tmp", "temp", "autosave.png", "download", "4913.png", "icon.png", "~hero.png",
		"#1.png", "x.old", "hero (conflicted copy).png", "a.sb-1.png", "tmp.part.png", "lock.glb", "crdownload", "日本.png", "bad\xff.png", "new\nline.png",
	} {
		if is, found := junk(name, files); found {
			t.Errorf("file %q is left out as %s", name, is)
		}
	}
	for _, name := range []string{"Characters", "temp", "tmp", "backup", "x.tmp", "git", "download", "v1.0~beta", "Autosave old", "bad\xff"} {
		if is, found := junk(name, dirs); found {
			t.Errorf("directory %q is left out as %s", name, is)
		}
	}
}
