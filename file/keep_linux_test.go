package file

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"scenario-drop/internal/testkit/mounttest"
)

// A file that goes to another disk keeps owner, mode, time and attributes, and at no time
// may anybody read the copy who may not read the file.
func TestMoveKeepsOwnerAndMode(t *testing.T) {
	for _, mode := range []uint32{0o600, 0o640, 0o644, 0o4755, 0o400} {
		root, into := onTwoDisks(t)
		f := newFilm(t, root, into, 4<<20)
		must(t, errors.Join(unix.Chown(f.move.Path, 1234, 2345), unix.Chmod(f.move.Path, mode)))
		attributes := unix.Setxattr(f.move.Path, "user.xdg.tags", []byte("hero"), 0) == nil
		dir := filepath.Join(into, "sub")
		ctx := &countdown{Context: t.Context(), checks: 1000, each: func() {
			for _, name := range namesIn(t, dir) {
				var st unix.Stat_t
				if err := unix.Lstat(filepath.Join(dir, name), &st); err != nil || st.Mode&0o777&^mode&^0o600 != 0 || st.Uid != 1234 && st.Mode&0o077 != 0 {
					t.Errorf("mode %o: while it was copied the copy's was %o, %v", mode, st.Mode&0o7777, err)
				}
			}
		}}
		moved, err := MoveInto(ctx, f.move)
		must(t, err)
		var st unix.Stat_t
		must(t, unix.Lstat(moved.Path, &st))
		if st.Uid != 1234 || st.Gid != 2345 || st.Mode&0o7777 != mode || st.Mtim.Nano() != f.move.Want.ModTime {
			t.Errorf("mode %o became %o of %d:%d, time %d", mode, st.Mode&0o7777, st.Uid, st.Gid, st.Mtim.Nano()-f.move.Want.ModTime)
		}
		value := make([]byte, 10)
		if n, err := unix.Getxattr(moved.Path, "user.xdg.tags", value); attributes && (err != nil || string(value[:n]) != "hero") {
			var fsType unix.Statfs_t
			if unix.Statfs(dir, &fsType) == nil && unix.Setxattr(moved.Path, "user.other", nil, 0) == nil {
				t.Errorf("its tags are %q, %v", value[:max(n, 0)], err)
			}
		}
	}
}

// A disk that knows no owners and modes (FAT) takes files all the same.
func TestMoveToADiskWithoutModes(t *testing.T) {
	disk := t.TempDir()
	mounttest.Vfat(t, disk, 8<<20)
	f := newFilm(t, t.TempDir(), filepath.Join(disk, "Uploaded"), 100_000)
	must(t, errors.Join(unix.Chown(f.move.Path, 1234, 2345), os.Chmod(f.move.Path, 0o640)))
	if _, err := MoveInto(t.Context(), f.move); err != nil {
		t.Fatal(err)
	}
	f.isMoved(t)
}

func TestWithoutGroup(t *testing.T) {
	for mode, want := range map[uint32]uint32{0o600: 0o600, 0o640: 0o600, 0o644: 0o644, 0o664: 0o644, 0o770: 0o700, 0o2755: 0o755, 0o646: 0o646, 0o604: 0o604} {
		if got := withoutGroup(mode); got != want {
			t.Errorf("%o became %o, want %o", mode, got, want)
		}
	}
}
