package ledger

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"scenario-drop/drop"
)

// fillLedger makes items in a state, in one statement, and the files and contents with them.
func fillLedger(b testing.TB, l *Ledger, state drop.State, from, n int) {
	b.Helper()
	if n == 0 {
		return
	}
	must(b, l.write.do(b.Context(), func(tx *sql.Tx) error {
		for _, q := range []string{
			`WITH RECURSIVE c (x) AS (SELECT ?2 UNION ALL SELECT x + 1 FROM c WHERE x < ?2 + ?3 - 1)
				INSERT INTO items (root, dir, name, size, mtime, ctime, dev, ino, state, scope, kind, asset, sha256, sample, created_at, updated_at)
				SELECT x'2f72', CAST('/r/' || (x / 500) AS BLOB), CAST(x || '.png' AS BLOB), x + 1, x, x, 1, x, ?1, 'host/project', 'image',
					CASE ?1 WHEN 'imported' THEN 'asset-' || x ELSE '' END, CAST(x AS BLOB), CAST(x AS BLOB), 1, x FROM c`,
			`INSERT INTO files (dir, name, size, mtime, ctime, item) SELECT dir, name, size, mtime, ctime, id FROM items WHERE mtime BETWEEN ?2 AND ?2 + ?3 - 1 AND ?1 <> ''`,
			`INSERT INTO contents (scope, kind, sha256, size, sample, item, asset, created_at) SELECT scope, kind, sha256, size, sample, id, asset, 1
				FROM items WHERE mtime BETWEEN ?2 AND ?2 + ?3 - 1 AND ?1 = 'imported'`,
		} {
			if _, err := tx.Exec(q, state, from, n); err != nil {
				return err
			}
		}
		return nil
	}))
}

// A claim of 16 items and their release, with so many items at rest and queued.
func BenchmarkClaim(b *testing.B) {
	for _, c := range []struct{ imported, queued int }{{0, 100}, {100_000, 100}, {0, 10_000}, {100_000, 10_000}} {
		b.Run(fmt.Sprintf("imported=%d/queued=%d", c.imported, c.queued), func(b *testing.B) {
			l, clock := newLedger(b)
			fillLedger(b, l, drop.Imported, 0, c.imported)
			fillLedger(b, l, drop.Queued, c.imported, c.queued)
			claim := everything("w", clock.now().Add(time.Minute))
			claim.Limit = 16
			for b.Loop() {
				items, err := l.Claim(b.Context(), claim)
				if err != nil || len(items) != claim.Limit {
					b.Fatal(len(items), err)
				}
				b.StopTimer()
				must(b, l.ReleaseAll(b.Context()))
				b.StartTimer()
			}
		})
	}
}

// The cost of looking for work where there is none for the asking lane, and of NextDue.
func BenchmarkNothingToClaim(b *testing.B) {
	l, clock := newLedger(b)
	fillLedger(b, l, drop.Imported, 0, 100_000)
	fillLedger(b, l, drop.Queued, 100_000, 10_000)
	b.Run("Claim", func(b *testing.B) {
		large := Claim{Owner: "w", Until: clock.now().Add(time.Minute), MinSize: 1 << 40, MaxSize: 1 << 62, Limit: 4}
		for b.Loop() {
			items, err := l.Claim(b.Context(), large)
			if err != nil || len(items) != 0 {
				b.Fatal(len(items), err)
			}
		}
	})
	b.Run("NextDue", func(b *testing.B) {
		for b.Loop() {
			if _, ok, err := l.NextDue(b.Context()); err != nil || !ok {
				b.Fatal(ok, err)
			}
		}
	})
	b.Run("Recent", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.Recent(b.Context(), 50); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Counts", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.Counts(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Known", func(b *testing.B) {
		for b.Loop() {
			if known, err := l.Known(b.Context(), "/r/7"); err != nil || len(known) != 500 {
				b.Fatal(len(known), err)
			}
		}
	})
}

// What a claim costs with 100 000 items queued, none or few of which are for it.
func BenchmarkClaimMixes(b *testing.B) {
	const n = 100_000
	for _, c := range []struct {
		name        string
		change      string // of the items
		large       bool   // who asks
		unavailable []string
		want        int
	}{
		{"small while all are large", "size = 1 << 30", false, nil, 0},
		{"large while all are small", "size = 1", true, nil, 0},
		{"all in an unresponsive folder", "size = 1", false, []string{"/r"}, 0},
		{"all but one in an unresponsive folder", "size = 1, root = CASE WHEN id = (SELECT max(id) FROM items) THEN x'2f73' ELSE root END", false, []string{"/r"}, 1},
		{"all put off", "size = 1, not_before = 1 << 50", false, nil, 0},
		{"all being moved", "size = 1, state = 'cleaning_up', asset = 'a'", false, []string{"/r"}, 0},
		{"all for it", "size = 1", false, nil, 16},
	} {
		b.Run(c.name, func(b *testing.B) {
			l, clock := newLedger(b)
			fillLedger(b, l, drop.Queued, 0, n)
			must(b, l.exec(b.Context(), "change", "UPDATE items SET "+c.change))
			claim := everything("w", clock.now().Add(time.Minute))
			claim.Limit, claim.Unavailable = 16, c.unavailable
			if claim.MaxSize = 8 << 20; c.large {
				claim.MinSize, claim.MaxSize, claim.NoBody = 8<<20+1, 1<<62, false
			}
			for b.Loop() {
				items, err := l.Claim(b.Context(), claim)
				if err != nil || len(items) != c.want {
					b.Fatal(len(items), err)
				}
				b.StopTimer()
				if c.want > 0 {
					must(b, l.ReleaseAll(b.Context()))
				}
				b.StartTimer()
			}
		})
	}
	b.Run("all wait for an older version", func(b *testing.B) {
		l, clock := newLedger(b)
		fillLedger(b, l, drop.Importing, 0, n)
		fillLedger(b, l, drop.Queued, n, n)
		must(b, l.exec(b.Context(), "change", "UPDATE items SET dir = CAST('/r/' || ((mtime - 100000) / 500) AS BLOB), name = CAST((mtime - 100000) || '.png' AS BLOB) WHERE state = 'queued'"))
		claim := everything("w", clock.now().Add(time.Minute))
		claim.Limit = 16
		for b.Loop() {
			items, err := l.Claim(b.Context(), claim)
			if err != nil || len(items) != 0 {
				b.Fatal(len(items), err)
			}
		}
	})
}

// New files, 256 in a batch.
func BenchmarkAdmit(b *testing.B) {
	l, _ := newLedger(b)
	n := int64(0)
	batch := make([]Observation, 256)
	for b.Loop() {
		for i := range batch {
			n++
			batch[i] = observation(fmt.Sprintf("%d/%d", n/500, n), n)
		}
		if queued, err := l.Admit(b.Context(), batch); err != nil || queued != len(batch) {
			b.Fatal(queued, err)
		}
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "files/s")
}

// One durable change at a time, and many at once that share transactions.
func BenchmarkMove(b *testing.B) {
	setup := func(b *testing.B) (*Ledger, func(int64) error) {
		l, clock := newLedger(b)
		fillLedger(b, l, drop.Importing, 0, 1000)
		return l, func(n int64) error {
			return l.CheckAgain(b.Context(), Item{ID: 1 + n%1000}, clock.now(), drop.Why{})
		}
	}
	b.Run("single", func(b *testing.B) {
		_, move := setup(b)
		n := int64(0)
		for b.Loop() {
			n++
			must(b, move(n))
		}
	})
	for _, at := range []int{8, 64} {
		b.Run(fmt.Sprintf("at-once=%d", at), func(b *testing.B) {
			_, move := setup(b)
			b.SetParallelism(at / 2)
			b.RunParallel(func(pb *testing.PB) {
				for n := int64(0); pb.Next(); n++ {
					if err := move(n); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
