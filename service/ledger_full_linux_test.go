package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/standin"
)

// smallDisk gives the studio's data directory a disk of its own, of so many bytes.
func (s *studio) smallDisk(size int64) {
	s.t.Helper()
	mounttest.Tmpfs(s.t, s.prepared(), size)
	noError(s.t, os.Chmod(s.config.DataDir, 0o700))
}

// fillDisk leaves no more than so many bytes of the data directory's disk, and returns
// what frees them again.
func (s *studio) fillDisk(leave int64) (free func()) {
	s.t.Helper()
	var st unix.Statfs_t
	noError(s.t, unix.Statfs(s.config.DataDir, &st))
	ballast := filepath.Join(s.config.DataDir, "ballast")
	if n := int64(st.Bavail)*st.Bsize - leave; n > 0 {
		noError(s.t, os.WriteFile(ballast, make([]byte, n), 0o600))
	}
	return func() { noError(s.t, os.Remove(ballast)) }
}

// With a full disk under the ledger work stops, says so, and goes on by itself; nothing
// is forgotten, failed or sent twice, wherever in a file's way the disk was full.
func TestLedgerDiskFull(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: 50 * time.Millisecond}, "Characters")
	s.smallDisk(16 << 20)
	s.config.Upload.PartSize = partSize
	var out lines
	s.logger = slog.New(logging.NewDeduplicator(out.logger().Handler(), time.Now))
	d, stop := s.run()
	sums := []string{s.save(noise(5000, 1), "Characters", "first.png")}
	s.await(drop.Imported, "Characters", "first.png")

	const rounds, each = 2, 40
	for round := range rounds {
		free := s.fillDisk(int64(round) * 40 << 10) // full at once, or after some commits
		for n := range each {
			size := 3000 + n
			if n%20 == 0 {
				size = 2*partSize + n
			}
			sums = append(sums, s.save(noise(size, uint64(1000*round+n+7)), "Characters", fmt.Sprintf("%d/orc %d.png", round, n)))
		}
		trouble := ""
		s.until("the status says that the disk is full", func() bool {
			// Uses up what room the ledger's files have already.
			_ = d.ledger.Set(t.Context(), "ballast", string(noise(300_000, uint64(time.Now().UnixNano()))))
			snap, err := d.Snapshot(t.Context())
			trouble = snap.Trouble
			return err == nil && strings.Contains(trouble, "is full") && strings.Contains(trouble, s.config.DataDir)
		}, func() string { return trouble })
		if _, err := d.ledger.Backup(t.Context()); err == nil {
			t.Error("there was room for a backup")
		}
		left, err := filepath.Glob(filepath.Join(s.config.DataDir, "backups", "*unfinished*"))
		if err != nil || len(left) > 0 {
			t.Errorf("a backup left %v, %v", left, err)
		}
		free()
	}
	s.until("all are imported", func() bool {
		snap, err := d.Snapshot(t.Context())
		return err == nil && snap.Counts[drop.Imported] == len(sums) && snap.Trouble == ""
	}, func() string {
		snap, err := d.Snapshot(t.Context())
		return fmt.Sprintf("%d of %d; %v; trouble %q; %v", snap.Counts[drop.Imported], len(sums), snap.Counts, snap.Trouble, err)
	})
	stop()
	s.exactlyOnce(sums...)
	l, err := openLedger(t.Context(), s.config.DataDir, s.log())
	noError(t, err)
	defer l.Close()
	if counts, err := l.Counts(t.Context()); err != nil || counts[drop.Imported] != len(sums) || len(counts) != 1 {
		t.Errorf("in the end: %v, %v", counts, err)
	}
	if n := len(out.with("the local database can be used again")) + len(out.with("the finds can be handed on again")); n < 1 || n > 3*rounds {
		t.Errorf("it was said %d times that it goes on", n)
	}
	if bad := append(out.with("level=ERROR"), out.with("level=WARN")...); len(bad) == 0 || len(bad) > 10*rounds {
		t.Errorf("%d lines of trouble for %d files:\n%s", len(bad), len(sums), strings.Join(bad, ""))
	}
}

// A disk without room for another file: what is open works on, a start says what is
// missing.
func TestLedgerDiskOutOfInodes(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.smallDisk(4 << 20)
	sums := []string{s.save(noise(4000, 3), "Characters", "first.png")}
	_, stop := s.run()
	s.await(drop.Imported, "Characters", "first.png")
	takeAll := func() (names []string) {
		noError(t, unix.Mount("", s.config.DataDir, "", unix.MS_REMOUNT, "nr_inodes=40"))
		for n := 0; ; n++ {
			name := filepath.Join(s.config.DataDir, fmt.Sprint("filler", n))
			err := os.WriteFile(name, nil, 0o600)
			if errors.Is(err, syscall.ENOSPC) {
				return names
			}
			noError(t, err)
			names = append(names, name)
		}
	}
	fillers := takeAll()
	sums = append(sums, s.save(noise(5000, 1), "Characters", "orc.png"))
	s.await(drop.Imported, "Characters", "orc.png")
	stop()
	_, err := Once(t.Context(), s.config, s.log(), nil, nil)
	if err == nil { // what the end of the daemon gave back was enough
		takeAll()
		_, err = Once(t.Context(), s.config, s.log(), nil, nil)
	}
	if err == nil || !strings.Contains(err.Error(), "make room") && !strings.Contains(err.Error(), "is full") {
		t.Errorf("without inodes: %v", err)
	}
	for _, name := range fillers {
		noError(t, os.Remove(name))
	}
	sums = append(sums, s.save(noise(6000, 2), "Characters", "elf.png"))
	s.once()
	s.exactlyOnce(sums...)
}

// A data directory that cannot be written is a clear error, and nothing is touched.
func TestReadOnlyDataDir(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.smallDisk(8 << 20)
	sum := s.save(noise(5000, 1), "Characters", "orc.png")
	s.once()
	noError(t, unix.Mount("", s.config.DataDir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	for what, try := range map[string]func() error{
		"once": func() error { _, err := Once(t.Context(), s.config, s.log(), nil, nil); return err },
		"run": func() error {
			_, err := Open(t.Context(), Options{Config: s.config, Doing: "run", Log: s.log()})
			return err
		},
	} {
		if err := try(); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "data_dir") || ledger.Damaged(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := OfflineSnapshot(t.Context(), s.config); err != nil && (ledger.Damaged(err) || !strings.Contains(err.Error(), s.config.DataDir)) {
		t.Errorf("a look: %v", err)
	}
	noError(t, unix.Mount("", s.config.DataDir, "", unix.MS_REMOUNT, ""))
	s.once()
	s.exactlyOnce(sum)
	if kept, _ := filepath.Glob(filepath.Join(s.config.DataDir, "ledger-damaged*")); len(kept) > 0 {
		t.Errorf("it was set aside: %v", kept)
	}
}

// A disk that turns read-only in the middle of the work stops it, and says so; the file
// is not lost, and not sent half.
func TestDiskTurnsReadOnly(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	mounttest.Ext4(t, s.prepared(), 16<<20)
	sum := s.save(noise(5000, 1), "Characters", "orc.png")
	d, err := Open(t.Context(), Options{Config: s.config, Doing: "run", Log: s.log()})
	noError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	s.await(drop.Imported, "Characters", "orc.png")
	if out, err := exec.Command("mount", "-o", "remount,abort", s.config.DataDir).CombinedOutput(); err != nil {
		t.Logf("the disk cannot be made to fail: %v\n%s", err, out)
	} else {
		s.save(noise(6000, 2), "Characters", "elf.png")
		trouble := ""
		s.until("the status says that the local database cannot be written", func() bool {
			snap, err := d.Snapshot(ctx)
			trouble = snap.Trouble
			return err == nil && strings.Contains(trouble, "cannot be written")
		}, func() string { return trouble })
	}
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, syscall.EROFS) { // its own files cannot be removed
		t.Errorf("it ended with %v", err)
	}
	_ = d.Close()
	s.exactlyOnce(sum)
}

// A single pass waits for room on the disk of the ledger for a while, then ends and says so.
func TestOnceGivesUpOnAFullDisk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ago time.Duration
		end bool
	}{"a moment ago": {0, false}, "for long": {unreachableAfter + time.Second, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			s.smallDisk(2 << 20)
			l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), func() time.Time { return time.Now().Add(-c.ago) })
			noError(t, err)
			defer l.Close()
			e, err := newEngine(s.config, l, s.log())
			noError(t, err)
			defer e.close()
			free := s.fillDisk(0)
			if err := l.Set(t.Context(), "k", strings.Repeat("v", 1<<20)); !ledger.Unwritable(err) {
				t.Fatalf("on a full disk: %v", err)
			}
			p := &pass{engine: e, result: &Result{Counts: map[drop.State]int{}}}
			_, err = p.check(t.Context(), true)
			if (err != nil) != c.end || c.end && !strings.Contains(err.Error(), "is full") {
				t.Errorf("the pass goes on: %v", err)
			}
			// What was probed ends the trouble, though nobody else writes.
			free()
			ctx, cancel := context.WithCancel(t.Context())
			u := newMaintenance(l, s.log())
			u.probe = time.Millisecond
			ended := make(chan error, 1)
			go func() { ended <- u.Run(ctx) }()
			s.until("the trouble is over", func() bool { _, ok := l.Trouble(); return !ok }, func() string { return "it is not" })
			cancel()
			noError(t, <-ended)
		})
	}
}
