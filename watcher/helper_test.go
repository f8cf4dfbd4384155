package watcher

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// testLimit is how long a test waits for what must come.
const testLimit = 20 * time.Second

// recorder is a sink that remembers like a ledger: what was ready is known from then on.
type recorder struct {
	mu      sync.Mutex
	ready   map[string]int // how often, by path
	held    map[string]Held
	known   map[string]map[string]file.Fingerprint
	lookups int
	batches []int
	fail    error // what every call fails with
}

func newRecorder() *recorder {
	return &recorder{ready: map[string]int{}, held: map[string]Held{}, known: map[string]map[string]file.Fingerprint{}}
}

func (r *recorder) Known(_ context.Context, dir string) (map[string]file.Fingerprint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookups++
	if r.fail != nil {
		return nil, r.fail
	}
	out := make(map[string]file.Fingerprint, len(r.known[dir]))
	for name, fp := range r.known[dir] {
		out[name] = fp
	}
	return out, nil
}

func (r *recorder) Ready(_ context.Context, found []Candidate) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	r.batches = append(r.batches, len(found))
	for _, c := range found {
		r.ready[c.Path]++
		delete(r.held, c.Path)
		dir, name := filepath.Split(c.Path)
		dir = filepath.Clean(dir)
		if r.known[dir] == nil {
			r.known[dir] = map[string]file.Fingerprint{}
		}
		r.known[dir][name] = c.Fingerprint
	}
	return nil
}

func (r *recorder) Held(_ context.Context, h Held) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	r.held[h.Path] = h
	return nil
}

func (r *recorder) setFail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

func (r *recorder) isReady(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready[path] > 0
}

func (r *recorder) reason(path string) drop.Reason {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[path].Reason
}

// paths are those ready so far, relative to dir, sorted.
func (r *recorder) paths(dir string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []string{}
	for path := range r.ready {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			rel = path
		}
		out = append(out, filepath.ToSlash(rel))
	}
	slices.Sort(out)
	return out
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(testLimit); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("did not come about: %s", what)
		}
	}
}

// quick is a folder whose files settle soon.
func quick(path string) Folder {
	return Folder{Path: path, Recursive: true, Settle: 50 * time.Millisecond}
}

// tuned makes a watcher with short times.
func tuned(t *testing.T, sink Sink, folders ...Folder) *Watcher {
	t.Helper()
	w := New(Options{Folders: folders, Sink: sink, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
		Patience: 300 * time.Millisecond})
	w.limits.heartbeat, w.limits.again = 100*time.Millisecond, 100*time.Millisecond
	return w
}

// start runs a watcher until the test ends, and waits for its first scans.
func start(t *testing.T, w *Watcher) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	eventually(t, "the first scans", func() bool {
		for _, s := range w.Folders() {
			if s.LastScan.IsZero() && s.Err == "" {
				return false
			}
		}
		return true
	})
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// drawing is a whole, valid PNG.
func drawing(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var errSink = errors.New("the local database's disk is full")
