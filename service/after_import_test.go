package service

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// verified returns the differences that Verify finds for a file.
func (s *studio) verified(parts ...string) (codes []string) {
	s.t.Helper()
	_, err := Verify(context.WithoutCancel(s.t.Context()), s.config, nil, s.log(), func(v Verified) {
		if v.Path == s.path(parts...) {
			for _, d := range v.Differences {
				codes = append(codes, d.Code)
			}
		}
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return codes
}

// troubled returns what `history --failed` shows.
func (s *studio) troubled() []status.File {
	s.t.Helper()
	l, err := OpenLedgerReadOnly(s.t.Context(), s.config.DataDir)
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	files, err := RecentFiles(s.t.Context(), l, 100, true)
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

// A move that cannot be made now does not end as "imported": it is tried again, and stands
// where people look until it is done.
func TestFailedMoveIsTriedAgain(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("disk", "Uploaded")
	s.save([]byte("no directory"), "disk") // the disk is not there
	sum := s.save(noise(1000, 1), "Characters", "orc.png")

	if res := s.once(); res.Stuck != 1 || res.Counts[drop.Imported] != 0 {
		t.Errorf("a pass ends with %+v", res)
	}
	s.exactlyOnce(sum)
	stands := func(when string) {
		t.Helper()
		it, err := s.item("Characters", "orc.png")
		if err != nil || !it.Unfinished() || it.Reason != drop.ReasonCleanupFailed {
			t.Errorf("%s: %+v, %v", when, it, err)
		}
		sentence := status.Sentence(it, time.Now())
		for _, words := range []string{"Imported as " + it.Asset + ", but", w.MoveTo, "Next try"} {
			if !strings.Contains(sentence, words) {
				t.Errorf("%s: the sentence lacks %q: %s", when, words, sentence)
			}
		}
		if strings.Contains(sentence, "mkdir") {
			t.Errorf("%s: the sentence names a call of the system: %s", when, sentence)
		}
		if files := s.troubled(); len(files) != 1 || files[0].Path != s.path("Characters", "orc.png") {
			t.Errorf("%s: history --failed has %+v", when, files)
		}
		offline, err := OfflineSnapshot(t.Context(), s.config)
		if err != nil || offline.Unfinished != 1 || !strings.Contains(offline.UnfinishedText(), "imported, but") {
			t.Errorf("%s: status says %+v, %v", when, offline, err)
		}
		if codes := s.verified("Characters", "orc.png"); len(codes) != 1 || codes[0] != DiffUnfinished {
			t.Errorf("%s: verify finds %q", when, codes)
		}
	}
	stands("after a pass")

	d, stop := s.run()
	if snapshot, err := d.Snapshot(t.Context()); err != nil || snapshot.Unfinished != 1 {
		t.Errorf("the daemon's status: %+v, %v", snapshot, err)
	}
	before := s.unfinishedTries("Characters", "orc.png")
	s.until("it is tried again", func() bool { return s.unfinishedTries("Characters", "orc.png") > before }, func() string { return "it is not" })
	stop()
	stands("after a daemon")

	if err := os.Remove(s.path("disk")); err != nil {
		t.Fatal(err)
	}
	s.run() // a start tries at once, whatever the pause
	it := s.await(drop.Imported, "Characters", "orc.png")
	if it.Reason != drop.ReasonMoved || len(s.troubled()) != 0 || len(s.verified("Characters", "orc.png")) != 0 {
		t.Errorf("with the disk back: %+v", it)
	}
	if _, err := os.Lstat(filepath.Join(w.MoveTo, "orc.png")); err != nil {
		t.Error(err)
	}
	s.exactlyOnce(sum)
}

func (s *studio) unfinishedTries(parts ...string) int {
	it, err := s.item(parts...)
	if err != nil {
		s.t.Fatal(err)
	}
	return it.Attempts
}

// A version whose file cannot be moved keeps the next one from nothing.
func TestNewVersionDoesNotWaitForAMove(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("disk", "Uploaded")
	s.save([]byte("no directory"), "disk")
	first := s.save(noise(1000, 1), "Characters", "orc.png")
	s.once()
	second := s.save(noise(1000, 2), "Characters", "orc.png")
	s.once()
	held := s.exactlyOnce(first, second)
	if held[second].ParentID != held[first].ID {
		t.Errorf("the second version's parent is %q, want %q", held[second].ParentID, held[first].ID)
	}
	if files := s.troubled(); len(files) != 1 { // of the first there is nothing left to move
		t.Errorf("unfinished: %+v", files)
	}
}

// An asset that cannot join a collection is imported all the same, and goes on trying.
func TestRefusedCollectionIsTriedAgain(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Models")
	w := &s.config.Watches[0]
	w.Kind, w.Collections = "model", []string{"Styles"}
	s.server.Inject(standin.Fault{Op: standin.OpLink, Do: standin.DoStatus, Status: 422, Times: -1})
	sum := s.save(noise(1000, 1), "Models", "style.bin")
	if res := s.once(); res.Stuck != 1 || res.Counts[drop.Failed] != 0 {
		t.Errorf("a pass ends with %+v", res)
	}
	it, err := s.item("Models", "style.bin")
	if sentence := status.Sentence(it, time.Now()); err != nil || it.State != drop.Linking || !strings.Contains(sentence, "Imported as "+it.Asset+", but it has not joined its collections") {
		t.Errorf("%s, %v", sentence, err)
	}
	if files := s.troubled(); len(files) != 1 {
		t.Errorf("history --failed has %+v", files)
	}
	s.server.ClearFaults()
	s.once()
	held := s.exactlyOnce(sum)
	if len(held[sum].Collections) != 1 || len(s.troubled()) != 0 {
		t.Errorf("with the fault mended: %+v, %+v", held[sum], s.troubled())
	}
}

// A file that is another by now is not moved: that is an end, with a note.
func TestChangedFileIsNotMoved(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo, w.OnChange = "move", s.path("disk", "Uploaded"), "ignore"
	s.save([]byte("no directory"), "disk")
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	s.once()
	s.save(noise(1000, 2), "Characters", "orc.png")
	if err := os.Remove(s.path("disk")); err != nil {
		t.Fatal(err)
	}
	s.once()
	s.exactlyOnce(sum)
	if len(s.troubled()) != 0 {
		t.Errorf("unfinished: %+v", s.troubled())
	}
	if _, err := os.Lstat(s.path("disk")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was moved: %v", err)
	}
}
