package service

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// stopAt is how items are kept in a state of their way until the faults are cleared.
type stopAt struct {
	state drop.State
	fault standin.Fault
	kind  string
	sent  bool // the version is past the point of no return: it becomes an asset whatever happens to its file
	size  int
}

func stopsOnTheWay() []stopAt {
	stall := func(op string) standin.Fault { return standin.Fault{Op: op, Do: standin.DoStall, Times: -1} }
	return []stopAt{
		{state: drop.Queued, kind: "image"},
		{state: drop.Preparing, kind: "image", fault: stall(standin.OpCreate)},
		{state: drop.Uploading, kind: "image", fault: standin.Fault{Op: standin.OpPart, Part: 2, When: standin.Middle, Do: standin.DoStall, Times: -1}, size: 2*partSize + 1},
		{state: drop.Completing, kind: "image", fault: stall(standin.OpComplete), sent: true},
		{state: drop.Importing, kind: "image", fault: stall(standin.OpGet), sent: true},
		{state: drop.Linking, kind: "model", fault: stall(standin.OpLink), sent: true},
		{state: drop.CleaningUp, kind: "image", fault: stall(standin.OpGet), sent: true},
	}
}

// changeOf is something that happens to a file while it is on its way.
type changeOf struct {
	name string
	do   func(t *testing.T, path string, next []byte)
	next bool // afterwards the new content is under the path
	to   bool // afterwards the old content is under another name
}

func changesOnTheWay() []changeOf {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	return []changeOf{
		{name: "replaced", next: true, do: func(t *testing.T, path string, next []byte) {
			must(t, os.WriteFile(path+".tmp", next, 0o644))
			must(t, os.Rename(path+".tmp", path))
		}},
		{name: "written over", next: true, do: func(t *testing.T, path string, next []byte) {
			must(t, os.WriteFile(path, next, 0o644))
		}},
		{name: "truncated", next: true, do: func(t *testing.T, path string, next []byte) {
			must(t, os.Truncate(path, int64(len(next))))
		}},
		{name: "renamed", to: true, do: func(t *testing.T, path string, _ []byte) {
			must(t, os.Rename(path, path+" (old).bin"))
		}},
		{name: "deleted", do: func(t *testing.T, path string, _ []byte) {
			must(t, os.Remove(path))
		}},
	}
}

// Whatever is done to a file, in whatever state of its upload, Scenario ends up with
// the finished contents, each once: the version on its way is either dropped before
// anything came of it, or becomes an asset and the next version another.
func TestChangedAtEachState(t *testing.T) {
	t.Parallel()
	for _, stop := range stopsOnTheWay() {
		t.Run(string(stop.state), func(t *testing.T) {
			t.Parallel()
			changedAt(t, stop)
		})
	}
}

func changedAt(t *testing.T, stop stopAt) {
	s := newStudio(t, standin.Options{ImportDelay: 50 * time.Millisecond}, "Characters")
	w := &s.config.Watches[0]
	w.Kind, w.Collections = stop.kind, []string{"Characters"}
	s.config.Upload.PartSize = partSize
	if stop.state == drop.CleaningUp {
		w.AfterUpload, w.MoveTo = "move", filepath.Join(w.Path, "Uploaded")
	}
	d, end := s.run()
	if stop.state == drop.Queued {
		if err := d.Pause(t.Context(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	} else {
		s.server.Inject(stop.fault)
	}
	old := map[string][]byte{}
	for i, change := range changesOnTheWay() {
		old[change.name] = noise(max(stop.size, 200<<10), uint64(i))
		s.save(old[change.name], "Characters", change.name+".bin")
	}
	reached := stop.state
	if reached == drop.CleaningUp {
		reached = drop.Importing
	}
	for _, change := range changesOnTheWay() {
		s.await(reached, "Characters", change.name+".bin")
	}
	if stop.state == drop.CleaningUp { // by hand: nothing at Scenario holds a file up there
		end()
		s.server.ClearFaults()
		cleaningUpByHand(t, s)
	}
	if stop.state == drop.Uploading {
		s.until("each has its second part held up", func() bool { return s.server.Account().Fired >= len(old) }, s.told)
	}

	var want []string
	versions := map[string]string{} // new by old
	for _, change := range changesOnTheWay() {
		before := old[change.name]
		next := before[:100<<10] // what truncating leaves
		change.do(t, s.path("Characters", change.name+".bin"), next)
		if stop.sent || change.to {
			want = append(want, sumOf(before))
		}
		if change.next {
			want = append(want, sumOf(next))
		}
		if change.next && stop.sent && stop.kind == "image" {
			versions[sumOf(next)] = sumOf(before)
		}
	}
	if stop.state == drop.CleaningUp {
		s.run()
	} else {
		s.server.ClearFaults()
		if err := d.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	s.until("every content is at Scenario", func() bool { return len(s.server.Account().BySHA256()) >= len(want) }, s.told)
	s.until("all is at rest", s.atRest, s.told)
	held := s.exactlyOnce(want...)
	s.reasonsGiven()
	for next, before := range versions {
		if held[next].ParentID != held[before].ID {
			t.Errorf("a new version's parent is %q, want %q", held[next].ParentID, held[before].ID)
		}
	}
}

// cleaningUpByHand takes every item from Importing to CleaningUp, as the uploader would, while
// nobody works on the ledger.
func cleaningUpByHand(t *testing.T, s *studio) {
	t.Helper()
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	items, err := l.Recent(t.Context(), 100, drop.Importing)
	if err != nil {
		t.Fatal(err)
	}
	s.until("Scenario has imported them", func() bool { return len(s.server.Account().Assets) == len(items) }, s.told)
	made := s.server.Account().BySHA256()
	for _, it := range items {
		if err := l.AssetMade(t.Context(), it, "", made[hex.EncodeToString(it.SHA256)][0].ID); err != nil {
			t.Fatal(err)
		}
		it.State = drop.Linking
		if err := l.CleaningUp(t.Context(), it, ""); err != nil {
			t.Fatal(err)
		}
	}
}
