package service

import (
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/uploader"
)

// otherComputer is the same studio seen from another computer: the same folders and account,
// with a data directory of its own.
func (s *studio) otherComputer() *studio {
	other, config := *s, *s.config
	config.DataDir = filepath.Join(s.t.TempDir(), "data")
	other.config = &config
	return &other
}

// What another computer sent of a share is told by its bytes, also where it was saved after
// the start: it is one asset, and the other file of that name and size another.
func TestTwoComputersOnOneShare(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Share")
	s.twoComputers(func(d *Daemon) {
		d.engine.remake(func(o *uploader.Options) { o.Shared = func(string) bool { return true } })
	})
}

func (s *studio) twoComputers(before ...func(*Daemon)) {
	t := s.t
	t.Helper()
	other := s.otherComputer()
	// The other computer is there before the files, and is slower.
	d, stop := other.run(append(before, func(d *Daemon) {
		if err := d.Pause(t.Context(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	})...)
	sums := []string{s.save(noise(1000, 1), "Share", "a", "albedo.png"), s.save(noise(400_000, 2), "Share", "large.png")}
	if res := s.once(); res.Counts[drop.Imported] != 2 {
		t.Fatalf("%+v", res)
	}
	one := s.exactlyOnce(sums...)
	sums = append(sums, s.save(noise(1000, 3), "Share", "b", "albedo.png"))
	if err := d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if it := other.await(drop.Imported, "Share", "a", "albedo.png"); it.Asset != one[sums[0]].ID {
		t.Errorf("on the other computer it is %s, want %s", it.Asset, one[sums[0]].ID)
	}
	if it := other.await(drop.Imported, "Share", "large.png"); it.Asset != one[sums[1]].ID {
		t.Errorf("on the other computer it is %s, want %s", it.Asset, one[sums[1]].ID)
	}
	other.await(drop.Imported, "Share", "b", "albedo.png")
	stop()
	s.exactlyOnce(sums...)
	// And back.
	if res := s.once(); res.Counts[drop.Imported] != 1 || res.NeedDecision != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sums...)
}
