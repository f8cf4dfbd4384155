package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
)

// worked makes a ledger with one imported content and many other items, closes it, and
// returns its path. With backups, the content is in one.
func worked(t *testing.T, withBackup bool) (path string, clock *testClock) {
	t.Helper()
	clock = newClock()
	path = filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, clock.now)
	must(t, err)
	way(t, l, clock, func(string) {})
	admitMany(t, l, "early", 300)
	if withBackup {
		if made, err := l.Backup(t.Context()); !made || err != nil {
			t.Fatal(made, err)
		}
	}
	clock.advance(hour)
	admitMany(t, l, "late", 300)
	must(t, l.Close())
	return path, clock
}

func admitMany(t *testing.T, l *Ledger, prefix string, n int) {
	t.Helper()
	var s []Observation
	for i := range n {
		s = append(s, observation(fmt.Sprintf("%s/%d.png", prefix, i), int64(i)))
	}
	admit(t, l, s...)
}

func scribble(t *testing.T, path string, at int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(b, at)
	must(t, errors.Join(err, f.Close()))
}

func noise(n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}

// damages are what may happen to a ledger that nobody has open.
var damages = map[string]func(t *testing.T, path string){
	"deleted":           func(t *testing.T, path string) { must(t, os.Remove(path)) },
	"emptied":           func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
	"cut in the header": func(t *testing.T, path string) { must(t, os.Truncate(path, 50)) },
	"cut after a page":  func(t *testing.T, path string) { must(t, os.Truncate(path, 4096)) },
	"cut in the middle": func(t *testing.T, path string) { must(t, os.Truncate(path, sizeOf(t, path)/2+100)) },
	"cut at a page":     func(t *testing.T, path string) { must(t, os.Truncate(path, sizeOf(t, path)/2/4096*4096)) },
	"cut by a page":     func(t *testing.T, path string) { must(t, os.Truncate(path, sizeOf(t, path)-4096)) },
	"header scribbled":  func(t *testing.T, path string) { scribble(t, path, 0, noise(100, 1)) },
	"schema scribbled":  func(t *testing.T, path string) { scribble(t, path, 100, noise(3000, 2)) },
	"middle scribbled":  func(t *testing.T, path string) { scribble(t, path, sizeOf(t, path)/2/4096*4096, noise(3*4096, 3)) },
	"one page zeroed":   func(t *testing.T, path string) { scribble(t, path, 8*4096, make([]byte, 4096)) },
	"random bytes":      func(t *testing.T, path string) { must(t, os.WriteFile(path, noise(100_000, 4), 0o600)) },
	"text": func(t *testing.T, path string) {
		must(t, os.WriteFile(path, []byte(strings.Repeat("not a ledger\n", 999)), 0o600))
	},
	"an empty database":   emptyDatabase,
	"two pages exchanged": exchangePages,
}

func emptyDatabase(t *testing.T, path string) {
	must(t, os.Remove(path))
	must(t, create(path))
	db, err := open(path, "rw", nil)
	must(t, err)
	_, err = db.Exec("CREATE TABLE x (y); DROP TABLE x")
	must(t, errors.Join(err, db.Close()))
}

func exchangePages(t *testing.T, path string) {
	b, err := os.ReadFile(path)
	must(t, err)
	one, other := bytes.Clone(b[4096:8192]), bytes.Clone(b[9*4096:10*4096])
	copy(b[4096:], other)
	copy(b[9*4096:], one)
	must(t, os.WriteFile(path, b, 0o600))
}

// Whatever happened to a ledger, it is noticed before anything is written, kept, and its
// latest backup takes its place, in doubt about what came after that.
func TestDamageIsNoticedAndMended(t *testing.T) {
	t.Parallel()
	for name, damage := range damages {
		for _, withBackup := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/backup=%v", name, withBackup), func(t *testing.T) {
				t.Parallel()
				path, clock := worked(t, withBackup)
				damage(t, path)
				before, rerr := os.ReadFile(path)

				_, err := Open(t.Context(), path, clock.now)
				if d := (*DamagedError)(nil); !errors.As(err, &d) || !Damaged(err) || !strings.Contains(err.Error(), path) || Unwritable(err) {
					t.Fatalf("open gave %v", err)
				}
				if after, err := os.ReadFile(path); !bytes.Equal(before, after) || errors.Is(rerr, fs.ErrNotExist) != errors.Is(err, fs.ErrNotExist) {
					t.Error("the look has changed it")
				}
				clock.advance(hour)
				rec, err := Recover(t.Context(), path, clock.now)
				must(t, err)
				if (rec.SetAside == "") != (name == "deleted") || (rec.Backup == "") == withBackup {
					t.Errorf("recovered: %+v", rec)
				}
				if rec.SetAside != "" {
					if kept, err := os.ReadFile(rec.SetAside); err != nil || !bytes.Equal(kept, before) {
						t.Errorf("the damaged ledger was not kept as it was: %v", err)
					}
				}
				l := openAt(t, path, clock)
				mended(t, l, clock, withBackup)
			})
		}
	}
}

// mended checks a ledger that took the place of the one worked made.
func mended(t *testing.T, l *Ledger, clock *testClock, withBackup bool) {
	t.Helper()
	checkIntegrity(t, l)
	if d, err := l.Unreconciled(t.Context()); err != nil || !d.Lost || !d.Before.Equal(clock.now()) {
		t.Errorf("doubt: %+v, %v; want what was there by %v", d, err, clock.now())
	}
	it, err := l.Find(t.Context(), inRoot("a.png"))
	if withBackup && (err != nil || it.State != drop.Imported || it.Asset != "asset") || !withBackup && !errors.Is(err, ErrNotFound) {
		t.Errorf("the file sent before: %+v, %v", it, err)
	}
	if withBackup {
		found(t, l, inRoot("early/0.png"))
	}
	if _, err := l.Find(t.Context(), inRoot("late/0.png")); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the backup: %v", err)
	}
	must(t, l.Set(t.Context(), "k", "v"))
	if left, err := filepath.Glob(l.Path() + "-restored*"); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if info, err := os.Stat(l.Path()); err != nil || !windowsModes && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// A backup that is damaged too is passed over for the one before it.
func TestDamagedBackup(t *testing.T) {
	path, clock := worked(t, true)
	l, err := Open(t.Context(), path, clock.now)
	must(t, err)
	must(t, l.Set(t.Context(), "k", "v"))
	if made, err := l.Backup(t.Context()); !made || err != nil {
		t.Fatal(made, err)
	}
	must(t, l.Close())
	all, err := backups(path)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	scribble(t, all[1].path, 4096, noise(8192, 1))
	must(t, os.Remove(path))
	rec, err := Recover(t.Context(), path, clock.now)
	if err != nil || rec.Backup != all[0].path || len(rec.Bad) != 1 || rec.Bad[0] != all[1].path || !rec.Taken.Equal(all[0].at) {
		t.Errorf("%+v, %v", rec, err)
	}
	mended(t, openAt(t, path, clock), clock, true)
}

// A recovery that is cut off after any of its steps leads to the same end when it is
// begun again.
func TestCrashInTheMiddleOfARecovery(t *testing.T) {
	t.Parallel()
	for _, withBackup := range []bool{true, false} {
		steps := len(newRestoring("x", time.Now).steps())
		for done := range steps + 1 {
			t.Run(fmt.Sprintf("backup=%v/%d of %d", withBackup, done, steps), func(t *testing.T) {
				t.Parallel()
				path, clock := worked(t, withBackup)
				wal := journalOf(t, path, clock)
				scribble(t, path, 8*4096, noise(8192, 1))
				must(t, os.WriteFile(path+"-wal", wal, 0o600)) // must never be applied to the new one
				r := newRestoring(path, clock.now)
				for _, step := range r.steps()[:done] {
					must(t, step(t.Context()))
				}
				clock.advance(time.Minute)
				l, err := Open(t.Context(), path, clock.now)
				if done == steps {
					must(t, err)
					clock.advance(-time.Minute)
				} else {
					if !Damaged(err) {
						t.Fatalf("after %d steps: %v", done, err)
					}
					_, err := Recover(t.Context(), path, clock.now)
					must(t, err)
					l, err = Open(t.Context(), path, clock.now)
					must(t, err)
				}
				defer l.Close()
				mended(t, l, clock, withBackup)
				kept, err := filepath.Glob(filepath.Join(filepath.Dir(path), "ledger-damaged-*"))
				if err != nil || len(kept) < 2 {
					t.Errorf("of the damaged ledger are kept %v, %v", kept, err)
				}
			})
		}
	}
}

// journalOf returns the journal of a process that died in the middle of its work on the
// ledger at path.
func journalOf(t *testing.T, path string, clock *testClock) []byte {
	t.Helper()
	at := filepath.Join(t.TempDir(), "ledger.db")
	copyLedger(t, path, at, -1)
	l, err := Open(t.Context(), at, clock.now)
	must(t, err)
	defer l.Close()
	for n := range 20 {
		must(t, l.Set(t.Context(), "k", num(int64(n))))
	}
	wal, err := os.ReadFile(at + "-wal")
	must(t, err)
	if len(wal) == 0 {
		t.Fatal("there is no journal")
	}
	return wal
}

// A backup by a newer program is not put in the place of anything.
func TestRecoveryFromANewerBackup(t *testing.T) {
	path, clock := worked(t, true)
	all, err := backups(path)
	must(t, err)
	db, err := open(all[0].path, "rw", nil)
	must(t, err)
	_, err = db.Exec(fmt.Sprint("PRAGMA user_version = ", newest()+1))
	must(t, errors.Join(err, db.Close()))
	scribble(t, path, 0, noise(100, 1))
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := Recover(t.Context(), path, clock.now); !errors.Is(err, ErrNewer) {
		t.Errorf("from a backup of a newer program: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("it was changed; %v", err)
	}
}

// An index that lacks a row is found after an unclean end, and only then, for it costs more.
func TestWholeCheckAfterAnUncleanEnd(t *testing.T) {
	path, clock := worked(t, false)
	db, err := open(path, "rw", nil)
	must(t, err)
	// The index is filled as one of other columns.
	for _, columns := range []string{"name, dir", "dir, name"} {
		_, err = db.Exec("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE INDEX items_by_path ON items (" + columns + ")' WHERE name = 'items_by_path'")
		must(t, errors.Join(err, db.Close()))
		db, err = open(path, "rw", nil)
		must(t, err)
		if columns == "name, dir" {
			_, err = db.Exec("REINDEX items_by_path")
			must(t, err)
		}
	}
	must(t, db.Close())

	l, err := Open(t.Context(), path, clock.now) // closed well
	must(t, err)
	must(t, l.closeFiles()) // as a process that is killed leaves it
	if _, err := Open(t.Context(), path, clock.now); !Damaged(err) {
		t.Errorf("after an unclean end: %v", err)
	}
}

// Nobody writes to a ledger any more that was seen to be damaged, and the next to open it
// checks all of it.
func TestDamageAtWork(t *testing.T) {
	path, clock := worked(t, true)
	l, err := Open(t.Context(), path, clock.now)
	must(t, err)
	must(t, l.Set(t.Context(), "k", "v"))
	if l.Damage() != nil {
		t.Fatal(l.Damage())
	}
	size := sizeOf(t, path)
	scribble(t, path, 4096, noise(int(size)-4096, 7))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	awaited := make(chan error, 1)
	go func() { awaited <- l.AwaitDamage(ctx) }()
	for _, err := range l.Newest(t.Context()) {
		if err != nil && !Damaged(err) {
			t.Errorf("reading gave %v", err)
		}
	}
	if err := <-awaited; !Damaged(err) {
		t.Errorf("damage: %v", err)
	}
	if err := l.Set(t.Context(), "k", "w"); !Damaged(err) {
		t.Errorf("a change after the damage: %v", err)
	}
	_ = l.Close()
	if last, err := readState(path); last.closed || !last.known || err != nil {
		t.Errorf("it counts as closed well: %+v, %v", last, err)
	}
	if _, err := Open(t.Context(), path, clock.now); !Damaged(err) {
		t.Errorf("opened again: %v", err)
	}
}

// A new ledger is begun only where there are no signs of an earlier one.
func TestSignsOfAnEarlierLedger(t *testing.T) {
	path, clock := worked(t, true)
	must(t, os.Remove(path))
	must(t, os.Remove(statePath(path)))
	if _, err := Open(t.Context(), path, clock.now); !Damaged(err) {
		t.Errorf("only backups are left: %v", err)
	}
	must(t, os.RemoveAll(backupDir(path)))
	l := openAt(t, path, clock)
	if d, err := l.Unreconciled(t.Context()); err != nil || d.Lost {
		t.Errorf("a first ledger: %+v, %v", d, err)
	}
	if _, err := OpenReadOnly(t.Context(), filepath.Join(t.TempDir(), "ledger.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
}
