package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/status"
)

// Result is what a single pass came to.
type Result struct {
	Counts       map[drop.State]int // of the files that came to rest in this pass
	Stuck        int                // files that keep failing for a reason that may pass
	Waiting      int                // files left for another time: the service could not be reached
	Attention    Attention          // files that failed or are held, those of earlier passes included
	NeedDecision int                // of these, files that wait for the user's word, those of earlier passes included
	Unreachable  string             // why the service could not be used; "" if it could
	ScanProblem  error              // folders that could not be scanned, or not wholly
	Folders      []status.Folder    // what the scans counted
	AtFault      []string           // settings of folders that are at fault at Scenario, a sentence each
	InFolders    int                // files that wait for one of those
}

// Times of a single pass.
const (
	unreachableAfter = 30 * time.Second // without the service, a pass gives up
	stuckAfter       = 4                // tries of one file
	checkEvery       = 50 * time.Millisecond
	checkShare       = 20 // of the time, one part goes into checking
)

// Once scans every folder, sends what is new, and returns when all of it is imported
// or has come to rest otherwise. rested is called for every file that does, from one
// goroutine. It fails with a *LockedError while a daemon works on the same data.
func Once(ctx context.Context, c *config.Config, log *slog.Logger, rested func(ledger.Item), progress func(*Progress)) (res Result, err error) {
	res.Counts = map[drop.State]int{}
	if err := CheckPlace(c); err != nil {
		return res, err
	}
	lock, err := lockDir(c.DataDir, "once")
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	l, err := openLedger(ctx, c.DataDir, log)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	c = withoutIntervals(c)
	e, err := newEngine(c, l, log)
	if err != nil {
		return res, err
	}
	defer e.close()
	if err := e.begin(ctx, e.uploader); err != nil {
		return res, err
	}
	if err := takeUpExisting(ctx, l, c); err != nil {
		return res, err
	}
	if err := l.DoAsked(ctx, nil); err != nil {
		return res, err
	}
	p := &pass{engine: e, idle: make(chan struct{}, 1), rested: rested, progress: progress, result: &res}
	e.idle = p.mayBeOver
	began := time.Now()
	if p.seen, err = l.LastEntry(ctx); err != nil {
		return res, err
	}
	err = p.run(ctx)
	for i, f := range e.watcher.Folders() {
		res.Folders = append(res.Folders, folder(f, c.Watches[i].Kind, e.uploader.FolderTroubles()))
		res.AtFault = append(res.AtFault, status.Sentences(e.uploader.FolderTroubles()[f.Path])...)
	}
	if err == nil {
		if err := e.scans.remember(ctx); err != nil {
			log.Warn("what the scans counted could not be written down", "why", err)
		}
		res.Attention, err = needAttention(ctx, l, c, began)
	}
	if err == nil {
		err = e.endExistingGone(ctx)
	}
	if err == nil {
		err = addExisting(ctx, l, c, res.Folders, map[drop.State]int{})
	}
	if err == nil {
		res.NeedDecision, err = countAttention(ctx, l, c, map[drop.State]int{})
	}
	if err == nil && res.ScanProblem == nil && res.Waiting == 0 {
		_, err = e.settled(ctx)
	}
	if err == nil {
		u := newMaintenance(l, log)
		if res.Counts[drop.Imported] > 0 && u.untilOld() == 0 {
			u.backup(ctx)
		}
		u.prune(ctx, pruneInPass)
		u.keepKnown(ctx)
	}
	return res, err
}

// Progress is how far a pass is.
type Progress struct {
	engine  *engine
	Scanned bool // every folder has been scanned
	Waiting int  // files being worked on
}

// BytesSent is how many bytes have left in this pass.
func (p *Progress) BytesSent() int64 { return p.engine.uploader.BytesSent() }

// Trouble says why nothing can be sent at the moment; "" when it can.
func (p *Progress) Trouble() string {
	return p.engine.trouble()
}

// pass is a single pass under way.
type pass struct {
	engine   *engine
	idle     chan struct{} // has a token when nothing was under way for a moment
	rested   func(ledger.Item)
	progress func(*Progress)
	result   *Result
	seen     int64 // the newest entry of the history that was reported
}

func (p *pass) run(ctx context.Context) error {
	running, stop := context.WithCancel(ctx)
	uploading, scanned := make(chan error, 1), make(chan error, 1)
	go func() { uploading <- p.engine.uploader.Run(running) }()
	go func() { scanned <- p.engine.watcher.Scan(running) }()

	scanning := true
	tick := time.NewTimer(checkEvery)
	var next time.Time // no check before then
	defer tick.Stop()
	var err error
	for done := false; !done && err == nil; {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case p.result.ScanProblem = <-scanned:
			scanning = false
			p.engine.uploader.Wake()
			tick.Reset(0) // there may be nothing else to wait for
		case <-p.idle: // that may have been the last
			tick.Reset(time.Until(next))
		case err = <-uploading:
			uploading <- nil // for the wait below
			done = true
		case <-tick.C:
			start := time.Now()
			done, err = p.check(ctx, scanning)
			apart := checkShare * time.Since(start)
			next = time.Now().Add(apart)
			tick.Reset(max(checkEvery, apart))
		}
	}
	stop()
	if scanning {
		<-scanned
	}
	err = errors.Join(err, <-uploading)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, p.report(ctx))
}

// mayBeOver asks for a check soon.
func (p *pass) mayBeOver() {
	select {
	case p.idle <- struct{}{}:
	default:
	}
}

// check reports what came to rest, and tells whether the pass is over.
func (p *pass) check(ctx context.Context, scanning bool) (done bool, err error) {
	if err := p.report(ctx); err != nil {
		return false, err
	}
	checked := p.engine.uploader.SettingsChecked() // first: what waits may be let on by it
	moving, stuck, inFolders, err := p.engine.ledger.Outstanding(ctx, stuckAfter, p.engine.uploader.WaitingFolders())
	if err != nil {
		return false, err
	}
	if p.progress != nil {
		p.progress(&Progress{engine: p.engine, Scanned: !scanning, Waiting: moving + stuck + inFolders})
	}
	if err := p.engine.ledger.Damage(); err != nil {
		return false, err
	}
	if t, ok := p.engine.ledger.Trouble(); ok && time.Since(t.Since) > unreachableAfter {
		return false, errors.New(status.Words(t.Detail()))
	}
	if c, ok := p.engine.uploader.Trouble(); ok && (moving > 0 || !checked) {
		// A refused key ends the pass once the scan tells how many files wait for it.
		if c.Class == scenario.Refused && !scanning || time.Since(c.Since) > unreachableAfter {
			p.result.Unreachable, p.result.Waiting, p.result.InFolders = status.Words(c.Detail()), moving+stuck, inFolders
			return true, nil
		}
	}
	p.result.Stuck, p.result.InFolders = stuck, inFolders
	return !scanning && moving == 0 && checked, nil
}

func (p *pass) report(ctx context.Context) error {
	for {
		items, last, err := p.engine.ledger.Ended(ctx, p.seen, 500)
		if err != nil || len(items) == 0 {
			return err
		}
		p.seen = last
		for _, it := range items {
			p.result.Counts[it.State]++
			if p.rested != nil {
				p.rested(it)
			}
		}
	}
}
