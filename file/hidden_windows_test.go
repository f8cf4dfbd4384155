package file

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

func TestHidden(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name  string
		dir   bool
		marks uint32
		want  bool
	}{
		{"plain.png", false, windows.FILE_ATTRIBUTE_NORMAL, false},
		{"read only.png", false, windows.FILE_ATTRIBUTE_READONLY, false},
		{"hidden.png", false, windows.FILE_ATTRIBUTE_HIDDEN, true},
		{"system.png", false, windows.FILE_ATTRIBUTE_SYSTEM, true},
		{"both.png", false, windows.FILE_ATTRIBUTE_HIDDEN | windows.FILE_ATTRIBUTE_SYSTEM, true},
		{"plain", true, windows.FILE_ATTRIBUTE_NORMAL, false},
		{"with an icon", true, windows.FILE_ATTRIBUTE_SYSTEM, false},
		{"hidden", true, windows.FILE_ATTRIBUTE_HIDDEN, true},
	} {
		path := filepath.Join(dir, tt.name)
		var err error
		if tt.dir {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte("x"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		name, err := windows.UTF16PtrFromString(path)
		if err == nil {
			err = windows.SetFileAttributes(name, tt.marks)
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || Hidden(info) != tt.want {
			t.Errorf("%s: hidden is %v (%v)", tt.name, !tt.want, err)
		}
		_ = windows.SetFileAttributes(name, windows.FILE_ATTRIBUTE_NORMAL) // so that it can be removed
	}
}
