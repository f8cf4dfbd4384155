package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/ledger"
	"scenario-drop/logging"
)

// Times of the ledger's upkeep.
const (
	backupEvery = time.Hour   // no more often, and only if there is anything new
	backupLook  = time.Minute // after the start, and while there is nothing new
	pruneEvery  = 24 * time.Hour
	keepHistory = 90 * 24 * time.Hour
	prunePause  = 50 * time.Millisecond // between two small transactions
	probeEvery  = 5 * time.Second       // while the ledger cannot be written
	keepAtEnd   = time.Second           // for what the next start asks; most often it takes milliseconds

	// A single pass forgets no more than this at its end, so that it ends soon.
	pruneInPass = 2000
)

// upkeep looks after a ledger that is in use: it makes backups, deletes what is old, makes
// ready what the next scan asks, finds out when it can be written again, and ends the daemon when it is damaged.
type upkeep struct {
	ledger *ledger.Ledger
	log    *slog.Logger
	now    func() time.Time

	every, look, probe, atEnd time.Duration // see the constants

	failed bool // the latest backup
}

func newUpkeep(l *ledger.Ledger, log *slog.Logger) *upkeep {
	return &upkeep{ledger: l, log: log, now: time.Now, every: backupEvery, look: backupLook, probe: probeEvery, atEnd: keepAtEnd}
}

// Run works until ctx ends, or until the ledger turns out to be damaged, which is its
// error: the next start puts a sound one in its place.
func (u *upkeep) Run(ctx context.Context) error {
	outer := ctx
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := u.ledger.AwaitDamage(ctx)
		if err != nil {
			u.log.Error("the local database is damaged; work stops, and its latest backup takes its place with the next start", "why", err)
		}
		return err
	})
	g.Go(func() error {
		u.copyAndPrune(ctx)
		return nil
	})
	g.Go(func() error {
		u.probeTrouble(ctx)
		return nil
	})
	err := g.Wait()
	if _, trouble := u.ledger.Trouble(); err == nil && !trouble {
		ending, cancel := context.WithTimeout(context.WithoutCancel(outer), u.atEnd)
		defer cancel()
		u.keepKnown(ending)
	}
	return err
}

// copyAndPrune looks every now and then whether a backup is due. The first scan has most
// to be kept ready for the next one.
func (u *upkeep) copyAndPrune(ctx context.Context) {
	if !pause(ctx, u.look) {
		return
	}
	u.keepKnown(ctx)
	for pause(ctx, u.untilOld()) {
		u.keepKnown(ctx) // before the backup, which would have something new to copy after it
		u.backup(ctx)
		u.prune(ctx, 0)
		if !pause(ctx, u.look) {
			return
		}
	}
}

// keepKnown makes ready what the next scan asks of the ledger.
func (u *upkeep) keepKnown(ctx context.Context) {
	if _, err := u.ledger.KeepKnown(ctx); err != nil && ctx.Err() == nil {
		u.log.Warn("what is known of the folders could not be made ready; the next scan takes longer, and it is tried again",
			logging.Failure("ledger-known"), "why", err)
	}
}

// untilOld returns how long the latest backup stays younger than the time between two.
func (u *upkeep) untilOld() time.Duration {
	latest, err := u.ledger.LatestBackup()
	age := u.now().Sub(latest)
	if err != nil || age < 0 || age > u.every {
		return 0
	}
	return u.every - age
}

const backupFailure = "ledger-backup"

// backup makes a backup if there is anything new.
func (u *upkeep) backup(ctx context.Context) {
	made, err := u.ledger.Backup(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		u.failed = true
		u.log.Warn("no backup of the local database could be made; work goes on, and it is tried again", logging.Failure(backupFailure), "why", err)
	case made && u.failed:
		u.failed = false
		u.log.Info("backups of the local database can be made again", logging.Recovery(backupFailure))
	}
}

// prunedKey is where the ledger remembers when it last forgot what is old.
const prunedKey = "pruned_at"

// prune deletes what is old, once a day; no more rows than most, if that is not 0.
func (u *upkeep) prune(ctx context.Context, most int) {
	value, err := u.ledger.Get(ctx, prunedKey)
	now := u.now()
	if at, perr := time.Parse(time.RFC3339, value); err == nil && perr == nil && now.Sub(at) < pruneEvery && !at.After(now) {
		return
	}
	var gone ledger.Pruned
	if err == nil {
		gone, err = u.ledger.Prune(ctx, now.Add(-keepHistory), most, prunePause)
	}
	all := gone.Entries + gone.Items + gone.Uploads
	if err == nil && (most == 0 || all < most) {
		err = u.ledger.Set(ctx, prunedKey, now.Format(time.RFC3339))
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		u.log.Warn("the local database could not forget what is old; it is tried again", logging.Failure("ledger-prune"), "why", err)
	case all > 0:
		u.log.Info("the local database forgot what is old", "entries", gone.Entries, "versions", gone.Items, "uploads", gone.Uploads)
	}
}

// probeTrouble finds out when the ledger can be written again: there may be nobody else
// who writes.
func (u *upkeep) probeTrouble(ctx context.Context) {
	for pause(ctx, u.probe) {
		if _, ok := u.ledger.Trouble(); !ok {
			continue
		}
		// What becomes of it is seen in Trouble.
		if err := u.ledger.Probe(ctx); err != nil && !ledger.Unwritable(err) && !errors.Is(err, context.Canceled) {
			u.log.Debug("the local database could not be tried", "why", err)
		}
	}
}

// pause waits; it reports false when ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
