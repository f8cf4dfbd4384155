package cli

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/events"
	"scenario-drop/status"
)

// counting is a daemon that counts how often it is asked how things stand; so many files are
// imported then.
type counting struct {
	status.Daemon
	asked atomic.Int64
}

func (d *counting) Snapshot(context.Context) (status.Snapshot, error) {
	n := int(d.asked.Add(1))
	return status.Snapshot{Running: true, PID: 1, Counts: map[drop.State]int{drop.Imported: n}}, nil
}

// runCounting plays a daemon on a data directory until the test ends.
func runCounting(t *testing.T, dataDir string, hub *events.Hub) *counting {
	t.Helper()
	lock := flock.New(filepath.Join(dataDir, "lock"))
	locked, err := lock.TryLock()
	if err != nil || !locked {
		t.Fatal(locked, err)
	}
	if err := os.WriteFile(filepath.Join(dataDir, "lock-holder.json"), []byte(`{"pid":1,"doing":"run"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &counting{}
	s, err := status.NewServer(status.Options{Daemon: d, Events: hub, DataDir: dataDir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// However much happens, the daemon is asked how things stand four times a second at most; and
// not at all while nothing happens.
func TestFollowAsksWhenSomethingHappened(t *testing.T) {
	dataDir := t.TempDir()
	hub := events.New(events.Kept, nil)
	d := runCounting(t, dataDir, hub)
	var out strings.Builder
	a := &app{Process: Process{Stdout: &out, Stderr: &out, Getenv: os.Getenv}, out: &output{to: &out}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- a.follow(ctx, config.Located{Config: &config.Config{DataDir: dataDir}}, false) }()
	awaitReader(t, hub)
	for time.Since(began) < 2*time.Second {
		hub.Publish(drop.ItemsChanged{Count: 1})
		time.Sleep(time.Millisecond)
	}
	asked, took := d.asked.Load(), time.Since(began)
	if most := int64(took/drawApart) + 1; asked < 2 || asked > most {
		t.Errorf("asked %d times in %v, want at most %d", asked, took, most)
	}
	time.Sleep(2 * drawApart) // the last event may be told still
	asked = d.asked.Load()
	quiet := time.Now()
	time.Sleep(8 * drawApart)
	if again := d.asked.Load() - asked; again > 2+int64(time.Since(quiet)/drawAgain) {
		t.Errorf("asked %d times although nothing happened", again)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := int64(strings.Count(out.String(), " imported\n")); n != d.asked.Load() {
		t.Errorf("%d lines for %d answers:\n%s", n, d.asked.Load(), out.String())
	}
}

func awaitReader(t *testing.T, hub *events.Hub) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := hub.AwaitReader(ctx); err != nil {
		t.Fatal("nobody reads the events")
	}
}
