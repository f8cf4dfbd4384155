package uploader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// answers is a network without a wire.
type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// foldedLog is the daemon's log, in memory, until the test ends.
func foldedLog(t *testing.T) (*slog.Logger, *logtest.Buffer) {
	t.Helper()
	text := &logtest.Buffer{}
	f := logging.NewDeduplicator(slog.NewTextHandler(text, nil), time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return slog.New(f), text
}

// Hours of a server that is down, or has a fault, with 200 files waiting: the requests, the
// log and what is remembered are bounded, and every file still waits. All timers are
// virtual; the ledger and the files are real.
func TestHoursOfTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		answer       answers
		mostRequests int64
		mostLines    int
	}{
		"no network": {func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }, int64(hours/time.Minute)*4 + 100, 40},
		"server fault": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
		}, int64(hours/time.Minute)*2 + 100, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const files = 200
				dir := t.TempDir()
				l, err := ledger.Open(t.Context(), filepath.Join(dir, "ledger.db"), nil)
				if err != nil {
					t.Fatal(err)
				}
				var seen []ledger.Observation
				for i := range files {
					path := filepath.Join(dir, fmt.Sprintf("%d.png", i))
					if err := os.WriteFile(path, noise(1000+i, uint64(i)), 0o644); err != nil {
						t.Fatal(err)
					}
					fp, _, err := file.Lstat(dir, path)
					if err != nil {
						t.Fatal(err)
					}
					seen = append(seen, ledger.Observation{Root: dir, Path: path, Fingerprint: fp, State: drop.Queued})
				}
				if _, err := l.Admit(t.Context(), seen); err != nil {
					t.Fatal(err)
				}
				var requests atomic.Int64
				counted := answers(func(r *http.Request) (*http.Response, error) {
					requests.Add(1)
					return test.answer(r)
				})
				api, err := scenario.New(scenario.Options{BaseURL: "http://127.0.0.1:1/v1", Key: "k", Secret: "s", Transport: counted})
				if err != nil {
					t.Fatal(err)
				}
				log, text := foldedLog(t)
				u := New(Options{Ledger: l, API: api, Storage: scenario.NewStorage(scenario.StorageOptions{Transport: counted}), Scope: "x",
					Settings: Settings{Rules: map[string]Rule{dir: {Root: dir, Kind: "image"}}}, Log: log})
				ctx, cancel := context.WithTimeout(t.Context(), hours)
				defer cancel()
				if err := u.Run(ctx); err != nil {
					t.Fatal(err)
				}
				counts, err := l.Counts(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				waiting := 0
				for state, n := range counts {
					if state.Active() {
						waiting += n
					}
				}
				lines := strings.Count(text.String(), "\n")
				t.Logf("%d requests, %d lines, %d files remembered as put off", requests.Load(), lines, len(u.postponed.times))
				if waiting != files {
					t.Errorf("the files are %v", counts)
				}
				if requests.Load() > test.mostRequests || requests.Load() < 20 {
					t.Errorf("there were %d requests", requests.Load())
				}
				if lines == 0 || lines > test.mostLines {
					t.Errorf("there are %d lines:\n%s", lines, text)
				}
				if n := len(u.progress.now); n != 0 {
					t.Errorf("%d files are shown as on their way", n)
				}
				if n := len(u.postponed.times); n > files {
					t.Errorf("%d files are remembered as put off", n)
				}
			})
		})
	}
}

// What is remembered of files put off is bounded, and ends with them.
func TestPutOffs(t *testing.T) {
	p := newPostponements()
	for i := range int64(3 * maxPostponements) {
		p.count(i)
		if n := p.count(i); n != 2 {
			t.Fatalf("the second time is %d", n)
		}
	}
	if n := len(p.times); n > maxPostponements {
		t.Errorf("%d files are remembered", n)
	}
	if n := p.over(3*maxPostponements - 1); n != 2 {
		t.Errorf("it was put off %d times", n)
	}
	if n := p.over(3*maxPostponements - 1); n != 0 {
		t.Errorf("it is remembered after its end, with %d times", n)
	}
}

// The ledger's trouble is told with its end, and the end only once.
func TestLedgerTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := foldedLog(t)
		l := &ledgerTrouble{log: log, now: time.Now}
		l.works()
		for range 3 {
			l.failed(errors.New("disk full"))
			time.Sleep(time.Second)
		}
		l.works()
		l.works()
		got := text.String()
		if strings.Count(got, "\n") != 2 || !strings.Contains(got, `msg="the local database can be used again" failure=ledger after=3s tries=3`) {
			t.Errorf("the log is\n%s", got)
		}
	})
}

// A loop that has nothing to do while others have checks the ledger less and less often, and
// at once when something happens.
func TestIdleChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l, err := ledger.Open(t.Context(), filepath.Join(dir, "ledger.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		seen := ledger.Observation{Root: dir, Path: filepath.Join(dir, "a.png"), Fingerprint: file.Fingerprint{Size: 1}, State: drop.Queued}
		if _, err := l.Admit(t.Context(), []ledger.Observation{seen}); err != nil {
			t.Fatal(err)
		}
		u := New(Options{Ledger: l, Log: slog.New(slog.DiscardHandler)})
		wake := make(chan struct{}, 1)
		in := idlePolls{min: dueEvery}
		look := func() time.Duration {
			start := time.Now()
			u.idler.idle(t.Context(), true, &in, wake, nil)
			return time.Since(start)
		}
		for _, want := range []time.Duration{100, 200, 400, 800, 1600, 2000, 2000} {
			if got := look(); got != want*time.Millisecond {
				t.Errorf("waited %v, want %d ms", got, want)
			}
		}
		wake <- struct{}{}
		if got := look(); got != 0 {
			t.Errorf("waited %v though woken", got)
		}
		if got := look(); got != 100*time.Millisecond {
			t.Errorf("after that waited %v", got)
		}
	})
}
