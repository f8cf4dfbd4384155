package service

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/watcher"
)

// "send" after "skip" sends what was skipped, once; "skip" after "send" leaves what is taken
// already, and skips what is not.
func TestExistingIsEdited(t *testing.T) {
	s := skipping(t, "Characters")
	old := s.save(noise(1000, 1), "Characters", "old.png")
	s.once()
	s.config.Watches[0].Existing = "send"
	s.once()
	s.exactlyOnce(old)
	if n := s.counted("Characters"); n != 0 {
		t.Errorf("%d count, want 0", n)
	}

	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 400})
	failed := s.save(noise(1000, 2), "Characters", "failed.png")
	s.save([]byte("\x89PNG\r\n\x1a\n\x00\x00"), "Characters", "cut.png")
	s.once()
	s.save(noise(1000, 3), "Characters", "not seen yet.png")
	s.config.Watches[0].Existing = "skip"
	s.once()
	s.before("Characters/not seen yet.png")
	if _, err := RetryOffline(t.Context(), s.config, nil); err != nil {
		t.Fatal(err)
	}
	s.once()
	s.exactlyOnce(old, failed)
	if it, err := s.item("Characters", "cut.png"); err != nil || it.State != drop.Held {
		t.Errorf("the held file: %+v, %v", it, err)
	}
}

// The same edits reach a running daemon.
func TestExistingIsEditedWhileRunning(t *testing.T) {
	s := skipping(t, "Characters")
	old := s.save(noise(1000, 1), "Characters", "old.png")
	d, _ := s.run()
	s.until("it is noted", func() bool {
		it, err := s.item("Characters", "old.png")
		return err == nil && it.Reason == drop.ReasonExisting
	}, func() string { return "it is not" })
	edit := func(change func(*config.Config)) {
		c := *d.engine.inForce()
		c.Watches = slices.Clone(c.Watches)
		change(&c)
		d.edited(t.Context(), &c, nil)
	}
	edit(func(c *config.Config) { c.Watches[0].Existing = "send" })
	s.await(drop.Imported, "Characters", "old.png")
	s.save(noise(1000, 2), "Props", "prop.png")
	edit(func(c *config.Config) {
		w := c.Watches[0]
		w.Path, w.Existing = s.path("Props"), "skip"
		c.Watches = append(c.Watches, w)
	})
	s.until("it is noted", func() bool {
		it, err := s.item("Props", "prop.png")
		return err == nil && it.Reason == drop.ReasonExisting
	}, func() string { return "it is not" })
	s.exactlyOnce(old)
}

// An edit that comes while the folder is scanned for the first time holds: nothing is noted by the
// setting of before once the edit is in force.
func TestExistingIsEditedWhileItIsScanned(t *testing.T) {
	s := skipping(t, "Characters")
	noError(t, os.MkdirAll(s.config.DataDir, 0o700))
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	noError(t, err)
	defer l.Close()
	e, err := newEngine(s.config, l, s.log())
	noError(t, err)
	defer e.close()
	noError(t, takeUpExisting(t.Context(), l, s.config))
	ended, noted := make(chan struct{}), make(chan struct{})
	var scan sync.WaitGroup
	scan.Go(func() {
		for n := 0; ; n++ {
			found := make([]watcher.Candidate, 200)
			for i := range found {
				fp := file.Fingerprint{Size: int64(i + 1), ModTime: int64(n + 1), ChangeTime: 1}
				found[i] = watcher.Candidate{Folder: s.path("Characters"), Path: s.path("Characters", fmt.Sprint(n, "-", i, ".png")), Fingerprint: fp}
			}
			if _, err := e.sink.Existing(t.Context(), found); err != nil {
				t.Error(err)
			}
			if n == 10 {
				close(noted)
			}
			select {
			case <-ended:
				if n >= 10 {
					return
				}
			default:
			}
		}
	})
	<-noted
	c := *s.config
	c.Watches = slices.Clone(c.Watches)
	c.Watches[0].Existing = "send"
	err = e.apply(t.Context(), &c, changes{})
	close(ended)
	scan.Wait()
	noError(t, err)
	if _, skips, err := l.ExistingSince(t.Context(), s.path("Characters")); skips || err != nil {
		t.Errorf("the folder skips again, %v", err)
	}
	if n, err := l.CountExisting(t.Context(), s.path("Characters")); n != 0 || err != nil {
		t.Errorf("%d files are noted by the setting of before, %v", n, err)
	}
}

// A folder that is removed and added again is a folder that is added: what came meanwhile was
// there before.
func TestFolderIsAddedAgain(t *testing.T) {
	s := skipping(t, "Characters", "Props")
	s.save(noise(1000, 1), "Characters", "old.png")
	s.once()
	watches := s.config.Watches
	s.config.Watches = watches[1:]
	s.once()
	s.save(noise(1000, 2), "Characters", "meanwhile.png")
	s.save(noise(1000, 3), "Characters", "old.png")
	s.config.Watches = watches
	s.once()
	s.exactlyOnce()
	s.before("Characters/meanwhile.png", "Characters/old.png")
	sum := s.save(noise(1000, 4), "Characters", "new.png")
	s.once()
	s.exactlyOnce(sum)
}

// Rules that take more files than before do not send what was there all the time.
func TestExistingUnderOtherRules(t *testing.T) {
	s := skipping(t, "Characters")
	w := &s.config.Watches[0]
	w.Include, w.Recursive = []string{"*.png"}, false
	s.save(noise(1000, 1), "Characters", "a.png")
	s.save(noise(1000, 2), "Characters", "b.jpg")
	s.save(noise(1000, 3), "Characters", "sub", "c.png")
	s.once()
	w.Include, w.Recursive = nil, true
	sum := s.save(noise(1000, 4), "Characters", "new.jpg")
	s.once()
	s.exactlyOnce(sum)
	s.before("Characters/a.png", "Characters/b.jpg", "Characters/sub/c.png")
}

// Two folders, one in the other, go each by its own setting, also when one comes or goes.
func TestExistingOfNestedFolders(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Characters/Sent")
	s.config.Watches[0].Existing = "skip"
	s.save(noise(1000, 1), "Characters", "old.png")
	s.config.Watches[1].Exclude = []string{"late.png"}
	inner := s.save(noise(1000, 2), "Characters", "Sent", "inner.png")
	s.save(noise(1000, 3), "Characters", "Sent", "late.png")
	s.once()
	s.exactlyOnce(inner)
	s.before("Characters/old.png")

	// The inner folder goes: what is in it belongs to the outer one, and was there before.
	watches := s.config.Watches
	s.config.Watches = watches[:1]
	s.once()
	s.before("Characters/Sent/late.png")
	s.exactlyOnce(inner)

	// It comes again, and sends all that is there.
	s.config.Watches = watches
	s.config.Watches[1].Exclude = nil
	s.once()
	it, err := s.item("Characters", "Sent", "late.png")
	if err != nil || it.State != drop.Imported {
		t.Errorf("%+v, %v", it, err)
	}
	s.before("Characters/old.png")
}

// A folder that is away when it is added has the moment of when it was added.
func TestExistingOfAMissingFolder(t *testing.T) {
	s := skipping(t, "Characters")
	s.save(noise(1000, 1), "Characters", "old.png")
	s.rename("Characters", "unplugged")
	if res, err := Once(t.Context(), s.config, s.log(), nil, nil); err != nil || res.ScanProblem == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	sum := s.save(noise(1000, 2), "unplugged", "meanwhile.png")
	s.rename("unplugged", "Characters")
	s.once()
	s.exactlyOnce(sum)
	s.before("Characters/old.png")
}

// A new local database, in the place of one that was lost, begins with a new moment: what was
// imported is not sent again, and what was not sent yet is counted.
func TestExistingWithANewLedger(t *testing.T) {
	s := skipping(t, "Characters")
	s.save(noise(1000, 1), "Characters", "old.png")
	s.once()
	sum := s.save(noise(1000, 2), "Characters", "imported.png")
	s.once()
	s.save(noise(1000, 3), "Characters", "not sent.png")
	s.loseLedger()
	s.once()
	s.exactlyOnce(sum)
	s.before("Characters/old.png", "Characters/imported.png", "Characters/not sent.png")
	later := s.save(noise(1000, 4), "Characters", "later.png")
	s.once()
	s.exactlyOnce(sum, later)
}
