package file

import (
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/internal/testkit/powertest"
)

// A directory that was made, with those above it, is there after a power cut.
func TestMakeDirIsDurable(t *testing.T) {
	disk := powertest.Mount(t, powertest.Empty())
	made := filepath.Join("share", "scenario-drop", "data")
	for range 2 { // again changes nothing
		if err := MakeDir(filepath.Join(disk.Dir(), made), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	saved := t.TempDir()
	if err := disk.Image(powertest.LoseUnsynced, 0).Save(saved); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(saved, made)); err != nil || !info.IsDir() {
		t.Errorf("after the power cut: %v, %v", info, err)
	}
	if n := len(disk.Syncs()); n != 3 {
		t.Errorf("%d directories were synced, want 3: %v", n, disk.Syncs())
	}
}
