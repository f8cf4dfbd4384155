package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func backedUp(t *testing.T, l *Ledger) (made bool) {
	t.Helper()
	made, err := l.Backup(t.Context())
	must(t, err)
	return made
}

func TestBackupOnlyOfWhatIsNew(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, observation("a", 1))
	if !backedUp(t, l) {
		t.Error("no backup of a new ledger")
	}
	must(t, l.ReleaseAll(t.Context())) // changes nothing
	clock.advance(hour)
	if backedUp(t, l) {
		t.Error("a backup of nothing new")
	}
	admit(t, l, observation("b", 1))
	if !backedUp(t, l) || backedUp(t, l) {
		t.Error("not one backup of a change")
	}
	all, err := backups(l.Path())
	if err != nil || len(all) != 2 || all[0].path != filepath.Join(filepath.Dir(l.Path()), "backups", "ledger-20300102T030405Z.db") || all[1].at.Sub(all[0].at) != hour {
		t.Errorf("%+v, %v", all, err)
	}
	if at, err := l.LatestBackup(); err != nil || !at.Equal(all[1].at) {
		t.Errorf("latest: %v, %v", at, err)
	}
}

// What changed is known over a restart, by the times of the files.
func TestBackupAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	reopened := func() *Ledger {
		l, err := Open(t.Context(), path, time.Now)
		must(t, err)
		return l
	}
	l := reopened()
	must(t, l.Close())
	l = reopened()
	if !backedUp(t, l) {
		t.Error("no first backup")
	}
	must(t, l.Close())
	old := time.Now().Add(-hour)
	must(t, os.Chtimes(path, old, old))
	l = reopened()
	if backedUp(t, l) {
		t.Error("a backup although nothing was written since the last one")
	}
	must(t, l.Set(t.Context(), "k", "v"))
	must(t, l.Close())
	l = reopened()
	defer l.Close()
	if !backedUp(t, l) {
		t.Error("no backup of what was written before the restart")
	}
}

// A backup made in the middle of work is sound and has everything that was done before
// it began; the work does not wait for it.
func TestBackupBesideWork(t *testing.T) {
	l, _ := newLedger(t)
	admitMany(t, l, "before", 2000)
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	var slowest time.Duration
	done := 0
	working.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			start := time.Now()
			if _, err := l.Admit(ctx, []Observation{observation(fmt.Sprintf("beside/%d", n), 1)}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			slowest = max(slowest, time.Since(start))
			done++
		}
	})
	for range 3 {
		backedUp(t, l)
	}
	cancel()
	working.Wait()
	t.Logf("%d changes meanwhile, the slowest in %v", done, slowest)
	all, err := backups(l.Path())
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	for _, b := range all {
		copied := openAt(t, copyOf(t, b.path), newClock())
		checkIntegrity(t, copied)
		for _, n := range []int{0, 1999} {
			found(t, copied, inRoot(fmt.Sprintf("before/%d.png", n)))
		}
		info, err := os.Stat(b.path)
		must(t, err)
		dir, err := os.Stat(filepath.Dir(b.path))
		must(t, err)
		if !windowsModes && (info.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700) {
			t.Errorf("modes %v of %s, %v of its directory", info.Mode(), b.path, dir.Mode())
		}
	}
	onlyBackups(t, l.Path())
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "ledger.db")
	copyLedger(t, path, at, -1)
	return at
}

// onlyBackups checks that nothing unfinished is left.
func onlyBackups(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(backupDir(path))
	must(t, err)
	all, err := backups(path)
	must(t, err)
	if len(entries) != len(all) {
		t.Errorf("beside %d backups there is something else: %v", len(all), entries)
	}
}

// A backup that is cut off leaves nothing behind, and what a process that was killed left is
// removed by the next.
func TestBackupCutOff(t *testing.T) {
	l, _ := newLedger(t)
	admitMany(t, l, "before", 2000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Backup(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cut off: %v", err)
	}
	must(t, os.MkdirAll(backupDir(l.Path()), 0o700))
	for _, suffix := range []string{"", "-journal"} {
		must(t, os.WriteFile(filepath.Join(backupDir(l.Path()), "ledger-20300101T000000Z.db"+unfinishedSuffix+suffix), []byte("half"), 0o600))
	}
	backedUp(t, l)
	onlyBackups(t, l.Path())
	// Where a directory cannot be made there is an error, and the ledger works on.
	must(t, os.RemoveAll(backupDir(l.Path())))
	must(t, os.WriteFile(backupDir(l.Path()), nil, 0o600))
	must(t, l.Set(t.Context(), "k", "v"))
	if _, err := l.Backup(t.Context()); err == nil {
		t.Error("a backup into nothing")
	}
	must(t, l.Set(t.Context(), "k", "w"))
}

// The names keep the order of making though the clock is put back.
func TestBackupsKeepTheirOrder(t *testing.T) {
	l, clock := newLedger(t)
	for n := range 3 {
		must(t, l.Set(t.Context(), "k", num(int64(n))))
		backedUp(t, l)
		clock.advance(-24 * hour)
	}
	all, err := backups(l.Path())
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	r, err := OpenReadOnly(t.Context(), all[2].path)
	must(t, err)
	defer r.Close()
	if v, err := r.Get(t.Context(), "k"); v != num(2) || err != nil {
		t.Errorf("the last by name has %q, %v", v, err)
	}
}

func TestWhichBackupsAreKept(t *testing.T) {
	at := func(day, hour int) backupFile {
		b := backupFile{at: time.Date(2030, 1, day, hour, 0, 0, 0, time.UTC), size: 1 << 20}
		b.path = b.at.Format("02 15h")
		return b
	}
	var hourly []backupFile
	for day := 1; day <= 20; day++ {
		for hour := range 24 {
			hourly = append(hourly, at(day, hour))
		}
	}
	huge := func(all ...backupFile) []backupFile {
		for i := range all {
			all[i].size = 1 << 30
		}
		return all
	}
	now := time.Date(2030, 1, 20, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		all  []backupFile
		now  time.Time
		keep string
	}{
		{"none", nil, now, ""},
		{"a few", hourly[len(hourly)-3:], now, "20 21h, 20 22h, 20 23h"},
		{"hourly", hourly, now, "14 23h, 15 23h, 16 23h, 17 23h, 18 23h, 19 23h, 20 20h, 20 21h, 20 22h, 20 23h"},
		{"old ones", hourly, now.AddDate(1, 0, 0), "20 20h, 20 21h, 20 22h, 20 23h"},
		{"from the future", hourly, now.AddDate(-1, 0, 0), "20 20h, 20 21h, 20 22h, 20 23h"},
		{"large ones", huge(at(18, 1), at(19, 1), at(20, 1), at(20, 2)), now, "20 01h, 20 02h"},
	} {
		dropped := map[string]bool{}
		for _, b := range superfluous(c.all, c.now) {
			dropped[b.path] = true
		}
		var keep []string
		for _, b := range c.all {
			if !dropped[b.path] {
				keep = append(keep, b.path)
			}
		}
		if got := strings.Join(keep, ", "); got != c.keep && c.name != "from the future" {
			t.Errorf("%s: kept are %s, want %s", c.name, got, c.keep)
		}
	}
}

// A ledger is backed up before it is brought up to date, as it was.
func TestBackupBeforeAMigration(t *testing.T) {
	clock := newClock()
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, create(path))
	db, err := open(path, "rw", nil)
	must(t, err)
	first, err := migrations.ReadFile(migrationFiles()[0])
	must(t, err)
	_, err = db.Exec(string(first) + "; PRAGMA user_version = 1; INSERT INTO meta (key, value) VALUES ('k', 'old')")
	must(t, errors.Join(err, db.Close()))
	l := openAt(t, path, clock)
	if v, err := l.Get(t.Context(), "k"); v != "old" || err != nil {
		t.Errorf("brought up to date: %q, %v", v, err)
	}
	all, err := backups(path)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if v, err := soundCopy(t.Context(), all[0].path); v != 1 || err != nil {
		t.Errorf("the backup is of version %d, %v", v, err)
	}
	// It can take the ledger's place again.
	must(t, os.Truncate(copyOf(t, path), 0))
	at := filepath.Join(t.TempDir(), "ledger.db")
	must(t, os.MkdirAll(backupDir(at), 0o700))
	copyLedger(t, all[0].path, filepath.Join(backupDir(at), filepath.Base(all[0].path)), -1)
	if _, err := Recover(t.Context(), at, clock.now); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, at, clock)
	if v, err := again.Get(t.Context(), "k"); v != "old" || err != nil {
		t.Errorf("recovered: %q, %v", v, err)
	}
}
