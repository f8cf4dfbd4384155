package service

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/logging"
	"scenario-drop/standin"
)

// The quick form of the soak: some seconds of everything at once.
func TestSoakQuick(t *testing.T) { soak(t, 6*time.Second) }

// soaking is a daemon under a load of everything that happens in a studio within months,
// in the time of a test.
type soaking struct {
	t      *testing.T
	server *apart
	rng    *rand.Rand
	dir    string
	conf   string
	data   string
	logged atomic.Int64 // bytes
	daemon *Daemon

	made  uint64            // contents
	live  []string          // files that are there
	holds map[string]uint64 // which content each has
	bad   []string          // files that are cut off
	done  map[string]int    // actions
}

// sample is what the process and its files hold at one moment.
type sample struct {
	goroutines, descriptors int
	heap, resident          float64 // MB, after a collection; resident is what only Linux tells
	wal, log                float64 // MB; log: written since the sample before
	perContent              float64 // bytes of the ledger for each content
}

// soak works for so long and asserts that nothing grows from the second quarter of the
// time to the last, and that every content then is at Scenario exactly once.
func soak(t *testing.T, long time.Duration) {
	s := startSoak(t)
	const samples = 40
	var taken []sample
	start := time.Now()
	s.churn(200) // something to hold
	for i := range samples {
		s.begin(i)
		for until := start.Add(long * time.Duration(i+1) / samples); time.Now().Before(until); {
			s.act()
			time.Sleep(2 * time.Millisecond)
		}
		taken = append(taken, s.sample())
	}
	s.server.clear()
	if err := s.daemon.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	quarter := samples / 4
	early, late := median(taken[quarter:2*quarter]), median(taken[3*quarter:])
	t.Logf("%d contents, actions %v", s.made, s.done)
	t.Logf("second quarter: %+v", early)
	t.Logf("last quarter:   %+v", late)
	for what, grown := range map[string]bool{
		"goroutines":              late.goroutines > early.goroutines*5/4+16,
		"descriptors":             late.descriptors > early.descriptors*5/4+16,
		"resident memory":         late.resident > early.resident*1.5+8,
		"heap":                    late.heap > early.heap*1.5+4,
		"write-ahead log":         late.wal > early.wal*1.5+8,
		"log":                     late.log > early.log*2+0.5,
		"ledger for each content": late.perContent > early.perContent*1.5+1000,
	} {
		if grown {
			t.Errorf("grown: %s", what)
		}
	}
	s.account()
}

func startSoak(t *testing.T) *soaking {
	t.Helper()
	s := &soaking{t: t, server: startApart(t), rng: rand.New(rand.NewPCG(1, 2)), dir: t.TempDir(), holds: map[string]uint64{}, done: map[string]int{}}
	s.conf, s.data = filepath.Join(s.dir, "config.toml"), filepath.Join(s.dir, "data")
	for i := range 20 {
		if err := os.MkdirAll(filepath.Join(s.dir, "in", fmt.Sprint(i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.edit()
	c, err := config.Load(s.conf)
	if err != nil {
		t.Fatal(err)
	}
	fold := logging.NewDeduplicator(slog.NewTextHandler(s, nil), time.Now)
	d, err := Open(t.Context(), Options{Config: c, Doing: "run", Log: slog.New(fold)})
	if err != nil {
		t.Fatal(err)
	}
	s.daemon = d
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { fold.Run(ctx) })
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Errorf("the daemon ended with: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Write takes the log.
func (s *soaking) Write(p []byte) (int, error) {
	s.logged.Add(int64(len(p)))
	return len(p), nil
}

// edit writes the config anew, as a user's edit.
func (s *soaking) edit() {
	text := fmt.Sprintf("data_dir = '%s'\n[scenario]\nbase_url = '%s'\napi_key = '%s'\napi_secret = '%s'\n[status]\nlisten = 'off'\n[upload]\nfiles_at_once = %d\n"+
		"[[watch]]\npath = '%s'\nkind = 'image'\nother_kinds = 'send'\nsettle = '0s'\nversion_interval = '0s'\ncollections = ['Soak']\non_change = 'new'\n",
		s.data, s.server.URL, s.server.Key, s.server.Secret, 8+s.done["edit"]%2*8, filepath.Join(s.dir, "in"))
	s.must(os.WriteFile(s.conf, []byte(text), 0o600))
}

func (s *soaking) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// content is the bytes of a number.
func content(n uint64) []byte { return noise(200+int(n%4000), n) }

func (s *soaking) put(path string, n uint64) {
	s.t.Helper()
	next := filepath.Join(s.dir, "next") // not watched
	s.must(os.WriteFile(next, content(n), 0o644))
	s.must(os.Rename(next, path))
	s.holds[path] = n
}

func (s *soaking) churn(n int) {
	for range n {
		s.drop()
	}
}

func (s *soaking) newPath() string {
	return filepath.Join(s.dir, "in", fmt.Sprint(s.rng.IntN(20)), fmt.Sprintf("%d.bin", s.rng.Uint64()))
}

func (s *soaking) drop() {
	s.made++
	path := s.newPath()
	s.put(path, s.made)
	s.live = append(s.live, path)
}

// take removes a file from those that are there, and returns it.
func (s *soaking) take() string {
	i := s.rng.IntN(len(s.live))
	path := s.live[i]
	s.live[i] = s.live[len(s.live)-1]
	s.live = s.live[:len(s.live)-1]
	return path
}

// begin does what happens now and then, at the start of a part of the time.
func (s *soaking) begin(part int) {
	switch part % 8 {
	case 2:
		s.done["outage"]++
		s.server.inject(standin.Fault{Do: standin.DoDrop, Times: -1})
	case 3, 7:
		s.server.clear()
	case 5:
		s.done["edit"]++
		s.edit()
	}
}

// act does one thing of many.
func (s *soaking) act() {
	what := ""
	switch n := s.rng.IntN(1000); {
	case len(s.live) > 500 || n >= 350 && n < 550 && len(s.live) > 100:
		what = "delete"
		path := s.take()
		s.must(os.Remove(path))
		delete(s.holds, path)
	case n < 550:
		what = "drop"
		s.drop()
	case n < 700:
		what = "overwrite"
		s.made++
		s.put(s.live[s.rng.IntN(len(s.live))], s.made)
	case n < 850:
		what = "rename"
		from, to := s.take(), s.newPath()
		s.must(os.Rename(from, to))
		s.holds[to] = s.holds[from]
		delete(s.holds, from)
		s.live = append(s.live, to)
	case n < 900:
		what = "copy"
		from, to := s.live[s.rng.IntN(len(s.live))], s.newPath()
		s.put(to, s.holds[from])
		s.live = append(s.live, to)
	case n < 930:
		what = "cut off"
		path := strings.TrimSuffix(s.newPath(), ".bin") + ".png"
		s.must(os.WriteFile(path, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0o644))
		if s.bad = append(s.bad, path); len(s.bad) > 20 {
			s.must(os.Remove(s.bad[0]))
			s.bad = slices.Delete(s.bad, 0, 1)
		}
	case n < 935:
		what = "fault"
		faults := []standin.Fault{
			{Op: standin.OpPart, Do: standin.DoStatus, Status: 500}, {Op: standin.OpPart, When: standin.Middle, Do: standin.DoDrop, Reset: true},
			{Op: standin.OpCreate, Do: standin.DoStatus, Status: 400}, {Op: standin.OpComplete, When: standin.After, Do: standin.DoDrop},
			{Op: standin.OpGet, Do: standin.DoGarbage}, {Do: standin.DoHTML}, {Op: standin.OpPart, Do: standin.DoStatus, Status: 403},
			{Do: standin.DoStatus, Status: 429, RetryAfter: "0"},
		}
		s.server.inject(faults[s.rng.IntN(len(faults))])
	case n < 940:
		what = "pause"
		s.must(s.daemon.Pause(s.t.Context(), time.Now().Add(100*time.Millisecond)))
	case n < 945:
		what = "retry"
		_, err := s.daemon.Retry(s.t.Context(), nil)
		s.must(err)
	default:
		what = "drop"
		s.drop()
	}
	s.done[what]++
}

func (s *soaking) sample() sample {
	s.t.Helper()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out := sample{goroutines: runtime.NumGoroutine(), heap: float64(m.HeapAlloc) / 1e6, log: float64(s.logged.Swap(0)) / 1e6}
	if all, err := os.ReadDir("/proc/self/fd"); err == nil {
		out.descriptors = len(all)
	}
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(text), "RssAnon:")
		var kib float64
		fmt.Sscan(rest, &kib)
		out.resident = kib * 1024 / 1e6
	}
	if info, err := os.Stat(LedgerPath(s.data) + "-wal"); err == nil {
		out.wal = float64(info.Size()) / 1e6
	}
	if info, err := os.Stat(LedgerPath(s.data)); err == nil {
		out.perContent = float64(info.Size()) / float64(s.made)
	}
	return out
}

func median(all []sample) sample {
	var out sample
	ints := func(of func(*sample) *int) {
		var values []int
		for i := range all {
			values = append(values, *of(&all[i]))
		}
		slices.Sort(values)
		*of(&out) = values[len(values)/2]
	}
	floats := func(of func(*sample) *float64) {
		var values []float64
		for i := range all {
			values = append(values, *of(&all[i]))
		}
		slices.Sort(values)
		*of(&out) = values[len(values)/2]
	}
	ints(func(s *sample) *int { return &s.goroutines })
	ints(func(s *sample) *int { return &s.descriptors })
	floats(func(s *sample) *float64 { return &s.heap })
	floats(func(s *sample) *float64 { return &s.resident })
	floats(func(s *sample) *float64 { return &s.wal })
	floats(func(s *sample) *float64 { return &s.log })
	floats(func(s *sample) *float64 { return &s.perContent })
	return out
}

// account waits until every file that is there is imported, and compares what Scenario
// holds with what was ever written.
func (s *soaking) account() {
	s.t.Helper()
	left := slices.Clone(s.live)
	var last string
	for deadline := time.Now().Add(3 * time.Minute); len(left) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d files are not imported; one is %s", len(left), last)
		}
		_, err := s.daemon.Retry(s.t.Context(), nil) // what failed by a fault, and what waits
		s.must(err)
		left = slices.DeleteFunc(left, func(path string) bool {
			it, err := s.daemon.ledger.Find(s.t.Context(), path)
			last = fmt.Sprintf("%s: %s %s %s %v", path, it.State, it.Reason, it.Detail, err)
			// Another name's import counts as well: what is asked below is that the content is there.
			return err == nil && it.State == drop.Imported && bytes.Equal(it.SHA256, hash(s.holds[path]))
		})
	}
	s.must(s.settledLedger())
	all := s.server.account()
	held := all.BySHA256()
	written := map[string]bool{}
	for n := uint64(1); n <= s.made; n++ {
		sum := fmt.Sprintf("%x", hash(n))
		written[sum] = true
		if len(held[sum]) > 1 {
			s.t.Errorf("content %d is %d assets", n, len(held[sum]))
		}
	}
	for path, n := range s.holds {
		if sum := fmt.Sprintf("%x", hash(n)); len(held[sum]) != 1 {
			s.t.Errorf("the content of %s is %d assets", path, len(held[sum]))
		}
	}
	for sum, e := range held {
		if !written[sum] {
			s.t.Errorf("Scenario holds %s, which nobody wrote so", e[0].Name)
		}
	}
	for _, v := range all.Violations {
		s.t.Errorf("violation: %s: %s", v.Kind, v.Detail)
	}
}

// settledLedger waits until nothing is on its way.
func (s *soaking) settledLedger() error {
	for range 600 {
		counts, err := s.daemon.ledger.Counts(s.t.Context())
		if err != nil {
			return err
		}
		n := 0
		for state, c := range counts {
			if state.Active() {
				n += c
			}
		}
		if n == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("something is still on its way after a minute")
}
