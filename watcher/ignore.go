package watcher

import "strings"

// This file is the table of what is never an asset: half-written files, caches, locks
// and leftovers of the programs artists use, and the operating systems' own. Names are
// compared in lower case. What a line calls the thing is shown to people by `why`, as in
// "it is …".
//
// Decisions that could have gone otherwise:
//   - Names that begin with a dot are left out. Programs hide what is their own business
//     (caches, autosaves, partial transfers: rsync's .name.XXXXXX, GNOME's
//     .goutputstream-*), and an artist cannot see such a file in order to drop it.
//   - *.tmp and *.temp are left out: programs write there before they rename.
//   - *.bak and *~ are left out: the older copy of a file that lies beside them. Plain
//     *.old is kept, since nobody but a person makes it.
//   - Directories named "backup" or "temp" are entered: people choose those names.
//   - "conflicted copy" files of sync programs are kept: they hold somebody's work.

// what says which kinds of entries a line of the table is about.
type what uint8

const (
	files  what = 1 << iota
	dirs        // not entered
	either = files | dirs
)

// exactly lists whole names.
var exactly = map[string]struct {
	what what
	is   string
}{
	"thumbs.db":                 {files, "Windows' thumbnail cache"},
	"ehthumbs.db":               {files, "Windows' thumbnail cache"},
	"desktop.ini":               {files, "Windows' note about the folder's looks"},
	"$recycle.bin":              {dirs, "Windows' recycle bin"},
	"system volume information": {dirs, "Windows' own folder"},
	".ds_store":                 {files, "the Finder's note about the folder's looks"},
	"icon\r":                    {files, "the Finder's folder icon"},
	".spotlight-v100":           {dirs, "macOS's search index"},
	".trashes":                  {dirs, "macOS's trash"},
	".fseventsd":                {dirs, "macOS's own folder"},
	".documentrevisions-v100":   {dirs, "macOS's own folder"},
	".temporaryitems":           {dirs, "macOS's own folder"},
	"__macosx":                  {dirs, "what macOS adds to zip archives"},
	"lost+found":                {dirs, "the filesystem's own folder"},
	"@eadir":                    {dirs, "a Synology NAS's thumbnail cache"},
	"#recycle":                  {dirs, "a NAS's recycle bin"},
	"@recycle":                  {dirs, "a NAS's recycle bin"},
	"#snapshot":                 {dirs, "a NAS's snapshots"},
	"~snapshot":                 {dirs, "a file server's snapshots"},
	".git":                      {either, "Git's own data"},
	".svn":                      {dirs, "Subversion's own data"},
	".hg":                       {dirs, "Mercurial's own data"},
	".stfolder":                 {either, "Syncthing's own marker"},
	".stversions":               {dirs, "Syncthing's old versions"},
	".stignore":                 {files, "Syncthing's settings"},
	".dropbox":                  {either, "Dropbox's own data"},
	".dropbox.attr":             {files, "Dropbox's own data"},
	".dropbox.cache":            {dirs, "Dropbox's cache"},
	".tmp.drivedownload":        {either, "a download of Google Drive in progress"},
	".tmp.driveupload":          {either, "an upload of Google Drive in progress"},
	".mayaswatches":             {dirs, "Maya's swatch cache"},
	"incrementalsave":           {dirs, "a program's autosaves"}, // Maya
	"autosave":                  {dirs, "a program's autosaves"}, // Maya, ZBrush, Substance
	"autosaves":                 {dirs, "a program's autosaves"},
	"quicksave":                 {dirs, "ZBrush's quick saves"},
	"quit.blend":                {files, "Blender's autosave"},
	"4913":                      {files, "a trial file of the Vim editor"},
}

// part tells names by how they begin and end; both must hold.
type part struct {
	prefix, suffix string
	what           what
	is             string
}

var parts = []part{
	// Partial transfers.
	{"", ".crdownload", either, "a download in progress"},
	{"", ".part", either, "a transfer in progress"},
	{"", ".partial", either, "a transfer in progress"},
	{"", ".download", either, "a download in progress"},
	{"", ".opdownload", either, "a download in progress"},
	{"", ".filepart", either, "a transfer in progress"},
	{"", ".aria2", files, "the progress note of a download"},
	{"", ".!ut", files, "a download in progress"},
	{"", ".!qb", files, "a download in progress"},
	{"", ".!sync", files, "a transfer of Resilio Sync in progress"},
	{".syncthing.", ".tmp", files, "a transfer of Syncthing in progress"},
	{"~syncthing~", ".tmp", files, "a transfer of Syncthing in progress"},
	{".goutputstream-", "", files, "a file being saved"},
	{".~lock.", "#", files, "LibreOffice's lock"},
	{".~", "", either, "a sync program's temporary file"},
	{".fuse_hidden", "", files, "a deleted file still in use"},
	{".nfs0", "", files, "a deleted file still in use"},

	// Artists' programs.
	{"~psd", ".tmp", files, "Photoshop's temporary file"},
	{".", "-autosave.kra", files, "Krita's autosave"},
	{"", ".kra~", files, "Krita's backup"},
	{"", ".blend@", files, "a Blender file being saved"},
	{"", ".painter_lock", files, "Substance Painter's lock"},
	{"", ".swatches", files, "Maya's swatch cache"},
	{"", " auto-save", dirs, "a program's autosaves"}, // "Adobe Premiere Pro Auto-Save"
	{"(a document being saved by", "", either, "a document being saved"},

	// Office programs and editors.
	{"~$", "", files, "an Office program's lock"},
	{".#", "", files, "an editor's lock"},
	{"#", "#", files, "an editor's autosave"},
	{"", ".swp", files, "an editor's swap file"},
	{"", ".swo", files, "an editor's swap file"},
	{"", ".swx", files, "an editor's swap file"},

	// In general.
	{"._", "", files, "macOS's companion to another file (AppleDouble)"},
	{".trash-", "", dirs, "the desktop's trash"},
	{"", ".tmp", files, "a temporary file"},
	{"", ".temp", files, "a temporary file"},
	{"", "~", files, "a backup copy"},
	{"", ".bak", files, "a backup copy"},
	{"", ".lock", files, "a lock"},
	{"", ".lck", files, "a lock"},
}

// beginning and ending are the parts by the first byte of a name, and those that say how it
// ends by the last: a scan asks of every file.
var beginning, ending = func() (beginning, ending [256][]*part) {
	for i := range parts {
		p := &parts[i]
		if s := p.suffix; s != "" {
			ending[s[len(s)-1]] = append(ending[s[len(s)-1]], p)
		} else {
			beginning[p.prefix[0]] = append(beginning[p.prefix[0]], p)
		}
	}
	return beginning, ending
}()

// hiddenByDot is what a file is called whose name begins with a dot.
const hiddenByDot = "hidden (its name begins with a dot)"

// junk tells whether a name is one of those that are never an asset, and what it is.
func junk(name string, kind what) (is string, found bool) {
	low := strings.ToLower(name)
	if line, ok := exactly[low]; ok && line.what&kind != 0 {
		return line.is, true
	}
	if low == "" {
		return "", false
	}
	for _, some := range [2][]*part{beginning[low[0]], ending[low[len(low)-1]]} {
		for _, p := range some {
			if p.what&kind != 0 && len(low) > len(p.prefix)+len(p.suffix) &&
				strings.HasPrefix(low, p.prefix) && strings.HasSuffix(low, p.suffix) {
				return p.is, true
			}
		}
	}
	if kind == files {
		if is, found = numbered(low); found {
			return is, true
		}
	}
	if low[0] == '.' {
		return hiddenByDot, true
	}
	return "", false
}

// numbered knows the names that have a number or random letters in them.
func numbered(low string) (is string, found bool) {
	if rest, ok := strings.CutPrefix(low, "photoshop temp"); ok && (rest == "" || allOf(rest, digits)) {
		return "Photoshop's temporary file", true
	}
	if i := strings.LastIndex(low, ".blend"); i > 0 {
		if rest := low[i+len(".blend"):]; rest != "" && allOf(rest, digits) {
			return "Blender's backup", true
		}
	}
	if front, ok := strings.CutSuffix(low, ".spp"); ok {
		if i := strings.LastIndex(front, "_autosave"); i >= 0 && allOf(front[i+len("_autosave"):], digits+"_") {
			return "Substance Painter's autosave", true
		}
	}
	// name.psd.sb-1a2b3c4d-Xy12Ab: where macOS programs write before they rename.
	if i := strings.LastIndex(low, ".sb-"); i > 0 {
		hex, end, ok := strings.Cut(low[i+len(".sb-"):], "-")
		if ok && len(hex) == 8 && allOf(hex, digits+"abcdef") && len(end) == 6 {
			return "a file being saved", true
		}
	}
	return "", false
}

const digits = "0123456789"

func allOf(s, set string) bool { return strings.Trim(s, set) == "" }
