package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// skipping is a studio whose folders send only what is saved from now on.
func skipping(t *testing.T, folders ...string) *studio {
	s := newStudio(t, standin.Options{}, folders...)
	for i := range s.config.Watches {
		s.config.Watches[i].Existing = "skip"
	}
	return s
}

// counted is how many files of a folder count as having been there before, by the status
// without a daemon.
func (s *studio) counted(folder string) int {
	s.t.Helper()
	snapshot, err := OfflineSnapshot(s.t.Context(), s.config)
	s.must(err)
	for _, f := range snapshot.Folders {
		if f.Path == s.path(folder) {
			return f.Ignored.ByRule["existing"].Files
		}
	}
	s.t.Fatalf("no folder %s", folder)
	return 0
}

// before asserts that files count as having been there before.
func (s *studio) before(names ...string) {
	s.t.Helper()
	for _, name := range names {
		it, err := s.item(strings.Split(name, "/")...)
		if err != nil || it.State != drop.Ignored || it.Reason != drop.ReasonExisting {
			s.t.Errorf("%s is %s %s, %v", name, it.State, it.Reason, err)
		}
	}
}

func (s *studio) rename(from, to string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(s.path(to)), 0o755))
	s.must(os.Rename(s.path(from), s.path(to)))
}

// What is there when the folder is first scanned stays at home, whatever it is; what is saved,
// changed or put there from then on is sent.
func TestExistingIsSkipped(t *testing.T) {
	s := skipping(t, "Characters")
	s.save(noise(1000, 1), "Characters", "a.png")
	s.save(noise(1000, 2), "Characters", "sub", "b.png")
	s.save(nil, "Characters", "empty.png")
	s.save([]byte("\x89PNG\r\n\x1a\n\x00\x00"), "Characters", "cut.png")
	opens := countOpens(t, s.path("Characters"))
	res := s.once()
	if n := opens(); n != 0 {
		t.Errorf("files were opened %d times", n)
	}
	if len(res.Counts) != 0 || res.Attention.Total() != 0 || res.Folders[0].Ignored.ByRule["existing"].Files != 4 {
		t.Errorf("the first pass: %+v", res)
	}
	s.before("Characters/a.png", "Characters/sub/b.png", "Characters/empty.png", "Characters/cut.png")
	s.exactlyOnce()
	if n := s.counted("Characters"); n != 4 {
		t.Errorf("%d count, want 4", n)
	}
	if files := s.verifyRemote(); len(files.codes) != 0 {
		t.Errorf("verify finds %v", files.codes)
	}

	sums := []string{s.save(noise(1000, 3), "Characters", "new.png"), s.save(noise(1000, 4), "Characters", "a.png")}
	s.save(noise(1000, 5), "temporary")
	s.must(os.Rename(s.path("temporary"), s.path("Characters", "cut.png"))) // as programs save
	b, err := os.ReadFile(s.path("Characters", "sub", "b.png"))
	s.must(err)
	sums = append(sums, s.save(noise(1000, 5), "unwatched"), s.save(b, "Characters", "copy of b.png"))
	s.once()
	s.exactlyOnce(sums...)
	s.before("Characters/sub/b.png", "Characters/empty.png")
	if n := s.counted("Characters"); n != 2 {
		t.Errorf("%d count, want 2", n)
	}
	it, err := s.item("Characters", "sub", "b.png")
	s.must(err)
	if text := status.Sentence(it, time.Now()); !strings.Contains(text, `existing = "skip"`) {
		t.Errorf("why says: %s", text)
	}
}

// The moment is written down before anything else. Whatever was saved since, and however far the
// first scan came before it was killed, it is clear what was there before.
func TestExistingAfterAKill(t *testing.T) {
	for _, noted := range []int{0, 1, 5} {
		t.Run(fmt.Sprint(noted), func(t *testing.T) {
			s := skipping(t, "Characters")
			var found []watcher.Candidate
			for i := range 5 {
				name := fmt.Sprintf("old%d.png", i)
				s.save(noise(1000, uint64(i)), "Characters", name)
				c := watcher.Candidate{Folder: s.path("Characters"), Path: s.path("Characters", name)}
				fp, _, err := file.Lstat(c.Folder, c.Path)
				s.must(err)
				c.Fingerprint = fp
				found = append(found, c)
			}
			s.once0(func(l *ledger.Ledger) { // as far as it came
				s.must(takeUpExisting(t.Context(), l, s.config))
				sink := newSink(s.config, l, func() {}, func(string) bool { return false }, s.log())
				if _, err := sink.Existing(t.Context(), found[:noted]); err != nil {
					t.Fatal(err)
				}
			})
			sums := []string{s.save(noise(1000, 10), "Characters", "new.png"), s.save(noise(1000, 11), "Characters", "old4.png")}
			s.once()
			s.exactlyOnce(sums...)
			if n := s.counted("Characters"); n != 4 {
				t.Errorf("%d count, want 4", n)
			}
		})
	}
}

// once0 does something with the ledger while nobody works on it.
func (s *studio) once0(do func(*ledger.Ledger)) {
	s.t.Helper()
	s.must(os.MkdirAll(s.config.DataDir, 0o700))
	l, err := openLedger(s.t.Context(), s.config.DataDir, s.log())
	s.must(err)
	do(l)
	s.must(l.Close())
}

// A file that was there before is known again under another name, and with other attributes; a
// second name of it is no new file either. What comes from elsewhere is new, however old it is.
func TestExistingIsKnownAgain(t *testing.T) {
	s := skipping(t, "Characters")
	for i, name := range []string{"renamed.png", "moved.png", "linked.png", "mode.png", "Old/x.png", "Old/deep/y.png", "swap1.png", "swap2.png"} {
		s.save(noise(1000+i, uint64(i)), append([]string{"Characters"}, strings.Split(name, "/")...)...)
	}
	elsewhere := s.save(noise(3000, 20), "Elsewhere", "old folder", "z.png")
	s.once()
	s.rename("Characters/renamed.png", "Characters/other name.png")
	s.rename("Characters/moved.png", "Characters/sub/moved.png")
	s.must(os.Link(s.path("Characters", "linked.png"), s.path("Characters", "second name.png")))
	s.must(os.Chmod(s.path("Characters", "mode.png"), 0o600))
	s.rename("Characters/Old", "Characters/New")
	s.rename("Elsewhere/old folder", "Characters/old folder")
	s.once()
	s.exactlyOnce(elsewhere)
	s.before("Characters/other name.png", "Characters/sub/moved.png", "Characters/linked.png", "Characters/second name.png",
		"Characters/mode.png", "Characters/New/x.png", "Characters/New/deep/y.png")
	if n := s.counted("Characters"); n != 9 {
		t.Errorf("%d count, want 9", n)
	}
	if it, err := s.item("Characters", "renamed.png"); err != nil || it.State != drop.Gone {
		t.Errorf("the old name: %+v, %v", it, err)
	}
	// There and back again.
	s.rename("Characters/other name.png", "Characters/renamed.png")
	s.rename("Characters/swap1.png", "Characters/swap")
	s.rename("Characters/swap2.png", "Characters/swap1.png")
	s.rename("Characters/swap", "Characters/swap2.png")
	s.must(os.Remove(s.path("Characters", "linked.png")))
	s.once()
	s.exactlyOnce(elsewhere)
	s.before("Characters/renamed.png", "Characters/swap1.png", "Characters/swap2.png")
	if n := s.counted("Characters"); n != 8 {
		t.Errorf("after a file was deleted %d count, want 8", n)
	}
}

// With a daemon the same, by events.
func TestExistingWithADaemon(t *testing.T) {
	s := skipping(t, "Characters")
	s.save(noise(1000, 1), "Characters", "old.png")
	s.save(noise(1001, 2), "Characters", "dir", "older.png")
	d, stop := s.run()
	s.until("the folder is scanned", func() bool { return s.scanned(d) }, func() string { return "it is not" })
	s.rename("Characters/old.png", "Characters/renamed.png")
	s.rename("Characters/dir", "Characters/renamed dir")
	s.must(os.Chmod(s.path("Characters", "renamed.png"), 0o600))
	sum := s.save(noise(1000, 3), "Characters", "new.png")
	s.await(drop.Imported, "Characters", "new.png")
	s.await(drop.Ignored, "Characters", "renamed.png")
	s.await(drop.Ignored, "Characters", "renamed dir", "older.png")
	snapshot, err := d.Snapshot(t.Context())
	s.must(err)
	if n := snapshot.Folders[0].Ignored.ByRule["existing"].Files; n != 2 || snapshot.Counts[drop.Ignored] != 0 {
		t.Errorf("%d count in the folder, %d beside; want 2 and 0", n, snapshot.Counts[drop.Ignored])
	}
	s.must(os.Remove(s.path("Characters", "renamed.png")))
	d.engine.rescan(nil)
	s.until("the deleted file does not count", func() bool {
		snapshot, err := d.Snapshot(t.Context())
		return err == nil && snapshot.Folders[0].Ignored.ByRule["existing"].Files == 1
	}, func() string { return "it does" })
	stop()
	s.exactlyOnce(sum)
	if files := s.recent(); len(files) != 1 {
		t.Errorf("history has %+v", files)
	}
}

func (s *studio) scanned(d *Daemon) bool {
	snapshot, err := d.Snapshot(s.t.Context())
	return err == nil && snapshot.Folders[0].LastScan != nil
}

func (s *studio) recent() []status.File {
	s.t.Helper()
	l, err := OpenLedgerReadOnly(s.t.Context(), s.config.DataDir)
	s.must(err)
	defer l.Close()
	files, err := RecentFiles(s.t.Context(), l, 100, false)
	s.must(err)
	return slices.DeleteFunc(files, func(f status.File) bool { return f.State == drop.Gone })
}

// A person has some of them sent after all, one by one or by the folder, also while nothing runs.
// What is not fit to be sent is held then, as any file.
func TestRetryOfExisting(t *testing.T) {
	s := skipping(t, "Characters")
	a := s.save(noise(1000, 1), "Characters", "a.png")
	b := s.save(noise(1000, 2), "Characters", "sub", "deep", "b.png")
	c := s.save(noise(1000, 3), "Characters", "sub", "c.png")
	s.save(noise(1000, 4), "Characters", "sub two", "d.png")
	s.save(noise(1000, 5), "Characters", "e.png")
	s.save([]byte("\x89PNG\r\n\x1a\n\x00\x00"), "Characters", "sub", "cut.png")
	s.once()
	if n, err := RetryOffline(t.Context(), s.config, []string{s.path("Characters", "a.png")}); n != 1 || err != nil {
		t.Errorf("retry of one: %d, %v", n, err)
	}
	s.once()
	s.exactlyOnce(a)
	d, _ := s.run()
	if n, err := d.Retry(t.Context(), []string{s.path("Characters", "sub")}); n != 3 || err != nil {
		t.Errorf("retry of a folder: %d, %v", n, err)
	}
	s.await(drop.Imported, "Characters", "sub", "c.png")
	s.await(drop.Imported, "Characters", "sub", "deep", "b.png")
	s.await(drop.Held, "Characters", "sub", "cut.png")
	s.exactlyOnce(a, b, c)
	s.before("Characters/sub two/d.png", "Characters/e.png")
	if n, err := d.Retry(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("retry of all that failed concerns %d, %v", n, err)
	}
	if n, err := d.Retry(t.Context(), []string{s.path("Characters")}); n != 2 || err != nil {
		t.Errorf("retry of the watch folder: %d, %v", n, err)
	}
	s.await(drop.Imported, "Characters", "e.png")
	s.await(drop.Imported, "Characters", "sub two", "d.png")
}

// What was there before is not moved or trashed either.
func TestExistingStaysWhereItIs(t *testing.T) {
	s := skipping(t, "Characters")
	s.config.Watches[0].AfterUpload, s.config.Watches[0].MoveTo = "move", s.path("Done")
	s.save(noise(1000, 1), "Characters", "old.png")
	s.once()
	sum := s.save(noise(1000, 2), "Characters", "new.png")
	s.once()
	s.exactlyOnce(sum)
	if !s.exists("Characters", "old.png") || s.exists("Characters", "new.png") || !s.exists("Done", "new.png") {
		t.Error("the wrong file was moved")
	}
}

// A dry run tells what a pass would do, before the first pass and after it, and writes nothing.
func TestPreviewOfExisting(t *testing.T) {
	s := skipping(t, "Characters")
	s.config.Watches[0].Include = []string{"*.png"}
	s.save(noise(1000, 1), "Characters", "old.png")
	s.save(noise(1000, 1), "Characters", "old.jpg")
	preview := func() (sent, ignored []string) {
		t.Helper()
		err := Preview(context.WithoutCancel(t.Context()), s.config, s.log(), true, func(f Finding) {
			if f.State == drop.Queued {
				sent = append(sent, filepath.Base(f.Path))
			} else if f.Reason == drop.ReasonExisting {
				ignored = append(ignored, filepath.Base(f.Path))
			}
		})
		s.must(err)
		return sent, ignored
	}
	if sent, ignored := preview(); len(sent) != 0 || len(ignored) != 1 || s.exists("data", "ledger.db") {
		t.Errorf("before the first pass: sends %q, ignores %q", sent, ignored)
	}
	s.once()
	s.save(noise(1000, 2), "Characters", "new.png")
	if sent, ignored := preview(); !slices.Equal(sent, []string{"new.png"}) || !slices.Equal(ignored, []string{"old.png"}) {
		t.Errorf("after the first pass: sends %q, ignores %q", sent, ignored)
	}
	s.once()
	// What an edit of the config brings is told before it is in force, too.
	s.config.Watches[0].Include = nil
	if sent, ignored := preview(); len(sent) != 0 || !slices.Contains(ignored, "old.jpg") {
		t.Errorf("with more files taken: sends %q, ignores %q", sent, ignored)
	}
	s.config.Watches[0].Existing = "send"
	sent, ignored := preview()
	slices.Sort(sent)
	if !slices.Equal(sent, []string{"old.jpg", "old.png"}) || len(ignored) != 0 {
		t.Errorf("with \"send\": sends %q, ignores %q", sent, ignored)
	}
}
