package uploader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/standin"
	"scenario-drop/uploader/guard"
)

type testbedOptions struct {
	standin.Options
	rule      func(*Rule)
	bandwidth int64 // bytes a second; 0: no limit
}

// testbed is an Uploader with a real ledger, files and a stand-in, and no watcher.
type testbed struct {
	t      *testing.T
	server *standin.Server
	ledger *ledger.Ledger
	dir    string
	rule   Rule
	limit  func(time.Time) guard.Limit
	now    *Uploader // the one that runs
	stop   func()    // ends the uploader that runs, as a restart does
}

func newTestbed(t *testing.T, o testbedOptions) *testbed {
	t.Helper()
	o.ImportDelay = -1
	d := &testbed{t: t, server: standintest.Start(t, o.Options), dir: t.TempDir(), stop: func() {}}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	d.ledger = l
	t.Cleanup(func() {
		d.stop()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.SetDoubt(t.Context(), ledger.Doubt{}); err != nil {
		t.Fatal(err)
	}
	d.rule = Rule{Root: d.dir, Kind: "image", Versions: true}
	if o.bandwidth > 0 {
		d.limit = func(time.Time) guard.Limit { return guard.Limit{Rate: o.bandwidth} }
	}
	if o.rule != nil {
		o.rule(&d.rule)
	}
	return d
}

func (d *testbed) uploader() *Uploader {
	d.t.Helper()
	api, err := scenario.New(scenario.Options{BaseURL: d.server.BaseURL(), Key: d.server.Key(), Secret: d.server.Secret()})
	if err != nil {
		d.t.Fatal(err)
	}
	storage := scenario.NewStorage(scenario.StorageOptions{})
	d.t.Cleanup(api.CloseIdleConnections)
	d.t.Cleanup(storage.CloseIdleConnections)
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return New(Options{Ledger: d.ledger, API: api, Storage: storage, Scope: "host#project", Log: log,
		Settings: Settings{Rules: map[string]Rule{d.dir: d.rule}, Bandwidth: d.limit}})
}

// run starts an uploader, as a restart after a crash does.
func (d *testbed) run() {
	d.t.Helper()
	d.stop()
	if err := d.ledger.ReleaseAll(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	u := d.uploader()
	d.now = u
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	d.stop = func() {
		d.stop = func() {}
		cancel()
		if err := <-ended; err != nil {
			d.t.Error(err)
		}
	}
}

// save writes a file and admits it.
func (d *testbed) save(name string, data []byte) (sum string) {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		d.t.Fatal(err)
	}
	fp, _, err := file.Lstat(d.dir, path)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.ledger.Admit(d.t.Context(), []ledger.Sighting{{Root: d.dir, Path: path, Fingerprint: fp, State: drop.Queued}}); err != nil {
		d.t.Fatal(err)
	}
	if d.now != nil {
		d.now.Wake()
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// item returns the newest item of a file.
func (d *testbed) item(name string) ledger.Item {
	d.t.Helper()
	it, err := d.ledger.Find(d.t.Context(), filepath.Join(d.dir, name))
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		d.t.Fatal(err)
	}
	return it
}

// rests waits until a file's newest item is in a state.
func (d *testbed) rests(name string, state drop.State) ledger.Item {
	d.t.Helper()
	var it ledger.Item
	d.until(func() bool { it = d.item(name); return it.State == state }, func() string {
		return fmt.Sprintf("%s is %s (%s: %s) in place of %s", name, it.State, it.Reason, it.Detail, state)
	})
	return it
}

func (d *testbed) until(holds func() bool, instead func() string) {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.t.Fatal("still not: ", instead())
		}
	}
}

// holds asserts that Scenario holds each content once, and nothing else.
func (d *testbed) holds(sums ...string) {
	d.t.Helper()
	held := d.server.Account().BySHA256()
	for _, sum := range sums {
		if n := len(held[sum]); n != 1 {
			d.t.Errorf("content %s is %d assets, want 1", sum[:12], n)
		}
		delete(held, sum)
	}
	for _, all := range held {
		d.t.Errorf("Scenario holds %q, which nobody sent so", all[0].Name)
	}
}

// png is n bytes that pass for a PNG.
func png(n int, seed uint64) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), noise(n, seed)...)
}

// asked is how often an op was asked for since.
func (d *testbed) asked(op string, before map[string]int) int {
	return d.server.Account().Requests[op] - before[op]
}
