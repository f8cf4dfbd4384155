package watcher

import (
	"bytes"
	"strings"

	"scenario-drop/drop"
)

const (
	// pointerHead is how many bytes of a file are read to see whether it is a pointer. Git
	// LFS allows fewer than 1024 (its spec, "The Pointer").
	pointerHead = 1024
	// maxAnnexPointer is the length above which git-annex takes a file for content
	// (Annex.Content.PointerFile: 32 KiB).
	maxAnnexPointer = 32 << 10
	// maxLink is how long a file is at most that keeps a link or an alias: each has a path or
	// two, and an alias (a bookmark of macOS) what it takes to find a file that was moved.
	maxLink = 32 << 10
	// mfLink is how long a Minshall+French link is: a header and 1024 bytes for the path.
	mfLink = 1067
)

// pointer tells whether a file of that size, which begins with head, stands for
// another that is not on this disk: the sentence for what it is. "" means that it is no pointer.
func pointer(head []byte, size int64) drop.Text {
	switch {
	case size < pointerHead && isLFS(head):
		return drop.TextPointerLFS
	case size <= maxAnnexPointer && isAnnex(head):
		return drop.TextPointerAnnex
	case size < 256 && bytes.HasPrefix(head, []byte("#$# git-fat ")):
		return drop.TextPointerFat
	case size < pointerHead && bytes.HasPrefix(head, []byte("# xet version ")):
		return drop.TextPointerXet
	case size <= maxLink && bytes.HasPrefix(head, []byte("book\x00\x00\x00\x00mark\x00\x00\x00\x00")):
		return drop.TextPointerAlias
	case size == mfLink && len(head) > 10 && isMFLink(head[:10]):
		return drop.TextPointerServerLink
	case size <= maxLink && bytes.HasPrefix(head, []byte("!<symlink>\xff\xfe")):
		return drop.TextPointerCygwin
	case size <= maxLink && bytes.HasPrefix(head, []byte("IntxLNK\x01")):
		return drop.TextPointerNFS
	}
	return ""
}

// isMFLink knows how a symbolic link begins that clients of a Windows or Samba share keep as a
// file ("Minshall+French"): a mark, and the length of where it leads in four digits.
func isMFLink(head []byte) bool {
	length, ok := bytes.CutPrefix(head, []byte("XSym\n"))
	return ok && len(bytes.Trim(length[:4], "0123456789")) == 0 && length[4] == '\n'
}

// isLFS knows a pointer by what its spec demands: the version is the first line and the
// others follow in the order of their keys, which has oid before size. The two older names of
// the spec are read by Git LFS, too.
func isLFS(head []byte) bool {
	lines := strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	switch strings.TrimSpace(lines[0]) {
	case "version https://git-lfs.github.com/spec/v1", "version https://hawser.github.com/spec/v1", "version http://git-media.io/v/2":
	default:
		return false
	}
	oid := false
	for _, line := range lines[1:] {
		switch {
		case strings.HasPrefix(line, "oid "):
			oid = true
		case strings.HasPrefix(line, "size "):
			return oid
		}
	}
	return false
}

// isAnnex knows an unlocked file's pointer ("/annex/objects/KEY"), and what a locked file's
// link becomes where the filesystem has no links: a text of where it led.
func isAnnex(head []byte) bool {
	line, _, _ := strings.Cut(string(head), "\n")
	line = strings.ReplaceAll(strings.TrimRight(line, "\r"), `\`, "/")
	if len(line) >= 512 || strings.ContainsAny(line, "\x00\t") {
		return false
	}
	if key, ok := strings.CutPrefix(line, "/annex/objects/"); ok {
		return key != ""
	}
	for strings.HasPrefix(line, "../") {
		line = line[len("../"):]
	}
	return strings.HasPrefix(line, ".git/annex/objects/")
}
