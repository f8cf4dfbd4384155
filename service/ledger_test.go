package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// lines is a log that a test can read while it is written.
type lines struct{ logtest.Buffer }

// with returns the lines that have all of the words.
func (l *lines) with(words ...string) (found []string) {
	for line := range strings.Lines(l.String()) {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			found = append(found, line)
		}
	}
	return found
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// onceLogging runs a single pass and returns its log.
func (s *studio) onceLogging() (Result, *lines) {
	s.t.Helper()
	var log lines
	res, err := Once(s.t.Context(), s.config, log.logger(), nil, nil)
	if err = errors.Join(err, res.ScanProblem); err != nil {
		s.t.Fatal(err)
	}
	return res, &log
}

func scribbleOver(t *testing.T, path string, from int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() <= from {
		t.Fatalf("%s has %d bytes only", path, info.Size())
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(noise(int(info.Size()-from), rand.Uint64()), from); err != nil {
		t.Fatal(err)
	}
}

// Whatever happened to the ledger: what its backup knows is not sent again, what it does
// not know is not sent again silently, and what is new is sent.
func TestLostLedger(t *testing.T) {
	t.Parallel()
	damages := map[string]func(t *testing.T, path string){
		"deleted":   func(t *testing.T, path string) { noError(t, os.Remove(path)) },
		"emptied":   func(t *testing.T, path string) { noError(t, os.Truncate(path, 0)) },
		"cut":       func(t *testing.T, path string) { noError(t, os.Truncate(path, 3*4096+5)) },
		"scribbled": func(t *testing.T, path string) { scribbleOver(t, path, 2*4096) },
		"overwritten": func(t *testing.T, path string) {
			noError(t, os.WriteFile(path, noise(70_000, 1), 0o600))
		},
	}
	for name, damage := range damages {
		for _, withBackup := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/backup=%v", name, withBackup), func(t *testing.T) {
				t.Parallel()
				s := newStudio(t, standin.Options{}, "Characters")
				sums := []string{s.save(noise(5000, 1), "Characters", "orc.png"), s.save(noise(6000, 2), "Characters", "elf.png")}
				s.once() // makes a backup
				sums = append(sums, s.save(noise(7000, 3), "Characters", "after the backup.png"))
				s.once()
				s.exactlyOnce(sums...)
				if made, err := filepath.Glob(filepath.Join(s.config.DataDir, "backups", "ledger-*.db")); err != nil || len(made) != 1 {
					t.Fatalf("backups: %v, %v", made, err)
				}
				if !withBackup {
					noError(t, os.RemoveAll(filepath.Join(s.config.DataDir, "backups")))
				}
				damage(t, LedgerPath(s.config.DataDir))
				if _, err := OfflineSnapshot(t.Context(), s.config); !ledger.Damaged(err) || !strings.Contains(err.Error(), "backup") {
					t.Errorf("a look at it gave %v", err)
				}

				_, log := s.onceLogging()
				if n := len(log.with("the local database was lost")); n != 1 {
					t.Errorf("it was said %d times that the local database was lost", n)
				}
				s.exactlyOnce(sums...)
				sums = append(sums,
					s.save(noise(8000, 4), "Characters", "new.png"),
				)
				s.save(noise(5000, 1), "Characters", "copy of orc.png")
				_, log = s.onceLogging()
				if n := len(log.with("the local database was lost")); n != 0 {
					t.Error("it was said again that the local database was lost")
				}
				if it, err := s.item("Characters", "new.png"); err != nil || it.State != drop.Imported {
					t.Errorf("the new file: %+v, %v", it, err)
				}
				if withBackup {
					s.exactlyOnce(sums...)
					if it, err := s.item("Characters", "copy of orc.png"); err != nil || it.State != drop.Imported {
						t.Errorf("the copy of what the backup knew: %+v, %v", it, err)
					}
				}
			})
		}
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What was on its way when the backup was made, and is an asset since, is not sent again.
func TestLostLedgerWhoseBackupHadWork(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	d, stop := s.run()
	noError(t, d.Pause(t.Context(), time.Time{}))
	var sums []string
	for n := range 3 {
		sums = append(sums, s.save(noise(5000+n, uint64(n)), "Characters", fmt.Sprintf("orc %d.png", n)))
	}
	for n := range 3 {
		s.await(drop.Queued, "Characters", fmt.Sprintf("orc %d.png", n))
	}
	if made, err := d.ledger.Backup(t.Context()); !made || err != nil {
		t.Fatal(made, err)
	}
	noError(t, d.Resume(t.Context()))
	for n := range 3 {
		s.await(drop.Imported, "Characters", fmt.Sprintf("orc %d.png", n))
	}
	stop()
	scribbleOver(t, LedgerPath(s.config.DataDir), 4096)
	l, err := openLedger(t.Context(), s.config.DataDir, s.log())
	noError(t, err)
	noError(t, l.Set(t.Context(), pausedKey, ""))
	noError(t, l.Close())
	s.once()
	s.exactlyOnce(sums...)
}

// A daemon whose ledger turns out to be damaged ends with a plain error, and the next
// start mends it.
func TestDamageEndsTheDaemon(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	sums := []string{s.save(noise(5000, 1), "Characters", "orc.png")}
	for n := range 50 {
		s.save(nil, "Characters", fmt.Sprintf("empty %d.png", n)) // held: rows to read
	}
	s.once()
	var log lines
	d, err := Open(t.Context(), Options{Config: s.config, Doing: "run", Log: log.logger()})
	noError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	s.until("the folder was looked through", func() bool {
		snap, err := d.Snapshot(ctx)
		return err == nil && snap.Folders[0].LastScan != nil
	}, func() string { return "it was not" })
	scribbleOver(t, LedgerPath(s.config.DataDir), 4096)
	s.save(noise(6000, 2), "Characters", "elf.png")
	err = nil
	s.until("the daemon has ended", func() bool {
		_, _ = d.Recent(ctx, 100, false) // as the status page
		select {
		case err = <-ended:
			return true
		default:
			return false
		}
	}, func() string { return "it has not" })
	if !ledger.Damaged(err) || ctx.Err() != nil {
		t.Errorf("it ended with %v", err)
	}
	if n := len(log.with("the local database is damaged")); n != 1 {
		t.Errorf("it was said %d times", n)
	}
	_ = d.Close()

	before := len(s.server.Account().BySHA256())
	_, again := s.onceLogging()
	if n := len(again.with("its latest backup took its place")); n != 1 {
		t.Errorf("the recovery was said %d times", n)
	}
	held := s.server.Account().BySHA256()
	if len(held[sums[0]]) != 1 || len(held) < before {
		t.Errorf("Scenario holds %d contents, the first %d times", len(held), len(held[sums[0]]))
	}
}

// A ledger of a newer program is left as it is.
func TestNewerLedger(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.save(noise(5000, 1), "Characters", "orc.png")
	s.once()
	makeNewer(t, LedgerPath(s.config.DataDir))
	before, err := os.ReadFile(LedgerPath(s.config.DataDir))
	noError(t, err)
	_, err = Once(t.Context(), s.config, s.log(), nil, nil)
	if !errors.Is(err, ledger.ErrNewer) || !strings.Contains(err.Error(), "data_dir") {
		t.Errorf("once: %v", err)
	}
	_, err = Open(t.Context(), Options{Config: s.config, Doing: "run", Log: s.log()})
	if !errors.Is(err, ledger.ErrNewer) {
		t.Errorf("run: %v", err)
	}
	if _, err := OfflineSnapshot(t.Context(), s.config); !errors.Is(err, ledger.ErrNewer) {
		t.Errorf("status: %v", err)
	}
	after, err := os.ReadFile(LedgerPath(s.config.DataDir))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the local database was changed; %v", err)
	}
	if kept, _ := filepath.Glob(filepath.Join(s.config.DataDir, "ledger-damaged*")); len(kept) > 0 {
		t.Errorf("it was set aside: %v", kept)
	}
}

// makeNewer gives a database that is closed the version of a program to come; the header
// has it at byte 60.
func makeNewer(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	noError(t, err)
	defer f.Close()
	_, err = f.WriteAt([]byte{0, 0, 0x10, 0}, 60)
	noError(t, err)
}

// The daemon makes a backup by itself, soon and only when there is anything new; one that
// fails is a line in the log, and work goes on.
func TestBackupsByTheDaemon(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	l, err := openLedger(t.Context(), s.prepared(), s.log())
	noError(t, err)
	defer l.Close()
	var log lines
	u := newMaintenance(l, log.logger())
	u.check, u.every = 5*time.Millisecond, 30*time.Millisecond
	dir := filepath.Join(s.config.DataDir, "backups")
	noError(t, os.WriteFile(dir, nil, 0o600)) // in the way
	noError(t, l.Set(t.Context(), "k", "v"))  // not while a backup is begun, which may have it or not
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	s.until("the failure is said", func() bool { return len(log.with("no backup of the local database")) > 0 }, func() string { return "it is not" })
	noError(t, os.Remove(dir))
	count := func() int {
		made, _ := filepath.Glob(filepath.Join(dir, "ledger-*.db"))
		return len(made)
	}
	s.until("there is a backup", func() bool { return count() == 1 }, func() string { return "there is none" })
	s.until("the end of the trouble is said", func() bool { return len(log.with("can be made again")) == 1 }, func() string { return "it is not" })
	noError(t, l.Set(ctx, "k", "w"))
	s.until("there is another", func() bool { return count() == 2 }, func() string { return "there is none" })
	time.Sleep(100 * time.Millisecond)
	if n := count(); n != 2 {
		t.Errorf("there are %d backups after two changes", n)
	}
	cancel()
	noError(t, <-ended)
}

// prepared makes the data directory.
func (s *studio) prepared() string {
	s.t.Helper()
	noError(s.t, os.MkdirAll(s.config.DataDir, 0o700))
	return s.config.DataDir
}

// What is old is forgotten once a day.
func TestForgettingOnceADay(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.save(nil, "Characters", "empty.png")
	s.save(nil, "Characters", "empty too.png")
	s.once()
	noError(t, os.Remove(s.path("Characters", "empty.png")))
	l, err := openLedger(t.Context(), s.config.DataDir, s.log())
	noError(t, err)
	defer l.Close()
	now := time.Now()
	var log lines
	u := newMaintenance(l, log.logger())
	u.now = func() time.Time { return now }
	for _, c := range []struct {
		after time.Duration
		lines int
	}{{0, 0}, {23 * time.Hour, 0}, {91 * 24 * time.Hour, 1}, {time.Hour, 1}} {
		now = now.Add(c.after)
		u.prune(t.Context(), 0)
		if n := len(log.with("forgot what is old")); n != c.lines {
			t.Errorf("%v later it forgot %d times, want %d", c.after, n, c.lines)
		}
	}
	if it, err := l.Find(t.Context(), s.path("Characters", "empty too.png")); err != nil || it.State != drop.Held {
		t.Errorf("what is held: %+v, %v", it, err)
	}
}
