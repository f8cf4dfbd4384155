package watcher

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
)

// noter is a sink that knows which files were there before, by their names.
type noter struct {
	*recorder
	mu    sync.Mutex
	old   map[string]bool
	fails int // so many calls yet
	asked int
	done  []string
}

func (n *noter) Existing(_ context.Context, found []Candidate) ([]bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asked++; n.fails > 0 {
		n.fails--
		return nil, errors.New("the disk is full")
	}
	is := make([]bool, len(found))
	for i, c := range found {
		is[i] = n.old[filepath.Base(c.Path)]
	}
	return is, nil
}

func (n *noter) ExistingDone(_ context.Context, _, existing string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.done = append(n.done, existing)
	return nil
}

// Files that were there before are neither opened nor handed on, also if the sink cannot note them at first:
// no file is taken for a new one meanwhile.
func TestExistingIsLeftAlone(t *testing.T) {
	for _, fails := range []int{0, 2} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "old.txt"), []byte("old"))
		write(t, filepath.Join(dir, "empty.txt"), nil)
		write(t, filepath.Join(dir, "new.txt"), []byte("new"))
		n := &noter{recorder: newRecorder(), old: map[string]bool{"old.txt": true, "empty.txt": true}, fails: fails}
		w := New(Options{Folders: []Folder{{Path: dir, Recursive: true, Existing: "rules"}}, Sink: n, Existing: n})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		eventually(t, "the new file is ready", func() bool { return n.isReady(filepath.Join(dir, "new.txt")) })
		eventually(t, "the scan is told of", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.done) > 0 && n.done[0] == "rules" })
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n.isReady(filepath.Join(dir, "old.txt")) || n.reason(filepath.Join(dir, "empty.txt")) != "" || n.asked <= fails {
			t.Errorf("ready %v, held %v, asked %d times", n.ready, n.held, n.asked)
		}
	}
}
