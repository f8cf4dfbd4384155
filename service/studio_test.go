package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

func TestMain(m *testing.M) {
	// Most of these tests wait, for a backoff or a server, and hardly use a processor.
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// studio is a stand-in for Scenario, and a config that watches folders for it.
type studio struct {
	t      *testing.T
	server *standin.Server
	config *config.Config
	dir    string
	logger *slog.Logger // nil: what is logged is only seen with -v
}

// newStudio starts a stand-in and makes a config with the folders named, of kind image
// and finished as soon as no program has them open.
func newStudio(t *testing.T, o standin.Options, folders ...string) *studio {
	t.Helper()
	if o.MinPartSize == 0 {
		o.MinPartSize = standin.DefaultMinPartSize
	}
	server := standintest.Start(t, o)
	s := &studio{t: t, server: server, config: config.Default(), dir: t.TempDir()}
	s.config.DataDir = filepath.Join(s.dir, "data")
	s.config.Scenario = config.Scenario{BaseURL: server.BaseURL(), Credentials: config.Credentials{Key: server.Key(), Secret: server.Secret()}}
	s.config.Status.Listen = ""
	for _, name := range folders {
		w := config.DefaultWatch(filepath.Join(s.dir, name))
		w.Kind, w.OtherKinds = "image", "send" // whatever a test saves goes
		w.SettleAuto, w.Settle = false, 0
		w.VersionInterval = 0 // but for tests of that
		if err := os.MkdirAll(w.Path, 0o755); err != nil {
			t.Fatal(err)
		}
		s.config.Watches = append(s.config.Watches, w)
	}
	return s
}

func (s *studio) log() *slog.Logger {
	if s.logger != nil {
		return s.logger
	}
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// path returns where a file of a folder is.
func (s *studio) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// save writes a file as a program saves it, and returns the SHA-256 of its bytes in
// hex.
func (s *studio) save(data []byte, parts ...string) string {
	s.t.Helper()
	path := s.path(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (s *studio) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// once runs a single pass.
func (s *studio) once() Result {
	s.t.Helper()
	res, err := Once(s.t.Context(), s.config, s.log(), nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.ScanProblem != nil {
		s.t.Fatal(res.ScanProblem)
	}
	return res
}

// run runs a daemon until the test ends or stop is called; before is called with it first.
func (s *studio) run(before ...func(*Daemon)) (d *Daemon, stop func()) {
	s.t.Helper()
	d, err := Open(s.t.Context(), Options{Config: s.config, Doing: "run", Log: s.log()})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, prepare := range before {
		prepare(d)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the daemon ended with: %v", err)
		}
		if err := d.Close(); err != nil {
			s.t.Errorf("close the daemon: %v", err)
		}
	}
	s.t.Cleanup(stop)
	return d, stop
}

// item returns the newest item of a file, as another process sees it.
func (s *studio) item(parts ...string) (ledger.Item, error) {
	l, err := ledger.OpenReadOnly(s.t.Context(), LedgerPath(s.config.DataDir))
	if err != nil {
		return ledger.Item{}, err
	}
	defer l.Close()
	return l.Find(s.t.Context(), s.path(parts...))
}

// await waits until the newest item of a file is in a state.
func (s *studio) await(state drop.State, parts ...string) ledger.Item {
	s.t.Helper()
	var it ledger.Item
	var err error
	s.until(fmt.Sprintf("%v is %s", parts, state), func() bool {
		it, err = s.item(parts...)
		return err == nil && it.State == state
	}, func() string { return fmt.Sprintf("it is %q (%s %s), %v", it.State, it.Reason, it.Detail, err) })
	return it
}

// until waits for a condition, for as long as the slowest machine may take.
func (s *studio) until(what string, holds func() bool, instead func() string) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("still not: %s; %s", what, instead())
		}
	}
}

// exactlyOnce asserts that Scenario holds each content once and nothing else, and that
// nothing was done that a client must never do.
func (s *studio) exactlyOnce(sums ...string) map[string]standin.Entity {
	s.t.Helper()
	account := s.server.Account()
	held := account.BySHA256()
	one := map[string]standin.Entity{}
	for _, sum := range sums {
		if n := len(held[sum]); n != 1 {
			s.t.Errorf("content %s is %d assets, want 1", sum[:12], n)
			continue
		}
		one[sum] = held[sum][0]
		delete(held, sum)
	}
	for sum, all := range held {
		if _, wanted := one[sum]; !wanted {
			s.t.Errorf("Scenario holds %q, which nobody sent so", all[0].Name)
		}
	}
	for _, v := range account.Violations {
		s.t.Errorf("violation: %s: %s", v.Kind, v.Detail)
	}
	return one
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	rand.NewChaCha8(key).Read(b)
	return b
}
