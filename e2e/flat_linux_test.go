package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/standin"
)

// The daemon's memory does not grow with the number of files.
func TestMemoryIsFlat(t *testing.T) {
	t.Parallel()
	flood(t, 2_000)
}

// use is what a process holds at one moment.
type use struct {
	private, peak float64 // MB: resident and its own; the most that was resident, the program's text included
	descriptors   int
}

func (d *daemon) use() use {
	d.t.Helper()
	var u use
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.pid()))
	if err != nil {
		d.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "RssAnon":
			fmt.Sscan(value, &kib)
			u.private = kib * 1024 / 1e6
		case "VmHWM":
			fmt.Sscan(value, &kib)
			u.peak = kib * 1024 / 1e6
		}
	}
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.pid()))
	if err != nil {
		d.t.Fatal(err)
	}
	u.descriptors = len(all)
	return u
}

// flood has the daemon send many files of 1 KiB out of a hundredth as many folders, and
// asserts that it holds no more of anything at the end than after the first fifth.
func flood(t *testing.T, files int) {
	const mostPeak, mostGrowth = 64, 12 // MB
	s := newStudio(t, standin.Options{Discard: true})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	data := noise(1024, 1)
	for i := range files {
		copy(data, fmt.Sprintf("%016d", i))
		path := s.path("Characters", fmt.Sprintf("%04d", i/100), fmt.Sprintf("%08d.png", i))
		if i%100 == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	d := s.start()
	early := s.useAt(d, files/5)
	late := s.useAt(d, files)
	t.Logf("%d files in %v; after a fifth: %+v, at the end: %+v", files, time.Since(start).Round(time.Second), early, late)
	if late.peak > mostPeak {
		t.Errorf("peak memory was %.1f MB, want at most %d", late.peak, mostPeak)
	}
	if grown := late.private - early.private; grown > mostGrowth {
		t.Errorf("memory grew by %.1f MB between the first fifth of the files and all of them", grown)
	}
	if late.descriptors > early.descriptors+8 {
		t.Errorf("%d descriptors became %d", early.descriptors, late.descriptors)
	}
	d.end()
	if n := len(s.server.Account().Uploads); n != files {
		t.Errorf("there are %d uploads of %d files", n, files)
	}
}

// useAt waits until so many files are imported, and tells what the daemon then holds.
func (s *studio) useAt(d *daemon, imported int) use {
	s.t.Helper()
	n, more := 0, time.Now()
	for deadline := time.Now().Add(2 * time.Minute); n < imported; time.Sleep(200 * time.Millisecond) {
		if d.dead() || time.Now().After(deadline) {
			s.t.Fatalf("%d of %d files are imported, and no more for two minutes since %v:\n%.2000s", n, imported, more, d.output())
		}
		before := n
		if n = s.countImported(); n > before {
			more = time.Now()
			deadline = more.Add(2 * time.Minute)
		}
	}
	return d.use()
}

// countImported asks the ledger; 0 while there is none.
func (s *studio) countImported() (n int) {
	db := s.ledger()
	defer db.Close()
	_ = db.QueryRow("SELECT count(*) FROM items WHERE state = 'imported'").Scan(&n) // it may not be there yet
	return n
}
