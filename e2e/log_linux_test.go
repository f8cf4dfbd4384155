package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario-drop/standin"
)

// A full disk below the ledger is one line for each who notices, and one when there is
// room again, however often it is tried in between; no file is named for it.
func TestLogOfAFullDisk(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", s.data, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		t.Skipf("no small disk can be had: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(s.data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	d := s.start()
	t.Cleanup(d.kill)
	first := s.save(noise(1000, 1), "Characters", "first.png")
	s.imported(d, first)
	s.settled(d)
	filler := filepath.Join(s.data, "filler")
	fillUp(t, filler)
	sums := []string{first}
	for i := range 100 {
		sums = append(sums, s.save(noise(1000+i, uint64(i+2)), "Characters", fmt.Sprintf("%d.png", i)))
	}
	until(t, "the trouble is told", func() bool { return strings.Contains(d.output(), "cannot be handed on") }, d.output)
	time.Sleep(3 * time.Second) // for what repeats
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.imported(d, sums...)
	s.settled(d)
	log := d.end()
	got := logged(t, log)
	for message, most := range map[string]int{"the finds cannot be handed on; trying again": 2, "the finds can be handed on again": 1,
		"the local database cannot be used; nothing is lost, and work resumes automatically when it can": 2, "the local database can be used again": 1, "file postponed": 0} {
		if got[message] > most {
			t.Errorf("%d lines %q", got[message], message)
		}
	}
	if got["the finds can be handed on again"] != 1 || got["imported"]+got["imported after N failures"] != 101 {
		t.Errorf("%v\n%s", got, log)
	}
	s.exactlyOnce(sums...)
}

// fillUp writes a file until the disk is full.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}
