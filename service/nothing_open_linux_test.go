package service

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/uploader"
)

// openBelow returns the regular files below a folder that this process has open.
func openBelow(t *testing.T, folder string) (open []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	for _, link := range links {
		path, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(path, folder+"/") {
			continue
		}
		if info, err := os.Stat(link); err == nil && info.Mode().IsRegular() {
			open = append(open, path)
		}
	}
	return open
}

// While anything is waited for, no file of a watch folder is open: on Windows the artist's
// program could not save to it by a rename. Whatever a file's size, and at every step of its way.
func TestNoFileIsOpenWhileWaiting(t *testing.T) {
	t.Parallel()
	stall := func(op string) []standin.Fault {
		return []standin.Fault{{Op: op, Do: standin.DoStall, Times: -1}}
	}
	doing := func(what string) func(*studio, []uploader.Transfer) bool {
		return func(_ *studio, now []uploader.Transfer) bool {
			for _, n := range now {
				if n.Doing != what {
					return false
				}
			}
			return len(now) == 3
		}
	}
	fired := func(what string) func(*studio, []uploader.Transfer) bool {
		return func(s *studio, now []uploader.Transfer) bool {
			return doing(what)(s, now) && s.server.Account().Fired >= 3
		}
	}
	moving := func(_ *studio, now []uploader.Transfer) bool {
		for _, n := range now {
			if n.Sent == 0 || n.Sent == n.Size {
				return false
			}
		}
		return len(now) == 3
	}
	for name, c := range map[string]struct {
		faults  []standin.Fault
		edit    func(*config.Config)
		waits   func(*studio, []uploader.Transfer) bool
		reads   bool // now and then a piece is read
		endless bool
	}{
		"Scenario does not answer when an upload is made": {faults: stall(standin.OpCreate), waits: fired("reading")},
		"storage does not answer":                         {faults: stall(standin.OpPart), waits: fired("sending")},
		"storage stops taking bytes":                      {faults: []standin.Fault{{Op: standin.OpPart, Do: standin.DoStall, When: standin.Middle, Times: -1}}, waits: fired("sending")},
		"storage is gone":                                 {faults: []standin.Fault{{Op: standin.OpPart, Do: standin.DoDrop, Reset: true, Times: -1}}, waits: doing("sending")},
		"Scenario is gone":                                {faults: []standin.Fault{{Op: standin.OpCreate, Do: standin.DoDrop, Reset: true, Times: -1}}, waits: doing("reading")},
		"Scenario does not answer when it is completed":   {faults: stall(standin.OpComplete), waits: fired("finishing")},
		"the one slot is taken": {faults: []standin.Fault{{Op: standin.OpPart, Do: standin.DoStall, Times: 1}},
			edit: func(c *config.Config) { c.Upload.Connections = 1 },
			waits: func(s *studio, now []uploader.Transfer) bool {
				return doing("sending")(s, now) && s.server.Account().Fired == 1
			}},
		"the bandwidth is used up": {edit: func(c *config.Config) { c.Upload.Bandwidth = config.Constant(config.Limit{Rate: 64 << 10}) },
			waits: moving, reads: true, endless: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Drop")
			s.config.Upload.PartSize = partSize
			if c.edit != nil {
				c.edit(s.config)
			}
			for _, f := range c.faults {
				s.server.Inject(f)
			}
			d, stop := s.run()
			must(t, d.Pause(t.Context(), time.Time{}))
			var sums []string
			names := []string{"small.png", "middle.png", "large.png"}
			for i, size := range []int{200 << 10, partSize - 100, 2*partSize + 100} {
				sums = append(sums, s.save(noise(size, uint64(i)), "Drop", names[i]))
			}
			for _, name := range names {
				s.await(drop.Queued, "Drop", name)
			}
			noneOpen := func() bool { return len(openBelow(t, s.path("Drop"))) == 0 }
			s.until("none is open while all is paused", noneOpen, s.told)
			must(t, d.Resume(t.Context()))
			s.until("all are held up", func() bool { return c.waits(s, d.engine.uploader.Transfers()) }, s.told)
			clean := 0 // looks in a row that found none
			s.until("none is open while they wait", func() bool {
				if clean++; !noneOpen() {
					clean = 0
				}
				return clean == 20 || clean > 0 && c.reads
			}, func() string { return strings.Join(openBelow(t, s.path("Drop")), ", ") })
			if c.endless {
				stop()
				return
			}
			s.server.ClearFaults()
			for _, name := range names {
				s.await(drop.Imported, "Drop", name)
			}
			s.exactlyOnce(sums...)
		})
	}
}
