package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/logging"
)

// Times of the ledger's maintenance.
const (
	backupEvery = time.Hour   // no more often, and only if there is anything new
	backupCheck = time.Minute // after the start, and while there is nothing new
	pruneEvery  = 24 * time.Hour
	keepHistory = 90 * 24 * time.Hour
	prunePause  = 50 * time.Millisecond // between two small transactions
	probeEvery  = 5 * time.Second       // while the ledger cannot be written
	keepAtEnd   = time.Second           // for what the next start asks; most often it takes milliseconds

	// A single pass forgets no more than this at its end, so that it ends soon.
	pruneInPass = 2000
)

// maintenance is that of a ledger in use: it makes backups, deletes what is old, makes
// ready what the next scan asks, finds out when it can be written again, and ends the daemon when it is damaged.
type maintenance struct {
	ledger *ledger.Ledger
	log    *slog.Logger
	now    func() time.Time

	every, check, probe, atEnd time.Duration // see the constants

	failed bool // the latest backup
}

func newMaintenance(l *ledger.Ledger, log *slog.Logger) *maintenance {
	return &maintenance{ledger: l, log: log, now: time.Now, every: backupEvery, check: backupCheck, probe: probeEvery, atEnd: keepAtEnd}
}

// Run works until ctx ends, or until the ledger turns out to be damaged, which is its
// error: the next start puts a sound one in its place.
func (m *maintenance) Run(ctx context.Context) error {
	outer := ctx
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := m.ledger.AwaitDamage(ctx)
		if err != nil {
			m.log.Error("the local database is damaged; work stops, and its latest backup takes its place with the next start", "why", err)
		}
		return err
	})
	g.Go(func() error {
		m.copyAndPrune(ctx)
		return nil
	})
	g.Go(func() error {
		m.probeTrouble(ctx)
		return nil
	})
	err := g.Wait()
	if _, trouble := m.ledger.Trouble(); err == nil && !trouble {
		ending, cancel := context.WithTimeout(context.WithoutCancel(outer), m.atEnd)
		defer cancel()
		m.keepKnown(ending)
	}
	return err
}

// copyAndPrune checks every now and then whether a backup is due. The first scan has most
// to be kept ready for the next one.
func (m *maintenance) copyAndPrune(ctx context.Context) {
	if !wait.For(ctx, m.check) {
		return
	}
	m.keepKnown(ctx)
	for wait.For(ctx, m.untilOld()) {
		m.keepKnown(ctx) // before the backup, which would have something new to copy after it
		m.backup(ctx)
		m.prune(ctx, 0)
		if !wait.For(ctx, m.check) {
			return
		}
	}
}

// keepKnown makes ready what the next scan asks of the ledger.
func (m *maintenance) keepKnown(ctx context.Context) {
	if _, err := m.ledger.KeepKnown(ctx); err != nil && ctx.Err() == nil {
		m.log.Warn("what is known of the folders could not be made ready; the next scan takes longer, and it is tried again",
			logging.Failure("ledger-known"), "why", err)
	}
}

// untilOld returns how long the latest backup stays younger than the time between two.
func (m *maintenance) untilOld() time.Duration {
	latest, err := m.ledger.LatestBackup()
	age := m.now().Sub(latest)
	if err != nil || age < 0 || age > m.every {
		return 0
	}
	return m.every - age
}

const backupFailure = "ledger-backup"

// backup makes a backup if there is anything new.
func (m *maintenance) backup(ctx context.Context) {
	made, err := m.ledger.Backup(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		m.failed = true
		m.log.Warn("no backup of the local database could be made; work continues, and it is tried again", logging.Failure(backupFailure), "why", err)
	case made && m.failed:
		m.failed = false
		m.log.Info("backups of the local database can be made again", logging.Recovery(backupFailure))
	}
}

// prunedKey is where the ledger remembers when it last forgot what is old.
const prunedKey = "pruned_at"

// prune deletes what is old, once a day; no more rows than limit, if that is not 0.
func (m *maintenance) prune(ctx context.Context, limit int) {
	value, err := m.ledger.Get(ctx, prunedKey)
	now := m.now()
	if at, perr := time.Parse(time.RFC3339, value); err == nil && perr == nil && now.Sub(at) < pruneEvery && !at.After(now) {
		return
	}
	var gone ledger.Pruned
	if err == nil {
		gone, err = m.ledger.Prune(ctx, now.Add(-keepHistory), limit, prunePause)
	}
	all := gone.Entries + gone.Items + gone.Uploads
	if err == nil && (limit == 0 || all < limit) {
		err = m.ledger.Set(ctx, prunedKey, now.Format(time.RFC3339))
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		m.log.Warn("the local database could not forget what is old; it is tried again", logging.Failure("ledger-prune"), "why", err)
	case all > 0:
		m.log.Info("the local database forgot what is old", "entries", gone.Entries, "versions", gone.Items, "uploads", gone.Uploads)
	}
}

// probeTrouble finds out when the ledger can be written again: there may be nobody else
// who writes.
func (m *maintenance) probeTrouble(ctx context.Context) {
	for wait.For(ctx, m.probe) {
		if _, ok := m.ledger.Trouble(); !ok {
			continue
		}
		// What becomes of it is seen in Trouble.
		if err := m.ledger.Probe(ctx); err != nil && !ledger.Unwritable(err) && !errors.Is(err, context.Canceled) {
			m.log.Debug("the local database could not be tried", "why", err)
		}
	}
}
