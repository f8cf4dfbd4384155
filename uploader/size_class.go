package uploader

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
)

// The size classes keep small files from waiting behind large ones.
const (
	smallFile          = ledger.SmallFile // bytes; up to here a file is one part of transfer.DefaultPartSize
	defaultFilesAtOnce = 64               // enough that their commits share transactions
	maxLargeAtOnce     = 8

	dueEvery       = 100 * time.Millisecond // between polls for what is due, at first
	followEvery    = 10 * time.Millisecond  // the same, for imports
	claimEvery     = 10 * time.Millisecond  // so that one claim is for several files
	idleClaimEvery = 50 * time.Millisecond  // after some that found nothing
)

// sizeClass is a number of files at once out of a range of sizes.
type sizeClass struct {
	min, max int64
	noBody   bool
	files    int
}

// classFor is the class of small or of large files where so many files go at once. With a
// single one, the class of small files has them all.
func classFor(filesAtOnce int, large bool) sizeClass {
	if filesAtOnce == 1 {
		if large {
			return sizeClass{min: smallFile + 1, max: math.MaxInt64}
		}
		return sizeClass{0, math.MaxInt64, true, 1}
	}
	larges := min(max(1, filesAtOnce/4), maxLargeAtOnce)
	if large {
		return sizeClass{smallFile + 1, math.MaxInt64, false, larges}
	}
	return sizeClass{0, smallFile, true, filesAtOnce - larges}
}

// runClass claims items while it has room for them, and works on each in a goroutine of
// its own.
func (u *Uploader) runClass(ctx context.Context, large bool, wake <-chan struct{}) error {
	var working sync.WaitGroup
	defer working.Wait()
	var busy atomic.Int64
	freed := make(chan struct{}, 1)
	var claimed time.Time
	apart := claimEvery
	in := idlePolls{min: dueEvery}
	for {
		more := true
		if ago := u.now().Sub(claimed); ago >= 0 && ago < apart && !wait.For(ctx, apart-ago) {
			return nil
		}
		l := classFor(u.settings().FilesAtOnce, large)
		free := l.files - int(busy.Load())
		if _, paused := u.Paused(); !paused && free > 0 {
			claimed = u.now()
			items, err := u.ledger.Claim(ctx, ledger.Claim{Owner: u.owner, Until: u.now().Add(leaseTime),
				MinSize: l.min, MaxSize: l.max, NoBody: l.noBody, Limit: free, Unavailable: u.idler.unavailable()})
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				u.written.failed(err)
				if !wait.For(ctx, ledgerRetry) {
					return nil
				}
				continue
			}
			if len(items) > 0 { // a claim of nothing writes nothing
				u.written.works()
			}
			for _, it := range items {
				busy.Add(1)
				u.working.Add(1)
				working.Go(func() {
					defer func() {
						u.working.Add(-1)
						u.mayBeIdle()
					}()
					setAside := sync.OnceFunc(func() {
						busy.Add(-1)
						select {
						case freed <- struct{}{}:
						default:
						}
					})
					defer setAside()
					u.work(ctx, it, setAside)
				})
			}
			if more = len(items) == free; len(items) > 0 {
				apart, in.polls = claimEvery, 0
			} else {
				apart = min(2*apart, idleClaimEvery)
			}
			free -= len(items)
		}
		room := freed
		if !more {
			room = nil // nothing is there to fill it with
		}
		if !u.idler.idle(ctx, free > 0, &in, wake, room) {
			return nil
		}
	}
}
