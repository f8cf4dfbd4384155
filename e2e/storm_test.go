package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario-drop/standin"
)

// storm is writers at work while the daemon is killed again and again.
type storm struct {
	*studio
	mu   sync.Mutex
	ever map[string]bool // every content that a file ever had, by SHA-256
	away map[string]bool // those of files that are to be moved away
}

// The daemon is killed at random moments while files are written, written over, renamed,
// copied and moved away. In the end Scenario holds every content that is on the disk
// exactly once, and nothing that never was a file's whole content.
func TestKilledInAStorm(t *testing.T) { killInAStorm(t, 14, 1) }

func killInAStorm(t *testing.T, kills int, seed uint64) {
	t.Logf("seed %d", seed)
	s := &storm{studio: newStudio(t, standin.Options{ImportDelay: 20 * time.Millisecond}), ever: map[string]bool{}, away: map[string]bool{}}
	s.configure("part_size = '5MiB'", map[string]string{
		"Characters": "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Characters']",
		"Props":      "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Props']",
		"Done":       "kind = 'model'\nsettle = '0s'\ncollections = ['Models']\nafter_upload = 'move'\nmove_to = 'Uploaded'",
	})
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for n := range 3 {
		writing.Go(func() { s.writer(n, rand.New(rand.NewPCG(seed, uint64(n))), stop) })
	}
	rng := rand.New(rand.NewPCG(seed, 1000))
	for n := range kills {
		s.killSoon(rng, n%2 == 0)
	}
	close(stop)
	writing.Wait()
	if t.Failed() {
		return
	}

	final := s.final()
	last := s.start()
	s.drained(last, final)
	s.settled(last)
	s.moved(last)
	s.counted(s.final())
	last.kill()
	s.intact()
	account := s.server.Account()
	t.Logf("%d contents on the disk at the end, %d ever; %d assets of %d uploads", len(final), len(s.ever), len(account.Assets)+len(account.Models), len(account.Uploads))
}

// killSoon starts the daemon and kills it: after a random time, or at a random moment
// of one of its next requests, when most can go wrong.
func (s *storm) killSoon(rng *rand.Rand, atRequest bool) {
	d := s.start()
	fired := s.server.Account().Fired
	wait := time.Duration(20+rng.IntN(500)) * time.Millisecond
	if atRequest {
		when := []string{standin.Before, standin.Middle, standin.After}[rng.IntN(3)]
		s.server.Inject(standin.Fault{When: when, Skip: rng.IntN(80), Do: standin.DoCall, Call: d.signalKill})
		wait = 2 * time.Second
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.ended:
		if s.server.Account().Fired == fired {
			s.t.Errorf("the daemon died by itself:\n%s", d.output())
		}
	}
	s.server.ClearFaults()
	d.kill()
}

// writer does one thing after another to files of its own until it is to stop.
func (s *storm) writer(number int, rng *rand.Rand, stop <-chan struct{}) {
	var files []string
	names := 0
	name := func(dir, ext string) string {
		names++
		return s.path(dir, fmt.Sprintf("%d-%d%s", number, names, ext))
	}
	for {
		timer := time.NewTimer(time.Duration(rng.IntN(60)) * time.Millisecond)
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		do := rng.IntN(100)
		pick := func() int { return rng.IntN(len(files)) }
		switch {
		case len(files) == 0 || do < 30: // a new file
			files = append(files, name("Characters", ".png"))
			s.write(files[len(files)-1], s.content(rng, false), nil)
		case do < 45: // written over in place
			s.write(files[pick()], s.content(rng, false), nil)
		case do < 60: // saved beside and renamed into place
			path := files[pick()]
			s.write(path+".tmp", s.content(rng, false), func(tmp string) error { return os.Rename(tmp, path) })
		case do < 72: // renamed
			i := pick()
			to := name("Props", ".png")
			s.must(os.Rename(files[i], to))
			files[i] = to
		case do < 84: // copied
			data, err := os.ReadFile(files[pick()])
			s.must(err)
			files = append(files, name("Props", ".png"))
			s.write(files[len(files)-1], data, nil)
		default: // written beside the folder and moved in, to be moved away
			tmp := name("", ".writing")
			s.write(tmp, s.content(rng, true), func(tmp string) error { return os.Rename(tmp, name("Done", ".bin")) })
		}
	}
}

// content makes bytes that no file has had, of several parts now and then.
func (s *storm) content(rng *rand.Rand, away bool) []byte {
	size := 200 + rng.IntN(5000)
	if rng.IntN(25) == 0 {
		size += partSize
	}
	data := noise(size, rng.Uint64())
	copy(data, fmt.Sprintf("%016x", rng.Uint64()))
	sum := sha256.Sum256(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ever[hex.EncodeToString(sum[:])] = true
	if away {
		s.away[hex.EncodeToString(sum[:])] = true
	}
	return data
}

func (s *storm) write(path string, data []byte, then func(path string) error) {
	s.must(os.WriteFile(path, data, 0o644))
	if then != nil {
		s.must(then(path))
	}
}

func (s *storm) must(err error) {
	if err != nil {
		s.t.Error(err)
	}
}

// final returns the contents that are in the watch folders now, each once.
func (s *storm) final() []string {
	s.t.Helper()
	sums := map[string]bool{}
	for _, dir := range []string{"Characters", "Props", "Done"} {
		err := filepath.WalkDir(s.path(dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			sum := sha256.Sum256(data)
			sums[hex.EncodeToString(sum[:])] = true
			return err
		})
		if err != nil && !os.IsNotExist(err) { // one was moved away in the midst
			s.t.Fatal(err)
		}
	}
	return slices.Sorted(maps.Keys(sums))
}

// drained waits until Scenario holds all contents. A storm leaves much to be done: the
// limit is for each step forward.
func (s *storm) drained(d *daemon, sums []string) {
	s.t.Helper()
	missing := func() (n int) {
		held := s.server.Account().BySHA256()
		for _, sum := range sums {
			if len(held[sum]) == 0 {
				n++
			}
		}
		return n
	}
	for left := missing(); left > 0; left = missing() {
		until(s.t, "there is progress", func() bool { return missing() < left || d.dead() },
			func() string { return fmt.Sprintf("%d of %d are missing\n%s", left, len(sums), d.output()) })
		if d.dead() {
			s.t.Fatalf("the daemon died:\n%s", d.output())
		}
	}
}

// moved waits until every file that is to be moved away is, each once.
func (s *storm) moved(d *daemon) {
	s.t.Helper()
	left := func() []string {
		names, err := filepath.Glob(s.path("Done", "*.bin"))
		s.must(err)
		return names
	}
	until(s.t, "all is moved away", func() bool { return len(left()) == 0 || d.dead() }, func() string { return strings.Join(left(), "\n") + "\n" + d.output() })
	there := map[string]int{}
	names, err := filepath.Glob(s.path("Done", "Uploaded", "*"))
	s.must(err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		s.must(err)
		sum := sha256.Sum256(data)
		there[hex.EncodeToString(sum[:])]++
	}
	for sum := range s.away {
		if there[sum] != 1 {
			s.t.Errorf("of %s, which was to be moved away, there are %d files", sum[:12], there[sum])
		}
	}
}

// counted asserts that Scenario holds the contents on the disk, no content twice, and
// nothing that was never a file's whole content.
func (s *storm) counted(final []string) {
	s.t.Helper()
	account := s.server.Account()
	held := account.BySHA256()
	for _, sum := range final {
		if len(held[sum]) == 0 {
			s.t.Errorf("Scenario does not hold %s, which is on the disk", sum[:12])
		}
	}
	for sum, all := range held {
		if len(all) != 1 {
			s.t.Errorf("Scenario holds %s (%s) %d times", sum[:12], all[0].Name, len(all))
		}
		if !s.ever[sum] {
			s.t.Errorf("Scenario holds %s (%s), which was never a file", sum[:12], all[0].Name)
		}
	}
	for _, v := range account.Violations {
		s.t.Errorf("violation: %s: %s", v.Kind, v.Detail)
	}
}
