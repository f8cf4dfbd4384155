package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
	"scenario-drop/uploader"
)

func TestProgressed(t *testing.T) {
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	transfer := func(item, sent int64) uploader.Transfer {
		return uploader.Transfer{Item: item, Path: "/w/a.mov", Size: 1000, Sent: sent, Doing: "sending", Started: at}
	}
	var seen map[int64]transferSeen
	for _, step := range []struct {
		name  string
		after time.Duration
		now   []uploader.Transfer
		want  []drop.TransferProgress
	}{
		{"new, and half sent before a restart", 0, []uploader.Transfer{transfer(1, 500)}, []drop.TransferProgress{{Item: 1, Sent: 500, Size: 1000, Doing: "sending"}}},
		{"nothing sent", time.Second, []uploader.Transfer{transfer(1, 500)}, nil},
		{"sent", 4 * time.Second, []uploader.Transfer{transfer(1, 800), transfer(2, 0)},
			[]drop.TransferProgress{{Item: 1, Sent: 800, Size: 1000, Rate: 100, Doing: "sending"}, {Item: 2, Size: 1000, Doing: "sending"}}},
		{"a part again", 10 * time.Second, []uploader.Transfer{transfer(1, 700), transfer(2, 0)}, []drop.TransferProgress{{Item: 1, Sent: 700, Size: 1000, Doing: "sending"}}},
		{"ended", 11 * time.Second, nil, nil},
	} {
		var got []drop.TransferProgress
		got, seen = progressed(seen, step.now, at.Add(step.after))
		if !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
		if len(seen) != len(step.now) {
			t.Errorf("%s: %d are kept of %d", step.name, len(seen), len(step.now))
		}
	}
}

// listener hears what a daemon tells.
type listener struct {
	t     *testing.T
	mu    sync.Mutex
	all   []drop.EventData
	ended chan error
}

func (s *studio) listen() *listener {
	s.t.Helper()
	l := &listener{t: s.t, ended: make(chan error, 1)}
	begun := make(chan struct{}, 1)
	var c *status.Client
	s.until("the daemon is reached", func() (ok bool) {
		var err error
		c, err = status.Dial(s.config.DataDir)
		return err == nil
	}, func() string { return "" })
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	go func() {
		l.ended <- c.Follow(ctx, 0, func(h status.Heard) error {
			if h.Lost {
				return errors.New("events were lost")
			}
			if h.Event.Data == nil {
				begun <- struct{}{}
				return nil
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.all = append(l.all, h.Event.Data)
			return nil
		})
	}()
	select {
	case <-begun:
	case err := <-l.ended:
		s.t.Fatal(err)
	}
	return l
}

// until waits until an event fits, and returns all up to now.
func (l *listener) until(s *studio, what string, fits func(drop.EventData) bool) []drop.EventData {
	s.t.Helper()
	var all []drop.EventData
	s.until(what, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		all = slices.Clone(l.all)
		return slices.ContainsFunc(all, fits)
	}, func() string { return fmt.Sprintf("%+v", all) })
	return all
}

// What happens to a file is told move by move, with its progress in between; and what becomes of
// the folders, the pause and the config.
func TestDaemonTellsWhatHappens(t *testing.T) {
	t.Parallel()
	s := newEditing(t, standin.Options{}, "upload.bandwidth = '2MB/s'\nupload.part_size = '5MiB'", "Characters")
	l := s.listen()
	l.until(s.studio, "the folder was scanned", func(e drop.EventData) bool {
		f, ok := e.(drop.FolderChanged)
		return ok && f.Folder == s.path("Characters") && f.Available && f.LastScan != nil
	})
	s.save(noise(partSize+1000, 1), "Characters", "large.png")
	all := l.until(s.studio, "it is imported", func(e drop.EventData) bool {
		m, ok := e.(drop.ItemMoved)
		return ok && m.To == drop.Imported
	})
	var states []drop.State
	var progress []drop.TransferProgress
	for _, e := range all {
		switch e := e.(type) {
		case drop.ItemMoved:
			if len(states) > 0 && e.From != states[len(states)-1] {
				t.Errorf("it moved from %s after %v", e.From, states)
			}
			if e.Path != s.path("Characters", "large.png") || e.Folder != s.path("Characters") || e.Size != partSize+1000 || (e.Asset != "") != (e.To == drop.Imported) {
				t.Errorf("%+v", e)
			}
			states = append(states, e.To)
		case drop.Progress:
			progress = append(progress, e.Transfers...)
		}
	}
	if want := []drop.State{drop.Queued, drop.Preparing, drop.Uploading, drop.Completing, drop.Importing, drop.Imported}; !slices.Equal(states, want) {
		t.Errorf("it was told to be %v, want %v", states, want)
	}
	if !slices.ContainsFunc(progress, func(p drop.TransferProgress) bool { return p.Sent > 0 && p.Sent < p.Size && p.Rate > 0 }) {
		t.Errorf("no progress was told: %+v", progress)
	}

	s.must(s.d.Pause(t.Context(), time.Time{}))
	l.until(s.studio, "paused", func(e drop.EventData) bool { return e == drop.PauseChanged{Paused: true} })
	s.must(s.d.Resume(t.Context()))
	l.until(s.studio, "resumed", func(e drop.EventData) bool { return e == drop.PauseChanged{} })
	s.edit("is not taken", "nonsense = 1\n", "", "Characters")
	l.until(s.studio, "the config has problems", func(e drop.EventData) bool {
		c, ok := e.(drop.ConfigRead)
		return ok && c.Problems != ""
	})
	s.edit(inForce, "", "", "Props")
	l.until(s.studio, "the config is in force", func(e drop.EventData) bool { return e == drop.ConfigRead{} })
	l.until(s.studio, "a folder is not watched any more", func(e drop.EventData) bool { return e == drop.FolderChanged{Folder: s.path("Characters")} })
	s.must(os.Rename(s.path("Props"), s.path("Away")))
	l.until(s.studio, "a folder is missing", func(e drop.EventData) bool {
		f, ok := e.(drop.FolderChanged)
		return ok && f.Folder == s.path("Props") && !f.Available && f.Trouble != ""
	})
}

// A host that is away, and a file that is not finished, are told of.
func TestDaemonTellsWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].Settle = time.Hour
	s.config.Watches = append(s.config.Watches, config.DefaultWatch(s.path("Props")))
	s.config.Watches[1].Kind, s.config.Watches[1].SettleAuto, s.config.Watches[1].Settle = "image", false, 0
	s.must(os.MkdirAll(s.path("Props"), 0o755))
	s.server.Inject(standin.Fault{When: standin.Before, Do: standin.DoStatus, Status: 500, Times: 2})
	s.run()
	l := s.listen()
	s.save(noise(1000, 1), "Props", "sent.png")
	l.until(s, "Scenario is away", func(e drop.EventData) bool {
		h, ok := e.(drop.HostChanged)
		return ok && !h.Available && h.Trouble != "" && h.NextTry != nil
	})
	l.until(s, "Scenario is there again", func(e drop.EventData) bool { return e == drop.HostChanged{Available: true} })
	s.save(noise(1000, 2), "Characters", "awaited.png")
	l.until(s, "a file is awaited", func(e drop.EventData) bool {
		a, ok := e.(drop.AwaitedChanged)
		return ok && a.Count == 1
	})
}

// A daemon that is told to end does so at once, though events are read.
func TestDaemonEndsWhileEventsAreRead(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	_, stop := s.run()
	l := s.listen()
	stop() // the test's own time limit tells where it waits for its readers
	if err := <-l.ended; err == nil || err.Error() != "scenario-drop has ended" {
		t.Errorf("the reader was told: %v", err)
	}
}
