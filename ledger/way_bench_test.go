package ledger

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/drop"
)

// wholeWay takes file n through everything that the ledger does for a small file, from
// its being found to its being imported.
func wholeWay(b *testing.B, l *Ledger, n int64, until time.Time) error {
	ctx := b.Context()
	if _, err := l.Admit(ctx, []Observation{observation(fmt.Sprintf("%d/%d.png", n/500, n), n)}); err != nil {
		return err
	}
	claim := everything("bench", until)
	claim.Limit = 1 // which may be another's, who takes this one then
	items, err := l.Claim(ctx, claim)
	if err != nil || len(items) != 1 {
		return fmt.Errorf("%d items claimed: %w", len(items), err)
	}
	it := items[0]
	it.Scope, it.Kind = "host/project", "image"
	sum := make([]byte, 32)
	binary.LittleEndian.PutUint64(sum, uint64(it.ID))
	it.SHA256 = sum
	it.Upload, _, err = l.CompletingOnePart(ctx, it, "bench", Upload{Remote: fmt.Sprint("upload-", it.ID), PartSize: 8 << 20, Parts: 1},
		Content{Scope: it.Scope, Kind: it.Kind, Size: it.Fingerprint.Size, SHA256: sum})
	if err != nil {
		return err
	}
	it.State = drop.Completing
	if err := l.Importing(ctx, it, "bench", until); err != nil {
		return err
	}
	it.State = drop.Importing
	return l.Finished(ctx, it, "", fmt.Sprint("asset-", it.ID), nil)
}

// One small file's whole way, alone and beside others.
func BenchmarkWholeWay(b *testing.B) {
	b.Run("at-once=1", func(b *testing.B) {
		l, clock := newLedger(b)
		until := clock.now().Add(time.Hour)
		b.ReportAllocs()
		for n := int64(1); b.Loop(); n++ {
			must(b, wholeWay(b, l, n, until))
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
	})
	b.Run("at-once=64", func(b *testing.B) {
		l, clock := newLedger(b)
		until := clock.now().Add(time.Hour)
		var last atomic.Int64
		b.ReportAllocs()
		b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := wholeWay(b, l, last.Add(1), until); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
	})
}

// 1 000 new files in one batch, with so many known ones.
func BenchmarkAdmitThousand(b *testing.B) {
	for _, known := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("known=%d", known), func(b *testing.B) {
			l, _ := newLedger(b)
			fillLedger(b, l, drop.Imported, 0, known)
			n := int64(known)
			batch := make([]Observation, 1000)
			b.ReportAllocs()
			for b.Loop() {
				for i := range batch {
					n++
					batch[i] = observation(fmt.Sprintf("new/%d/%d", n/500, n), n)
				}
				if queued, err := l.Admit(b.Context(), batch); err != nil || queued != len(batch) {
					b.Fatal(queued, err)
				}
			}
			b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "files/s")
		})
	}
}

// A claim of so many items out of 100 000 that wait.
func BenchmarkClaimOfMany(b *testing.B) {
	l, clock := newLedger(b)
	fillLedger(b, l, drop.Queued, 0, 100_000)
	for _, limit := range []int{1, 64} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			claim := everything("w", clock.now().Add(time.Minute))
			claim.Limit = limit
			b.ReportAllocs()
			for b.Loop() {
				items, err := l.Claim(b.Context(), claim)
				if err != nil || len(items) != limit {
					b.Fatal(len(items), err)
				}
				b.StopTimer()
				must(b, l.ReleaseAll(b.Context()))
				b.StartTimer()
			}
		})
	}
}
