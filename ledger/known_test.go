package ledger

import (
	"database/sql"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

func keepKnown(t testing.TB, l *Ledger) int {
	t.Helper()
	n, err := l.KeepKnown(t.Context())
	must(t, err)
	return n
}

// isKept reports whether the answer of a directory is ready.
func isKept(t testing.TB, l *Ledger, dir string) bool {
	t.Helper()
	known, err := l.kept(t.Context(), dir)
	must(t, err)
	return known != nil
}

// sameKnown fails unless Known answers what the rows say.
func sameKnown(t *testing.T, l *Ledger, dir, after string) {
	t.Helper()
	rows, err := l.known(t.Context(), dir)
	must(t, err)
	if known := knownIn(t, l, dir); !maps.Equal(known, rows) {
		t.Fatalf("after %s, %s has %v by its rows, and known is %v", after, dir, rows, known)
	}
}

// Whatever happens to files and items, in whatever order: what is known of a directory is
// what its rows say, whether it was kept or not.
func TestKnownIsWhatTheRowsSay(t *testing.T) {
	t.Parallel()
	steps := 300
	if underRace {
		steps = 60
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			l, clock := newLedger(t)
			w := &wanderer{T: t, l: l, clock: clock, rng: rand.New(rand.NewPCG(seed, 1))}
			dirs := []string{root, inRoot("a"), inRoot("b")}
			kept := 0
			for range steps {
				did := w.step()
				for _, dir := range dirs {
					sameKnown(t, l, dir, did)
					if isKept(t, l, dir) {
						kept++
					}
				}
			}
			if kept < steps/4 || kept > steps*5/2 {
				t.Errorf("an answer was ready %d times of %d", kept, 3*steps)
			}
			checkIntegrity(t, l)
		})
	}
}

// wanderer does things to a ledger, at random.
type wanderer struct {
	*testing.T
	l     *Ledger
	clock *testClock
	rng   *rand.Rand
}

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

func (w *wanderer) step() (did string) {
	t, l, ctx := w.T, w.l, w.Context()
	w.clock.advance(time.Duration(w.rng.IntN(1000)) * time.Millisecond)
	path := pick(w.rng, "x", "y", "a/x", "a/y", "b/x")
	switch n := w.rng.IntN(20); {
	case n < 6:
		s := observation(path, w.rng.Int64N(3))
		s.State = pick(w.rng, drop.Queued, drop.Queued, drop.Held, drop.Ignored)
		s.IgnoreChanges = n == 0
		if s.State != drop.Queued {
			s.Reason, s.Detail = pick(w.rng, "empty", "rule", drop.ReasonPossibleDuplicate, drop.ReasonChangeIgnored), "So."
		}
		admit(t, l, s)
		return fmt.Sprintf("a sighting of %s: %s %s", path, s.State, s.Reason)
	case n < 13:
		return w.move()
	case n == 13:
		_, err := l.Retry(ctx, pick(w.rng, nil, []string{inRoot(path)}))
		must(t, err)
		return "a retry"
	case n == 14:
		_, err := l.LinkExisting(ctx, nil)
		must(t, err)
		return "an adoption"
	case n == 15 && w.rng.IntN(4) == 0:
		w.clock.advance(100 * day)
		return fmt.Sprintf("forgetting %+v", prune(t, l, w.clock))
	}
	return fmt.Sprintf("keeping %d", keepKnown(t, l))
}

// move makes one of the legal moves of one of the items.
func (w *wanderer) move() string {
	items, err := w.l.Recent(w.Context(), 1000)
	must(w.T, err)
	items = slices.DeleteFunc(items, func(it Item) bool { return len(moves[it.State]) == 0 })
	if len(items) == 0 {
		return "nothing"
	}
	it := pick(w.rng, items...)
	m := move{item: it.ID, from: it.State, to: pick(w.rng, append(moves[it.State], it.State)...),
		why: pick(w.rng, "", "unreadable", drop.ReasonPossibleDuplicate, drop.ReasonCannotReconcile, drop.ReasonChangeIgnored).With("")}
	must(w.T, w.l.apply(w.Context(), m))
	return fmt.Sprintf("the move of %s from %s to %s %s", it.Path, m.from, m.to, m.why.Reason)
}

// What changes while an answer is made is not lost, however the two meet.
func TestKnownThatChangesWhileItIsKept(t *testing.T) {
	l, _ := newLedger(t)
	admit(t, l, observation("a/x", 1), observation("b/x", 1))
	dirs, err := l.toMake(t.Context(), []byte{})
	if err != nil || len(dirs) != 2 {
		t.Fatal(dirs, err)
	}
	change := func() { admit(t, l, observation("a/x", time.Now().UnixNano())) }
	for when := range 3 {
		must(t, l.making(t.Context(), dirs))
		if when == 1 {
			change()
		}
		answers, err := l.pack(t.Context(), dirs)
		must(t, err)
		if when == 2 {
			change()
		}
		want := map[bool]int{true: 2, false: 1}[when == 0]
		if n, err := l.take(t.Context(), dirs, answers); n != want || err != nil {
			t.Errorf("%d: %d answers were taken, want %d; %v", when, n, want, err)
		}
		if when == 0 {
			change()
		}
		if isKept(t, l, inRoot("a")) || !isKept(t, l, inRoot("b")) {
			t.Errorf("%d: kept are a: %v, b: %v", when, isKept(t, l, inRoot("a")), isKept(t, l, inRoot("b")))
		}
		sameKnown(t, l, inRoot("a"), "a change")
	}
	// One that was being made when the process was killed is made by the next.
	must(t, l.making(t.Context(), dirs))
	if n := keepKnown(t, l); n != 2 {
		t.Errorf("after a crash %d were made", n)
	}
	if n := keepKnown(t, l); n != 0 {
		t.Errorf("%d were made again", n)
	}
}

// A file on its way to Scenario does not change what is known of its directory.
func TestKnownStaysKeptOnTheWay(t *testing.T) {
	l, clock := newLedger(t)
	admitted := false
	way(t, l, clock, func(what string) {
		if !admitted {
			admitted = true
			if n := keepKnown(t, l); n != 1 {
				t.Fatalf("%d were made", n)
			}
		}
		if !isKept(t, l, root) {
			t.Errorf("after %s it is not kept any more", what)
		}
	})
	sameKnown(t, l, root, "all of it")
}

// An answer that was kept is the one that is given, and is given to those who only read.
func TestKeptIsUsed(t *testing.T) {
	l, _ := newLedger(t)
	admit(t, l, observation("x", 1))
	keepKnown(t, l)
	var p packer
	p.add([]byte("another"), fp(7))
	must(t, l.exec(t.Context(), "put", "UPDATE known SET files = ?", p.packed))
	want := map[string]file.Fingerprint{"another": {Size: 1007, ModTime: 1e18 + 7, ChangeTime: 1e18 + 7}}
	if known := knownIn(t, l, root); !maps.Equal(known, want) {
		t.Errorf("known is %v", known)
	}
	r, err := OpenReadOnly(t.Context(), l.Path())
	must(t, err)
	defer r.Close()
	if known := knownIn(t, r, root); !maps.Equal(known, want) {
		t.Errorf("to a reader, known is %v", known)
	}
	if _, err := r.KeepKnown(t.Context()); err == nil {
		t.Error("a reader keeps")
	}
	// What cannot be read is as good as not there.
	for _, bad := range [][]byte{nil, {}, {packedFormat + 1, 0}, p.packed[:len(p.packed)-1]} {
		must(t, l.exec(t.Context(), "put", "UPDATE known SET files = ?", bad))
		sameKnown(t, l, root, fmt.Sprintf("putting %x", bad))
	}
}

// Directories with very much in them, and with nothing that need not be checked, are
// not kept, and not tried again either.
func TestKnownThatIsNotKept(t *testing.T) {
	l, _ := newLedger(t)
	long := strings.Repeat("n", 1<<18)
	var s []Observation
	for i := range int64(knownMost>>18 + 1) {
		s = append(s, observation(fmt.Sprint("large/", i, long), i))
	}
	held := observation("held/x", 1)
	held.State, held.Reason = drop.Held, "empty"
	admit(t, l, append(s, held, observation("few/x", 1))...)
	for want := 1; want >= 0; want-- {
		if n := keepKnown(t, l); n != want {
			t.Errorf("%d were made, want %d", n, want)
		}
	}
	for dir, want := range map[string]int{"large": len(s), "held": 0, "few": 1} {
		if kept, n := isKept(t, l, inRoot(dir)), len(knownIn(t, l, inRoot(dir))); kept != (dir == "few") || n != want {
			t.Errorf("of %s %d are known, kept: %v", dir, n, kept)
		}
	}
	must(t, l.exec(t.Context(), "fewer", "DELETE FROM files WHERE dir = ? AND size % 2 = 0", []byte(inRoot("large"))))
	if n := keepKnown(t, l); n != 1 || !isKept(t, l, inRoot("large")) {
		t.Errorf("with half of the files, %d were made", n)
	}
	sameKnown(t, l, inRoot("large"), "that")
}

// A ledger from before has everything to be kept.
func TestKnownOfAnOlderLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, create(path))
	db, err := open(path, "rw", nil)
	must(t, err)
	for _, name := range migrationFiles()[:4] {
		text, err := migrations.ReadFile(name)
		must(t, err)
		_, err = db.Exec(string(text))
		must(t, err)
	}
	_, err = db.Exec(`PRAGMA user_version = 4;
		INSERT INTO items (id, root, dir, name, size, mtime, ctime, dev, ino, state, created_at, updated_at) VALUES
			(1, X'72', X'2f61', X'78', 1, 2, 3, 0, 0, 'imported', 1, 1), (2, X'72', X'2f62', X'78', 1, 2, 3, 0, 0, 'queued', 1, 1), (3, X'72', X'2f62', X'79', 1, 2, 3, 0, 0, 'held', 1, 1);
		INSERT INTO files SELECT dir, name, size, mtime, ctime, id FROM items`)
	must(t, err)
	must(t, db.Close())
	l := openAt(t, path, newClock())
	if n := keepKnown(t, l); n != 2 {
		t.Errorf("%d were made", n)
	}
	for _, dir := range []string{"/a", "/b"} {
		if known := knownIn(t, l, dir); len(known) != 1 || known["x"] != (file.Fingerprint{Size: 1, ModTime: 2, ChangeTime: 3}) || !isKept(t, l, dir) {
			t.Errorf("%s: %v", dir, known)
		}
	}
}

func TestPackedFiles(t *testing.T) {
	want := map[string]file.Fingerprint{
		"":                       {},
		"a.png":                  {Size: 1, ModTime: math.MaxInt64, ChangeTime: math.MinInt64},
		"b\x00\xff\n":            {Size: math.MaxInt64, ModTime: math.MinInt64, ChangeTime: math.MaxInt64},
		strings.Repeat("n", 999): {Size: -1, ModTime: -1, ChangeTime: 1},
		"日本":                     {Size: 1 << 40, ModTime: 1.7e18, ChangeTime: 1.7e18 + 5},
	}
	var p packer
	for _, name := range slices.Sorted(maps.Keys(want)) {
		p.add([]byte(name), want[name])
	}
	if got, ok := unpackFiles(p.packed); !ok || !maps.Equal(got, want) {
		t.Errorf("unpacked %v, %v", got, ok)
	}
	whole := 0
	for n := range len(p.packed) { // cut off: what is left is whole files, or is not taken
		if got, ok := unpackFiles(p.packed[:n]); ok {
			whole++
			for name, fp := range got {
				if fp != want[name] {
					t.Errorf("%d bytes: %q is %v", n, name, fp)
				}
			}
		}
	}
	if whole != len(want) {
		t.Errorf("cut off, it was taken %d times", whole)
	}
}

func FuzzUnpackFiles(f *testing.F) {
	var p packer
	p.add([]byte("a.png"), fp(1))
	p.add([]byte("b.png"), fp(2))
	f.Add(p.packed)
	f.Add([]byte{packedFormat, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if files, ok := unpackFiles(b); ok != (files != nil) || len(files) > len(b) {
			t.Errorf("%x: %v, %v", b, files, ok)
		}
	})
}

// KeepKnown beside those who change the ledger all the time keeps nobody waiting for
// anything but its small transactions, and ends.
func TestKeepKnownBesideChanges(t *testing.T) {
	l, _ := newLedger(t)
	admitMany(t, l, "a", 500)
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for n := int64(0); ; n++ {
			select {
			case <-stop:
				close(done)
				return
			default:
			}
			if _, err := l.Admit(t.Context(), []Observation{observation(fmt.Sprint("a/", n%500, ".png"), n)}); err != nil {
				done <- err
			}
		}
	}()
	for range 50 {
		keepKnown(t, l)
		knownIn(t, l, inRoot("a"))
	}
	close(stop)
	must(t, <-done)
	keepKnown(t, l)
	if !isKept(t, l, inRoot("a")) {
		t.Error("it is not kept")
	}
	sameKnown(t, l, inRoot("a"), "all of it")
}

// What is known of a directory of 100 files, kept and not.
func BenchmarkKnown(b *testing.B) {
	l, _ := newLedger(b)
	fillLedger(b, l, drop.Imported, 0, 100_000)
	dir := "/r/7"
	must(b, l.write.do(b.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM files WHERE dir = ? AND size % 5 > 0", []byte(dir))
		return err
	}))
	for _, kept := range []bool{false, true} {
		if kept {
			keepKnown(b, l)
		}
		b.Run(fmt.Sprintf("kept=%v", kept), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if known, err := l.Known(b.Context(), dir); err != nil || len(known) != 100 {
					b.Fatal(len(known), err)
				}
			}
		})
	}
}

// Making ready what is known of 200 directories with 500 files each.
func BenchmarkKeepKnown(b *testing.B) {
	l, _ := newLedger(b)
	fillLedger(b, l, drop.Imported, 0, 100_000)
	for b.Loop() {
		must(b, l.exec(b.Context(), "unmake", "UPDATE known SET made = 0, files = NULL"))
		if n := keepKnown(b, l); n != 200 {
			b.Fatal(n)
		}
	}
}
