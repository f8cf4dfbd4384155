package trash

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// home gives the test a home of its own, and its trash's path.
func home(t *testing.T) (trash string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_DATA_HOME", "")
	return filepath.Join(dir, ".local", "share", "Trash")
}

// mountTmpfs mounts a filesystem of its own; only root may.
func mountTmpfs(t *testing.T) (top string) {
	t.Helper()
	top = t.TempDir()
	if err := unix.Mount("tmpfs", top, "tmpfs", 0, "size=1m,mode=1777"); err != nil {
		t.Skipf("SKIPPED, needs root: mounting a second filesystem: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(top, 0); err != nil {
			t.Error(err)
		}
	})
	return top
}

// record reads the path of a .trashinfo and checks its form.
func record(t *testing.T, trash, name string) (path string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(trash, "info", name+".trashinfo"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[0] != "[Trash Info]" || lines[3] != "" {
		t.Fatalf("record %q", b)
	}
	escaped, ok := strings.CutPrefix(lines[1], "Path=")
	path, err = url.PathUnescape(escaped)
	if !ok || err != nil {
		t.Fatalf("record %q: %v", b, err)
	}
	date, ok := strings.CutPrefix(lines[2], "DeletionDate=")
	when, err := time.ParseInLocation("2006-01-02T15:04:05", date, time.Local)
	if !ok || err != nil || time.Since(when) > time.Minute || time.Until(when) > time.Minute {
		t.Errorf("record %q: %v", b, err)
	}
	return path
}

// inTrash checks that a file with its own name as content is in the trash as name.
func inTrash(t *testing.T, trash, name, content string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(trash, "files", name))
	if err != nil || string(b) != content {
		t.Errorf("in the trash as %q: %q, %v", name, b, err)
	}
}

func entries(t *testing.T, dir string) int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return len(list)
}

func TestHomeTrash(t *testing.T) {
	trash := home(t)
	dir := t.TempDir()
	for _, name := range []string{
		"a.png", "größe 100%.png", "line\nbreak.png", "\xff\xfe not UTF-8", "-rf", "a+b&c=d;#?.png", ".hidden",
	} {
		path := write(t, filepath.Join(dir, name))
		mustPut(t, path)
		inTrash(t, trash, name, name)
		if got := record(t, trash, name); got != path {
			t.Errorf("the record of %q says %q", path, got)
		}
	}
	for _, d := range []string{trash, filepath.Join(trash, "files"), filepath.Join(trash, "info")} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", d, info.Mode(), err)
		}
	}
}

func TestXDGDataHome(t *testing.T) {
	unused := home(t)
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	mustPut(t, write(t, filepath.Join(t.TempDir(), "a")))
	inTrash(t, filepath.Join(data, "Trash"), "a", "a")
	if entries(t, unused) != 0 {
		t.Error("the other trash was used as well")
	}
}

func TestSameNames(t *testing.T) {
	trash := home(t)
	first := write(t, filepath.Join(t.TempDir(), "a.png"))
	mustPut(t, first)
	// A file whose record is lost keeps its place, too.
	write(t, filepath.Join(trash, "files", "a 2.png"))
	second := write(t, filepath.Join(t.TempDir(), "a.png"))
	mustPut(t, second)
	if got := record(t, trash, "a.png"); got != first {
		t.Errorf("the first record says %q", got)
	}
	inTrash(t, trash, "a 2.png", "a 2.png")
	inTrash(t, trash, "a 3.png", "a.png")
	if got := record(t, trash, "a 3.png"); got != second {
		t.Errorf("the second record says %q", got)
	}
	if n := entries(t, filepath.Join(trash, "info")); n != 2 {
		t.Errorf("%d records", n)
	}
}

// A record that a crash left without its file is taken for the same file again, and for
// no other.
func TestRecordOfAnInterruptedMove(t *testing.T) {
	trash := home(t)
	path := write(t, filepath.Join(t.TempDir(), "a.png"))
	other := write(t, filepath.Join(t.TempDir(), "a.png"))
	if err := errors.Join(os.MkdirAll(filepath.Join(trash, "info"), 0o700), os.MkdirAll(filepath.Join(trash, "files"), 0o700),
		os.WriteFile(filepath.Join(trash, "info", "a.png.trashinfo"), []byte("[Trash Info]\nPath="+path+"\nDeletionDate=2026-01-01T00:00:00\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	mustPut(t, other)
	inTrash(t, trash, "a 2.png", "a.png")
	mustPut(t, path)
	inTrash(t, trash, "a.png", "a.png")
	if n := entries(t, filepath.Join(trash, "info")); n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestLongName(t *testing.T) {
	trash := home(t)
	name := strings.Repeat("ä", 125) + ".png" // 254 bytes
	path := write(t, filepath.Join(t.TempDir(), name))
	mustPut(t, path)
	short := strings.Repeat("ä", 120) + ".png"
	inTrash(t, trash, short, name)
	if got := record(t, trash, short); got != path {
		t.Errorf("the record says %q", got)
	}
}

func TestSymlinks(t *testing.T) {
	trash := home(t)
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "a"))
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := putFile(link); err == nil {
		t.Error("a symlink was moved")
	}
	// A directory on the way may be one; the record has the true path.
	way := filepath.Join(t.TempDir(), "way")
	if err := os.Symlink(dir, way); err != nil {
		t.Fatal(err)
	}
	mustPut(t, filepath.Join(way, "a"))
	if got := record(t, trash, "a"); got != path {
		t.Errorf("the record says %q", got)
	}
}

func TestRecordTakenBackOnFailure(t *testing.T) {
	trash := home(t)
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "a"))
	if err := os.MkdirAll(filepath.Join(trash, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	// A file that is a mount point cannot be moved.
	if err := unix.Mount(path, path, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("SKIPPED, needs root: a bind mount: %v", err)
	}
	defer func() {
		if err := unix.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	}()
	err := putFile(path)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if n := entries(t, filepath.Join(trash, "info")); n != 0 {
		t.Errorf("%d records stay", n)
	}
}

func TestOtherFilesystem(t *testing.T) {
	uid := strconv.Itoa(os.Getuid())
	put := func(t *testing.T, top, trash string) {
		t.Helper()
		sub := filepath.Join(top, "deep", "er")
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		mustPut(t, write(t, filepath.Join(sub, "50%.png")))
		inTrash(t, trash, "50%.png", "50%.png")
		if got := record(t, trash, "50%.png"); got != "deep/er/50%.png" {
			t.Errorf("the record says %q", got)
		}
	}
	t.Run("own directory", func(t *testing.T) {
		homeTrash, top := home(t), mountTmpfs(t)
		put(t, top, filepath.Join(top, ".Trash-"+uid))
		if entries(t, homeTrash) != 0 {
			t.Error("the home trash was used")
		}
	})
	t.Run("prepared", func(t *testing.T) {
		home(t)
		top := mountTmpfs(t)
		shared := filepath.Join(top, ".Trash")
		if err := errors.Join(os.Mkdir(shared, 0o777), os.Chmod(shared, 0o777|fs.ModeSticky)); err != nil {
			t.Fatal(err)
		}
		put(t, top, filepath.Join(shared, uid))
	})
	t.Run("prepared without sticky bit", func(t *testing.T) {
		home(t)
		top := mountTmpfs(t)
		if err := os.Mkdir(filepath.Join(top, ".Trash"), 0o777); err != nil {
			t.Fatal(err)
		}
		put(t, top, filepath.Join(top, ".Trash-"+uid))
		if entries(t, filepath.Join(top, ".Trash")) != 0 {
			t.Error("the open directory was used")
		}
	})
	t.Run("prepared as a symlink", func(t *testing.T) {
		home(t)
		top := mountTmpfs(t)
		elsewhere := filepath.Join(top, "elsewhere")
		err := errors.Join(os.Mkdir(elsewhere, 0o777), os.Chmod(elsewhere, 0o777|fs.ModeSticky), os.Symlink(elsewhere, filepath.Join(top, ".Trash")))
		if err != nil {
			t.Fatal(err)
		}
		put(t, top, filepath.Join(top, ".Trash-"+uid))
		if entries(t, elsewhere) != 0 {
			t.Error("the symlink was followed")
		}
	})
	t.Run("no home", func(t *testing.T) {
		top := mountTmpfs(t)
		t.Setenv("HOME", "")
		t.Setenv("XDG_DATA_HOME", "")
		put(t, top, filepath.Join(top, ".Trash-"+uid))
	})
}

// Where no trash can be had, the file stays, and the error says what to do.
func TestNoTrash(t *testing.T) {
	uid := strconv.Itoa(os.Getuid())
	refused := func(t *testing.T, path string, words ...string) {
		t.Helper()
		err := putFile(path)
		if !errors.Is(err, ErrNoTrash) {
			t.Fatalf("%v", err)
		}
		for _, w := range append(words, strconv.Quote(path), "after_upload") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q is not in: %v", w, err)
			}
		}
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	t.Run("symlink in its place", func(t *testing.T) {
		home(t)
		top := mountTmpfs(t)
		if err := os.Symlink(t.TempDir(), filepath.Join(top, ".Trash-"+uid)); err != nil {
			t.Fatal(err)
		}
		refused(t, write(t, filepath.Join(top, "a")), top)
	})
	t.Run("somebody else's in its place", func(t *testing.T) {
		home(t)
		top := mountTmpfs(t)
		dir := filepath.Join(top, ".Trash-"+uid)
		if err := errors.Join(os.Mkdir(dir, 0o777), os.Chown(dir, os.Getuid()+1, -1)); err != nil {
			t.Fatal(err)
		}
		refused(t, write(t, filepath.Join(top, "a")), "another account")
		if entries(t, dir) != 0 {
			t.Error("something was put there")
		}
	})
	t.Run("no home", func(t *testing.T) {
		top := mountTmpfs(t)
		t.Setenv("HOME", "/nonexistent")
		t.Setenv("XDG_DATA_HOME", "")
		write(t, filepath.Join(top, ".Trash-"+uid)) // no directory can be made
		refused(t, write(t, filepath.Join(top, "a")), "no home directory", "XDG_DATA_HOME")
	})
}

// A bind mount of the home's filesystem has its device number, and yet nothing can be
// renamed across.
func TestBindMount(t *testing.T) {
	homeTrash := home(t)
	real, top := t.TempDir(), t.TempDir()
	if err := unix.Mount(real, top, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("SKIPPED, needs root: a bind mount: %v", err)
	}
	defer func() {
		if err := unix.Unmount(top, 0); err != nil {
			t.Error(err)
		}
	}()
	mustPut(t, write(t, filepath.Join(top, "a")))
	inTrash(t, filepath.Join(top, ".Trash-"+strconv.Itoa(os.Getuid())), "a", "a")
	if n := entries(t, filepath.Join(homeTrash, "info")); n != 0 {
		t.Errorf("%d records in the home trash", n)
	}
}

func TestRenameNewReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a")), write(t, filepath.Join(dir, "b"))
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := renameNew(unix.AT_FDCWD, a, fd, "b"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(b); err != nil || string(got) != "b" {
		t.Errorf("%q, %v", got, err)
	}
}
