package watcher

import (
	"strings"

	"scenario-drop/file"
)

// transfer is a program that fetches files, and what lies beside NAME while it is not done.
type transfer struct {
	suffix  string // of the name beside; lower case
	program string
	// inPlace tells that the bytes go into NAME itself, which has its full size and its end
	// long before it is complete. Otherwise they are in the file beside, and a NAME that has
	// bytes is another, older one.
	inPlace bool
	// dotted tells that NAME has an extension, too: the suffix alone is another format's.
	dotted bool
}

// transfers are the programs that leave a file beside one under its last name that is not
// whole. What they leave is ignored by its name (package ignore), as is what other programs
// write under another name to begin with.
var transfers = []transfer{
	{suffix: ".aria2", program: "aria2", inPlace: true}, // also Motrix, Persepolis, AriaNg
	{suffix: ".aria2__temp", program: "aria2", inPlace: true},
	{suffix: ".st", program: "axel", inPlace: true, dotted: true},
	{suffix: ".lftp-pget-status", program: "lftp", inPlace: true},
	{suffix: ".ytdl", program: "yt-dlp", inPlace: true},
	{suffix: ".part", program: "Firefox or another program"}, // Firefox reserves the name with an empty file
	{suffix: ".dtapart", program: "DownThemAll"},
	{suffix: ".crdownload", program: "a browser"},
	{suffix: ".partial", program: "a browser"},
	{suffix: ".opdownload", program: "Opera"},
}

// transferFile tells whether a name, in lower case, is one that the table has, and beside
// which it lies.
func transferFile(low string) (of string, found bool) {
	for i := range transfers {
		t := &transfers[i]
		of, ok := strings.CutSuffix(low, t.suffix)
		if ok && of != "" && (!t.dotted || strings.LastIndexByte(of, '.') > 0) {
			return of, true
		}
	}
	return "", false
}

// companion is what lies beside a file and says that it is not finished.
type companion struct {
	name    string // its base name
	program string // that made it
	bytes   int64  // its length
}

// transferBeside looks in the directory for a sign that the file of that name is being
// fetched. empty tells that the file has no bytes yet: then a file beside it may have them.
func transferBeside(d *file.Dir, name string, empty bool) (found *companion) {
	for i := range transfers {
		t := &transfers[i]
		if !t.inPlace && !empty || t.dotted && strings.LastIndexByte(name, '.') <= 0 {
			continue
		}
		if n, ok := has(d, name+t.suffix); ok {
			return &companion{name + t.suffix, t.program, n}
		}
	}
	return nil
}

// has tells whether the directory has a regular file of that name, and its length.
func has(d *file.Dir, name string) (bytes int64, ok bool) {
	fp, mode, err := d.Lstat(name)
	if err != nil || !file.Openable(mode) {
		return 0, false
	}
	return fp.Size, true
}

// sqliteMagic begins each file of SQLite 3 (its file format, section 1.3.1).
const sqliteMagic = "SQLite format 3\x00"

// sqliteBeside are the suffixes of what SQLite keeps beside a database that a program has
// open: the write-ahead log, which holds what the database does not have yet, and the
// rollback journal, which holds what it had before.
var sqliteBeside = []string{"-wal", "-journal"}

// databaseBeside looks in the directory whether a database is in the middle of something.
// head is its first bytes. A log or journal that is empty, or has been wound back (its first
// bytes are zeros), holds nothing.
func databaseBeside(d *file.Dir, name string, head []byte) *companion {
	if !strings.HasPrefix(string(head), sqliteMagic) {
		return nil
	}
	for _, suffix := range sqliteBeside {
		n, ok := has(d, name+suffix)
		if !ok || n == 0 {
			continue
		}
		if begin := headOf(d, name+suffix); begin == nil || strings.Trim(string(begin), "\x00") != "" {
			return &companion{name + suffix, "its program", n}
		}
	}
	return nil
}

// headOf is the first bytes of a file of the directory; nil if they cannot be read.
func headOf(d *file.Dir, name string) []byte {
	f, _, err := d.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close() // it was only read
	head := make([]byte, 28)
	n, err := f.ReadAt(head, 0)
	if n == 0 && err != nil {
		return nil
	}
	return head[:n]
}

// besideOf returns the path of the file that the one at path lies beside, if its name is one
// that says so: when it goes away, that file may be finished. Else "".
func besideOf(path string) string {
	low := strings.ToLower(path)
	if len(low) != len(path) { // a letter that changes its length: rare enough to be left to the next check
		return ""
	}
	if of, found := transferFile(low); found {
		return path[:len(of)]
	}
	for _, suffix := range sqliteBeside {
		if of, ok := strings.CutSuffix(low, suffix); ok {
			return path[:len(of)]
		}
	}
	return ""
}

// emptyTransfer looks for a file beside an empty one that has its bytes.
func emptyTransfer(root, path string) *companion {
	d, name, err := file.Beneath(root, path)
	if err != nil {
		return nil
	}
	defer d.Close()
	return transferBeside(d, name, true)
}
