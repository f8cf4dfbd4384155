package watcher

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

func TestPointer(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          string // in the sentence; "": no pointer
	}{
		{"Git LFS", lfs, "git lfs pull"},
		{"Git LFS, with the line ends of Windows", strings.ReplaceAll(lfs, "\n", "\r\n"), "git lfs pull"},
		{"Git LFS, with an extension", strings.Replace(lfs, "oid ", "ext-0-foo sha256:aa\noid ", 1), "git lfs pull"},
		{"Git LFS, its first name", strings.Replace(lfs, "git-lfs.github.com", "hawser.github.com", 1), "git lfs pull"},
		{"git-annex, unlocked", "/annex/objects/SHA256E-s31390--f50d7ac4.mkv\n", "git annex get"},
		{"git-annex, unlocked, on Windows", "\\annex\\objects\\SHA256E-s31390--f50d7ac4.mkv\r\n", "git annex get"},
		{"git-annex, locked, without links", "../../.git/annex/objects/Wx/2z/SHA256E-s3--f5.mkv/SHA256E-s3--f5.mkv", "git annex get"},
		{"git-fat", "#$# git-fat cc4b1f5a2d1e8e1d3bcb5e8e8b23f2cc1ca93c58              1024\n", "git fat pull"},
		{"an alias of macOS", "book\x00\x00\x00\x00mark\x00\x00\x00\x008\x00\x00\x008\x00\x00\x00", "a macOS alias"},
		{"a link on a share", fmt.Sprintf("%-1067s", "XSym\n0012\n5d41402abc4b2a76b9719d911017c592\n../hero.png \n"), "Copy the file itself"},
		{"a link of Cygwin", "!<symlink>\xff\xfe.\x00.\x00/\x00a\x00\x00\x00", "a Cygwin link"},
		{"a link of an NFS client", "IntxLNK\x01.\x00.\x00/\x00a\x00", "NFS"},

		{"a picture", "\x89PNG\r\n\x1a\n", ""},
		{"a text about Git LFS", "version https://git-lfs.github.com/spec/v1 is how a pointer begins.\n", ""},
		{"a text that is longer than a pointer", lfs + strings.Repeat("more\n", 300), ""},
		{"a pointer without a size", "version https://git-lfs.github.com/spec/v1\noid sha256:aa\n", ""},
		{"a text of one letter", " ", ""},
		{"a path that is none of git-annex's", "/annex/objectsofart", ""},
		{"a text that begins like an alias", "bookmark: the tower\n", ""},
		{"a text that begins like a link on a share", "XSym\n0012\n", ""},
		{"a text as long as one", fmt.Sprintf("%-1067s", "XSym\nbolism\n"), ""},
		{"a text that begins like a link of Cygwin", "!<symlink> is how", ""},
		{"nothing but the mark", "/annex/objects/", ""},
	} {
		head := tt.content[:min(len(tt.content), pointerHead)]
		got := ""
		if text := pointer([]byte(head), int64(len(tt.content))); text != "" {
			got = texts.Words(text.With())
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) || got != "" && !strings.HasSuffix(got, ".") {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func FuzzPointer(f *testing.F) {
	f.Add([]byte(lfs), int64(len(lfs)))
	f.Add([]byte("/annex/objects/KEY\n"), int64(19))
	f.Add([]byte("XSym\n0012\n5"), int64(mfLink))
	f.Add([]byte("book\x00\x00\x00\x00mark\x00\x00\x00\x00"), int64(700))
	f.Fuzz(func(t *testing.T, head []byte, size int64) {
		if got := pointer(head, size); got != "" && size > maxAnnexPointer {
			t.Errorf("%d bytes are a pointer: %s", size, got)
		}
	})
}

// A pointer is held in every folder, whatever its name says, and the file that takes its place
// is ready.
func TestPointersAreHeld(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	path := filepath.Join(dir, "hero.png")
	write(t, path, []byte(lfs))
	write(t, filepath.Join(dir, "notes.txt"), []byte(lfs))
	start(t, tuned(t, sink, quick(dir)))
	eventually(t, "both are held", func() bool {
		return sink.reason(path) == drop.ReasonPointer && sink.reason(filepath.Join(dir, "notes.txt")) == drop.ReasonPointer
	})
	if got := sink.paths(dir); len(got) != 0 {
		t.Errorf("ready: %v", got)
	}
	write(t, path, drawing(t))
	eventually(t, "the picture is ready", func() bool { return sink.isReady(path) })
}
