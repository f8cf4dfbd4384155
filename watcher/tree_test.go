//go:build !windows

package watcher

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Whatever comes as an error means that events may be missing.
func TestDrain(t *testing.T) {
	for _, err := range []error{fsnotify.ErrEventOverflow, errors.New("read: input/output error")} {
		w := &fsnotify.Watcher{Events: make(chan fsnotify.Event), Errors: make(chan error)}
		h, done := &hints{limit: 2, wake: func() {}}, make(chan struct{})
		go drain("/drop", w, h, done)
		w.Events <- fsnotify.Event{Name: "/drop/a", Op: fsnotify.Create}
		w.Errors <- err
		w.Events <- fsnotify.Event{}
		w.Events <- fsnotify.Event{Name: "/drop/a", Op: fsnotify.Write}
		w.Events <- fsnotify.Event{Name: "/drop", Op: fsnotify.Remove}
		close(w.Events)
		close(w.Errors)
		<-done
		found, lost, root := h.take()
		if !lost || !root || len(found) != 1 || found[0] != (hint{"/drop/a", true}) {
			t.Errorf("%v: %v, lost %v, root %v", err, found, lost, root)
		}
	}
}

func TestHintsAreBounded(t *testing.T) {
	h := &hints{limit: 3, wake: func() {}}
	for i := range 100 {
		h.put(fmt.Sprint(i), false)
		if len(h.order) > 3 || len(h.index) > 3 {
			t.Fatalf("%d hints are kept", len(h.order))
		}
	}
	if _, lost, _ := h.take(); !lost {
		t.Error("hints were dropped and no scan is asked for")
	}
	h.put("x", false)
	if found, lost, _ := h.take(); lost || len(found) != 1 {
		t.Errorf("after that: %v, %v", found, lost)
	}
}

// Directories are made, renamed, moved and deleted in a jumble, with files in them. In
// the end every file that is there has been found, and so is one that comes afterwards
// in any directory.
func TestJumbleOfDirectories(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir, sink := t.TempDir(), newRecorder()
			start(t, tuned(t, sink, quick(dir)))
			rnd := rand.New(rand.NewPCG(seed, 1))
			for i := range 400 {
				jumble(t, rnd, dir, i)
				if rnd.IntN(20) == 0 {
					time.Sleep(time.Duration(rnd.IntN(40)) * time.Millisecond)
				}
			}
			dirs := walk(t, dir, true)
			for _, path := range walk(t, dir, false) {
				eventually(t, path, func() bool { return sink.isReady(path) })
			}
			time.Sleep(time.Second) // until only events tell
			for _, sub := range dirs {
				write(t, filepath.Join(sub, "last.txt"), []byte("x"))
			}
			for _, sub := range dirs {
				eventually(t, sub+"/last.txt", func() bool { return sink.isReady(filepath.Join(sub, "last.txt")) })
			}
		})
	}
}

func jumble(t *testing.T, rnd *rand.Rand, root string, i int) {
	t.Helper()
	dirs := walk(t, root, true)
	pick := func() string { return dirs[rnd.IntN(len(dirs))] }
	var err error
	switch rnd.IntN(10) {
	case 0, 1, 2:
		err = os.MkdirAll(filepath.Join(pick(), fmt.Sprint(rnd.IntN(4)), fmt.Sprint(rnd.IntN(4))), 0o755)
	case 3, 4, 5, 6:
		err = os.WriteFile(filepath.Join(pick(), fmt.Sprintf("%d.txt", i)), []byte("x"), 0o644)
	case 7, 8: // fails where the target is inside, or not empty
		_ = os.Rename(pick(), filepath.Join(pick(), fmt.Sprint(rnd.IntN(4))))
	case 9:
		if path := pick(); path != root && rnd.IntN(4) == 0 {
			err = os.RemoveAll(path)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func walk(t *testing.T, root string, dirs bool) (out []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() == dirs {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
