package trash

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What this puts into the bin stays in it: only a person may empty it.
func TestRecycleBin(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.png", "b c 100%.png", "größe 日本.png"} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "probe "+name), nil, 0o600); err != nil {
				t.Skipf("SKIPPED: the filesystem takes no such name (wine without a UTF-8 locale): %v", err)
			}
			for range 2 { // the same name goes a second time
				mustPut(t, write(t, filepath.Join(dir, name)))
			}
		})
	}
}

func TestTooLongForTheBin(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 120), strings.Repeat("e", 120))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(dir, strings.Repeat("f", 60)+".png"))
	if err := putFile(path); !errors.Is(err, ErrNoTrash) {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}
