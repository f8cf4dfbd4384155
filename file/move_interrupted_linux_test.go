package file

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/internal/testkit/powertest"
)

// film is a file in a watch folder that is to go to another disk.
type film struct {
	move  Move
	data  []byte
	begun Begun
}

func newFilm(t *testing.T, root, into string, size int) *film {
	t.Helper()
	f := &film{data: bytes.Repeat([]byte("whole "), size/6+1)[:size]}
	path := filepath.Join(root, "sub", "film.bin")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.data, 0o640)); err != nil {
		t.Fatal(err)
	}
	fp, _, err := Lstat(root, path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(f.data)
	f.move = Move{Root: root, Path: path, Into: into, Want: fp, SHA256: sum[:],
		Begin: func(b Begun) error { f.begun = b; return nil }}
	return f
}

// goOn is what a restart does.
func (f *film) goOn(t *testing.T) {
	t.Helper()
	var moved Moved
	var done bool
	var err error
	if f.begun.To != "" {
		moved, done, err = Resume(t.Context(), f.move, f.begun)
	}
	if err == nil && !done {
		moved, err = MoveInto(t.Context(), f.move)
	}
	if err != nil {
		t.Fatalf("going on: %v", err)
	}
	if want := filepath.Join(f.move.Into, "sub", "film.bin"); moved.Path != want {
		t.Errorf("it went to %s, want %s", moved.Path, want)
	}
}

// isMoved makes sure that the file lies, whole, in one place, and nothing else anywhere.
func (f *film) isMoved(t *testing.T) {
	t.Helper()
	if names := namesIn(t, filepath.Join(f.move.Root, "sub")); len(names) != 0 {
		t.Errorf("in the watch folder there are still %q", names)
	}
	dir := filepath.Join(f.move.Into, "sub")
	if names := namesIn(t, dir); fmt.Sprint(names) != "[film.bin]" {
		t.Errorf("there are %q in Uploaded", names)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "film.bin")); err != nil || !bytes.Equal(got, f.data) {
		t.Errorf("it is not whole: %d of %d bytes, %v", len(got), len(f.data), err)
	}
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// onTwoDisks gives a watch folder and a place to move to on another filesystem.
func onTwoDisks(t *testing.T) (root, into string) {
	t.Helper()
	disk := t.TempDir()
	mounttest.Tmpfs(t, disk, 256<<20)
	return t.TempDir(), filepath.Join(disk, "Uploaded")
}

// Wherever a move to another disk is cut off, whoever goes on ends with one whole file.
func TestResumeFromEachStep(t *testing.T) {
	const temporary = temporaryPrefix + "0123456789abcdef.tmp"
	for _, c := range []struct {
		name string
		left func(t *testing.T, f *film, to, source string)
	}{
		{"nothing done", func(*testing.T, *film, string, string) {}},
		{"half a copy", func(t *testing.T, f *film, to, _ string) {
			layDown(t, filepath.Join(to, temporary), f.data[:len(f.data)/2], f.move.Want)
		}},
		{"a whole copy under its temporary name", func(t *testing.T, f *film, to, _ string) {
			layDown(t, filepath.Join(to, temporary), f.data, f.move.Want)
		}},
		{"the copy has its name", func(t *testing.T, f *film, to, _ string) {
			layDown(t, filepath.Join(to, "film.bin"), f.data, f.move.Want)
		}},
		{"the source is about to go", func(t *testing.T, f *film, to, source string) {
			layDown(t, filepath.Join(to, "film.bin"), f.data, f.move.Want)
			must(t, os.Rename(f.move.Path, filepath.Join(source, temporary)))
		}},
		{"the source went", func(t *testing.T, f *film, to, source string) {
			layDown(t, filepath.Join(to, "film.bin"), f.data, f.move.Want)
			must(t, os.Remove(f.move.Path))
		}},
		{"a name reserved, where a rename may overwrite", func(t *testing.T, f *film, to, source string) {
			must(t, os.WriteFile(filepath.Join(to, "film.bin"), nil, 0o600))
		}},
		{"a disk with coarse times", func(t *testing.T, f *film, to, _ string) {
			rounded := f.move.Want
			rounded.ModTime = rounded.ModTime / 2e9 * 2e9
			layDown(t, filepath.Join(to, "film.bin"), f.data, rounded)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, into := onTwoDisks(t)
			f := newFilm(t, root, into, 100_000)
			to := filepath.Join(into, "sub")
			must(t, os.MkdirAll(to, 0o755))
			f.begun = Begun{To: filepath.Join(to, "film.bin"), Temporary: temporary}
			c.left(t, f, to, filepath.Join(root, "sub"))
			f.goOn(t)
			f.isMoved(t)
		})
	}
	t.Run("renamed on one disk", func(t *testing.T) {
		root := t.TempDir()
		f := newFilm(t, root, filepath.Join(root, "Uploaded"), 100_000)
		if _, err := MoveInto(t.Context(), f.move); err != nil {
			t.Fatal(err)
		}
		f.goOn(t) // nobody was told that it is done
		f.isMoved(t)
	})
}

// What is not ours is left alone by whoever goes on.
func TestResumeTouchesNothingElse(t *testing.T) {
	root, into := onTwoDisks(t)
	f := newFilm(t, root, into, 100_000)
	theirs := filepath.Join(into, "sub", "film.bin")
	must(t, os.MkdirAll(filepath.Dir(theirs), 0o755))
	layDown(t, theirs, bytes.Repeat([]byte("theirs"), 100_000)[:100_000], f.move.Want) // equal in size and time
	f.begun = Begun{To: theirs, Temporary: temporaryName()}
	if _, done, err := Resume(t.Context(), f.move, f.begun); err != nil || done {
		t.Fatalf("another file was taken for it: %v, %v", done, err)
	}
	moved, err := MoveInto(t.Context(), f.move)
	if err != nil || filepath.Base(moved.Path) != "film (2).bin" {
		t.Errorf("moved to %q, %v", moved.Path, err)
	}
	if got, err := os.ReadFile(theirs); err != nil || !bytes.HasPrefix(got, []byte("theirs")) {
		t.Errorf("the other file is %.10q, %v", got, err)
	}

	newer := newFilm(t, root, into, 50_000)
	source := filepath.Join(root, "sub")
	newer.begun = Begun{To: filepath.Join(into, "sub", "film (3).bin"), Temporary: temporaryName()}
	must(t, os.Rename(newer.move.Path, filepath.Join(source, newer.begun.Temporary)))
	must(t, os.WriteFile(newer.move.Path, []byte("newer"), 0o644))
	if _, done, err := Resume(t.Context(), newer.move, newer.begun); err != nil || done {
		t.Fatal(done, err)
	}
	if names := namesIn(t, source); fmt.Sprint(names) != "[film (2).bin film.bin]" {
		t.Errorf("the version that was being moved and the newer one are %q", names)
	}
}

// countdown is a context that ends after some looks at it.
type countdown struct {
	context.Context
	checks int
	each   func()
}

func (c *countdown) Err() error {
	if c.each != nil {
		c.each()
	}
	if c.checks--; c.checks < 0 {
		return context.Canceled
	}
	return nil
}

// A move that is stopped in its middle leaves nothing, and loses nothing.
func TestMoveIsStoppedHalfway(t *testing.T) {
	root, into := onTwoDisks(t)
	f := newFilm(t, root, into, 8<<20)
	var saw []string
	ctx := &countdown{Context: t.Context(), checks: 4, each: func() { saw = append(saw, namesIn(t, filepath.Join(into, "sub"))...) }}
	if _, err := MoveInto(ctx, f.move); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	for _, name := range saw {
		if !strings.HasPrefix(name, ".") {
			t.Errorf("in its middle there was %s", name)
		}
	}
	if len(saw) < 4 {
		t.Error("nobody looked while it was being copied")
	}
	if names := namesIn(t, filepath.Join(into, "sub")); len(names) != 0 {
		t.Errorf("it left %q", names)
	}
	if now, _, err := Lstat(root, f.move.Path); err != nil || now != f.move.Want {
		t.Errorf("the file is %+v, %v", now, err)
	}
	f.goOn(t)
	f.isMoved(t)
}

// A process that is killed while it moves leaves no partial file under a real name.
func TestMoveIsKilled(t *testing.T) {
	if text := os.Getenv("SCENARIO_DROP_TEST_MOVE"); text != "" {
		moveForTheKill(t, text)
		return
	}
	for n := range 12 {
		root, into := onTwoDisks(t)
		f := newFilm(t, root, into, 48<<20)
		text, err := json.Marshal(told{f.move.Root, f.move.Path, f.move.Into, f.move.Want, f.move.SHA256})
		must(t, err)
		child := exec.Command(os.Args[0], "-test.run=^TestMoveIsKilled$")
		child.Env = append(os.Environ(), "SCENARIO_DROP_TEST_MOVE="+string(text))
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		line, err := bufio.NewReader(out).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &f.begun)
		}
		if err != nil {
			t.Fatalf("the child said %q: %v", line, err)
		}
		time.Sleep(time.Duration(n) * 5 * time.Millisecond)
		must(t, child.Process.Kill())
		_ = child.Wait() // it was killed, or done just before
		if got, err := os.ReadFile(f.begun.To); err == nil && !bytes.Equal(got, f.data) {
			t.Errorf("killed: a partial file of %d bytes has its name", len(got))
		}
		f.goOn(t)
		f.isMoved(t)
	}
}

// told is what the process that is to be killed has to know of a Move.
type told struct {
	Root, Path, Into string
	Want             Fingerprint
	SHA256           []byte
}

func moveForTheKill(t *testing.T, text string) {
	var to told
	must(t, json.Unmarshal([]byte(text), &to))
	m := Move{Root: to.Root, Path: to.Path, Into: to.Into, Want: to.Want, SHA256: to.SHA256}
	m.Begin = func(b Begun) error {
		line, err := json.Marshal(b)
		if err == nil {
			_, err = os.Stdout.Write(append(line, '\n'))
		}
		return err
	}
	if _, err := MoveInto(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// After a power cut at any sync of a move, whoever goes on ends with one whole file.
func TestMoveGoesOnAfterAPowerCut(t *testing.T) {
	for n := 1; ; n++ {
		for _, when := range []powertest.Moment{powertest.Before, powertest.After} {
			for _, loss := range []powertest.Loss{powertest.LoseUnsynced, powertest.LoseNothing} {
				disk := powertest.Mount(t, powertest.Empty())
				plug := filepath.Join(t.TempDir(), "disk")
				must(t, os.Symlink(disk.Dir(), plug))
				f := newFilm(t, t.TempDir(), filepath.Join(plug, "Uploaded"), 100_000)
				disk.FailAt(n, when, func() {})
				_, err := MoveInto(t.Context(), f.move)
				failed := disk.Failed()
				if !failed && err != nil {
					t.Fatal(err)
				}
				again := powertest.Mount(t, disk.Image(loss, 0))
				must(t, errors.Join(os.Remove(plug), os.Symlink(again.Dir(), plug)))
				f.goOn(t)
				f.isMoved(t)
				if t.Failed() {
					t.Fatalf("power cut %s sync %d, lost: %s", when, n, loss)
				}
				if !failed {
					if n < 4 {
						t.Errorf("there were only %d syncs", n-1)
					}
					return
				}
			}
		}
	}
}

func layDown(t *testing.T, path string, data []byte, as Fingerprint) {
	t.Helper()
	at := time.Unix(0, as.ModTime)
	must(t, errors.Join(os.WriteFile(path, data, 0o600), os.Chtimes(path, at, at)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
