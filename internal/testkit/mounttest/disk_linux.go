package mounttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Tmpfs mounts a filesystem in memory at a directory, of at most size bytes.
func Tmpfs(t testing.TB, at string, size int64) {
	t.Helper()
	needRoot(t)
	mount(t, "tmpfs", at, "tmpfs", fmt.Sprintf("size=%d", size))
}

// Ext4 makes an ext4 filesystem of size bytes on a loop device and mounts it at a directory.
func Ext4(t testing.TB, at string, size int64) {
	t.Helper()
	onLoop(t, at, size, "mkfs.ext4", "-q", "-F", "-m", "0")
}

// OldExt4 is Ext4 with the small inodes of ext3, which keep times in whole seconds.
func OldExt4(t testing.TB, at string, size int64) {
	t.Helper()
	onLoop(t, at, size, "mkfs.ext4", "-q", "-F", "-m", "0", "-I", "128")
}

// Vfat makes a FAT filesystem of size bytes on a loop device and mounts it at a directory.
// Its files' times are whole, even seconds.
func Vfat(t testing.TB, at string, size int64) {
	t.Helper()
	onLoop(t, at, size, "mkfs.vfat")
}

func onLoop(t testing.TB, at string, size int64, mkfs string, args ...string) {
	t.Helper()
	needRoot(t)
	path, err := exec.LookPath(mkfs)
	if err != nil {
		t.Skipf("%s is not installed", mkfs)
	}
	image := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, size); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, append(args, image)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", mkfs, err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, at).CombinedOutput(); err != nil {
		t.Skipf("what %s makes cannot be mounted here: %v\n%s", mkfs, err, out)
	}
	unmountAtEnd(t, at)
}

// Layers are the directories of an overlay.
type Layers struct {
	Lower, Upper string
}

// Overlay mounts an overlay at a directory. Its lower layer, which before fills, is on
// another filesystem than the upper one, so that a file copied up becomes another file.
func Overlay(t testing.TB, at string, before func(lower string)) Layers {
	t.Helper()
	needRoot(t)
	lower, top := t.TempDir(), t.TempDir()
	Tmpfs(t, lower, 64<<20)
	if before != nil {
		before(lower)
	}
	Tmpfs(t, top, 64<<20)
	l := Layers{Lower: lower, Upper: filepath.Join(top, "upper")}
	work := filepath.Join(top, "work")
	for _, dir := range []string{l.Upper, work} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mount(t, "overlay", at, "overlay", fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", l.Lower, l.Upper, work))
	return l
}

func mount(t testing.TB, source, at, fsType, options string) {
	t.Helper()
	if err := unix.Mount(source, at, fsType, 0, options); err != nil {
		t.Skipf("%s cannot be mounted here: %v", fsType, err)
	}
	unmountAtEnd(t, at)
}

func unmountAtEnd(t testing.TB, at string) {
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
}
