package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// folder is a watch folder with sub/a.png in it, and a directory outside with a secret
// under the same name.
type folder struct{ root, outside, path, secret string }

const mine, secret = "an artist's picture", "somebody's private key"

func newFolder(t testing.TB) folder {
	t.Helper()
	dir := t.TempDir()
	f := folder{root: filepath.Join(dir, "watched"), outside: filepath.Join(dir, "outside")}
	f.path, f.secret = filepath.Join(f.root, "sub", "a.png"), filepath.Join(f.outside, "a.png")
	put(t, f.path, mine)
	put(t, f.secret, secret)
	return f
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func content(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

func mustLstat(t testing.TB, root, path string) Fingerprint {
	t.Helper()
	fp, _, err := Lstat(root, path)
	if err != nil {
		t.Fatal(err)
	}
	return fp
}

// swapping puts a link to target in the place of a directory and back, as fast as it
// goes, until the function that it returns is called.
func swapping(t testing.TB, dir, target string) (stop func()) {
	t.Helper()
	link := dir + ".link"
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-ended:
				return
			default:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
				t.Errorf("the swap failed: %v", err)
				return
			}
		}
	})
	return func() { close(ended); wg.Wait() }
}

func TestBeneathFollowsNoLinkOnTheWay(t *testing.T) {
	f := newFolder(t)
	inside, out, fifo := filepath.Join(f.root, "inside"), filepath.Join(f.root, "out"), filepath.Join(f.root, "fifo")
	err := errors.Join(os.Mkdir(filepath.Join(f.outside, "deeper"), 0o755), os.Symlink(filepath.Join(f.root, "sub"), inside), os.Symlink(f.outside, out), unix.Mkfifo(fifo, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]fs.FileMode{inside: fs.ModeSymlink, out: fs.ModeSymlink, fifo: fs.ModeNamedPipe} {
		var not *NotRegularError
		_, _, err := Open(f.root, filepath.Join(dir, "a.png"))
		if !errors.As(err, &not) || not.Mode != want || !not.Above || not.Path != dir || !strings.Contains(err.Error(), "not a folder") {
			t.Errorf("%s: %v", dir, err)
		}
		if _, _, err := Lstat(f.root, filepath.Join(dir, "a.png")); !errors.As(err, &not) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	for _, dir := range []string{out, inside, fifo, filepath.Join(out, "deeper")} {
		if d, err := OpenDir(f.root, dir); err == nil {
			d.Close()
			t.Errorf("%s was opened for listing", dir)
		}
	}
	for _, path := range []string{f.secret, f.root, filepath.Dir(f.root), f.root + "2/a.png"} {
		if _, _, err := Open(f.root, path); err == nil {
			t.Errorf("%s is in %s", path, f.root)
		}
	}
	// The folder itself may be, or lie below, a link of the user's; it may go and come back.
	root := filepath.Join(f.outside, "link")
	if err := os.Symlink(f.root, root); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		opened, _, err := Open(root, filepath.Join(root, "sub", "a.png"))
		if err != nil {
			t.Fatal(err)
		}
		opened.Close()
		if err := os.RemoveAll(f.root); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Open(root, filepath.Join(root, "sub", "a.png")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder is gone: %v", err)
		}
		put(t, f.path, mine)
	}
}

// However often a directory above the file is swapped for a link while it is opened,
// the file that is read is the one in the folder.
func TestOpenWhileADirectoryIsSwapped(t *testing.T) {
	f := newFolder(t)
	stop := swapping(t, filepath.Dir(f.path), f.outside)
	defer stop()
	opened, refused := 0, 0
	for deadline := time.Now().Add(30 * time.Second); (opened < 300 || refused < 300) && time.Now().Before(deadline); {
		r, _, err := Open(f.root, f.path)
		if err != nil {
			refused++
			continue
		}
		opened++
		b, err := io.ReadAll(r)
		r.Close()
		if string(b) != mine || err != nil {
			t.Fatalf("read %q, %v", b, err)
		}
	}
	if opened == 0 || refused == 0 {
		t.Errorf("%d opened, %d refused: nothing was tried out", opened, refused)
	}
}

// Nor is the file outside ever moved, or the one inside moved to outside.
func TestMoveWhileDirectoriesAreSwapped(t *testing.T) {
	for _, swapped := range []string{"sub", filepath.Join("Uploaded", "sub")} {
		t.Run(swapped, func(t *testing.T) {
			f := newFolder(t)
			into := filepath.Join(f.root, "Uploaded")
			want := mustLstat(t, f.root, f.path)
			// The true directories, whatever their names are at the moment.
			from, err := openBeneath(f.root, "sub", false)
			if err != nil {
				t.Fatal(err)
			}
			defer from.Close()
			to, err := openBeneath(f.root, filepath.Join("Uploaded", "sub"), true)
			if err != nil {
				t.Fatal(err)
			}
			defer to.Close()
			stop := swapping(t, filepath.Join(f.root, swapped), f.outside)
			moved, refused := 0, 0
			for deadline := time.Now().Add(30 * time.Second); (moved < 100 || refused < 100) && time.Now().Before(deadline); {
				if _, err := moveInto(t, f.root, f.path, into, want); err != nil {
					refused++
					continue
				}
				moved++
				if err := to.rename("a.png", from, "a.png"); err != nil {
					t.Errorf("it went elsewhere: %v", err)
					break
				}
			}
			stop()
			if moved == 0 || refused == 0 {
				t.Errorf("%d moved, %d refused: nothing was tried out", moved, refused)
			}
			if entries, err := os.ReadDir(f.outside); err != nil || len(entries) != 1 || content(t, f.secret) != secret {
				t.Errorf("outside there is %v, %v", entries, err)
			}
		})
	}
}

func TestMoveInto(t *testing.T) {
	f := newFolder(t)
	other, err := os.MkdirTemp("/dev/shm", "move-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(other) })
	for _, into := range []string{filepath.Join(f.root, "Uploaded"), filepath.Join(f.outside, "of the user", "own"), filepath.Join(other, "x")} {
		for _, name := range []string{"a.png", "a (2).png", "a (3).png"} {
			put(t, f.path, mine)
			before := mustLstat(t, f.root, f.path)
			to, err := moveInto(t, f.root, f.path, into, before)
			if want := filepath.Join(into, "sub", name); to != want || err != nil {
				t.Fatalf("moved to %s, %v; want %s", to, err, want)
			}
			if got := mustLstat(t, into, to); got.ModTime != before.ModTime || content(t, to) != mine {
				t.Errorf("%+v, %q", got, content(t, to))
			}
			if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it is still there: %v", err)
			}
		}
	}
}

// What cannot be moved as it was meant to be stays.
func TestMoveIntoRefuses(t *testing.T) {
	f := newFolder(t)
	into := filepath.Join(f.root, "Uploaded")
	if err := os.Symlink(f.outside, into); err != nil {
		t.Fatal(err)
	}
	fp := mustLstat(t, f.root, f.path)
	var not *NotRegularError
	if to, err := moveInto(t, f.root, f.path, into, fp); !errors.As(err, &not) {
		t.Errorf("through a link in the folder: %s, %v", to, err)
	}
	older := fp
	older.ModTime--
	if to, err := moveInto(t, f.root, f.path, filepath.Join(f.root, "Done"), older); !errors.Is(err, ErrChanged) {
		t.Errorf("another version: %s, %v", to, err)
	}
	for _, path := range []string{f.secret, filepath.Join(f.root, "..", "outside", "a.png")} {
		if to, err := moveInto(t, f.root, path, filepath.Join(f.root, "Done"), mustLstat(t, f.outside, f.secret)); err == nil {
			t.Errorf("%s was moved to %s", path, to)
		}
	}
	if content(t, f.path) != mine || content(t, f.secret) != secret {
		t.Error("something was moved")
	}
}

// Names that mean something elsewhere are only names here.
func TestHostileNames(t *testing.T) {
	f := newFolder(t)
	into := filepath.Join(f.root, "Uploaded")
	for _, name := range []string{"-rf", "..png", "...", `..\..\a.png`, "a\nb.png", "\xff\xfe.png", "~", "$(touch x)", strings.Repeat("n", 255)} {
		path := filepath.Join(f.root, name)
		put(t, path, mine)
		to, err := moveInto(t, f.root, path, into, mustLstat(t, f.root, path))
		if err != nil || to != filepath.Join(into, name) || content(t, to) != mine {
			t.Errorf("%q was moved to %q, %v", name, to, err)
		}
	}
}

// A version that is saved while its predecessor is moved is never moved or lost.
func TestMoveWhileNewVersionsAreSaved(t *testing.T) {
	f := newFolder(t)
	ended := make(chan struct{})
	var wg sync.WaitGroup
	saved := 0
	wg.Go(func() {
		for ; ; saved++ {
			select {
			case <-ended:
				return
			default:
			}
			tmp := filepath.Join(f.root, "sub", "tmp")
			if err := errors.Join(os.WriteFile(tmp, fmt.Append(nil, "version ", saved), 0o644), os.Rename(tmp, f.path)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	moved := map[string]bool{}
	for deadline := time.Now().Add(30 * time.Second); len(moved) < 50 && time.Now().Before(deadline); {
		want, _, err := Lstat(f.root, f.path)
		if err != nil {
			continue
		}
		to, err := moveInto(t, f.root, f.path, filepath.Join(f.root, "Uploaded"), want)
		if err != nil {
			continue
		}
		moved[to] = true
		if got := mustLstat(t, f.root, to); !got.SameContent(want) {
			t.Fatalf("%+v was moved, wanted %+v", got, want)
		}
	}
	close(ended)
	wg.Wait()
	if len(moved) == 0 || saved == 0 {
		t.Errorf("%d moved, %d saved: nothing was tried out", len(moved), saved)
	}
}

// The way of filesystems that cannot promise not to overwrite.
func TestRenameReserved(t *testing.T) {
	f := newFolder(t)
	d, _, err := Beneath(f.root, f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	put(t, filepath.Join(f.root, "sub", "taken.png"), "taken")
	if err := renameReserved(d.fd, "a.png", d.fd, "taken.png"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a name that is taken: %v", err)
	}
	if err := renameReserved(d.fd, "missing.png", d.fd, "free.png"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := renameReserved(d.fd, "a.png", d.fd, "free.png"); err != nil {
		t.Error(err)
	}
	if content(t, filepath.Join(f.root, "sub", "taken.png")) != "taken" || content(t, filepath.Join(f.root, "sub", "free.png")) != mine {
		t.Error("something was overwritten")
	}
}

// The cost of opening beneath the folder, against the plain path.
func BenchmarkOpen(b *testing.B) {
	f := newFolder(b)
	deep := filepath.Join(f.root, "a", "b", "c", "d", "e", "x.png")
	put(b, deep, mine)
	b.Run("beneath", func(b *testing.B) {
		for b.Loop() {
			r, _, err := Open(f.root, deep)
			if err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("path", func(b *testing.B) {
		for b.Loop() {
			if _, err := os.Lstat(deep); err != nil {
				b.Fatal(err)
			}
			r, err := os.OpenFile(deep, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.Stat(); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
}

// The path of a directory, which messages name, is right however the root is written.
func TestBeneathNamesTheDirectory(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{root, root + "/", filepath.Dir(root) + "/./" + filepath.Base(root)} {
		for way, want := range map[string]string{"x": "x", "a/x": "a/x", "a/b/x": "a/b/x"} {
			_, _, err := Open(given, filepath.Join(root, way))
			var e *fs.PathError
			if !errors.As(err, &e) || filepath.Clean(e.Path) != filepath.Join(root, want) {
				t.Errorf("%s below %s: %v", way, given, err)
			}
		}
	}
	if d, _, err := Beneath("/", "/proc/self/status"); err == nil {
		defer d.Close()
		t.Errorf("a link on the way was followed to %s", d.path)
	}
	if d, _, err := Beneath("/", filepath.Join(root, "a", "x")); err != nil || d.path != filepath.Join(root, "a") {
		t.Errorf("below /: %v, %v", d, err)
	} else {
		d.Close()
	}
}
