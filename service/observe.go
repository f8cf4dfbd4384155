package service

import (
	"context"
	"reflect"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
	"scenario-drop/events"
	"scenario-drop/internal/wait"
	"scenario-drop/uploader"
	"scenario-drop/watcher"
)

// observer publishes what is a state rather than something that happens: how far transfers
// are, whether hosts and folders are there, what is awaited. It compares them with what it published last,
// while somebody reads.
type observer struct {
	hub    *events.Hub
	engine *engine

	transfers map[int64]transferSeen // by item
	folders   map[string]drop.FolderChanged
	host      drop.HostChanged
	pause     drop.PauseChanged
	awaited   watcher.AwaitedList
}

// How often what may change is compared. Whoever is asked what is awaited has work of its own.
const (
	observeEvery = 250 * time.Millisecond
	awaitedEvery = time.Second
)

// rateOver is the time over which the rate of a transfer is averaged, roughly.
const rateOver = 3 * time.Second

func newObserver(hub *events.Hub, e *engine) *observer {
	return &observer{hub: hub, engine: e, host: drop.HostChanged{Available: true}}
}

// Run publishes until ctx ends.
func (o *observer) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return o.whileRead(ctx, observeEvery, o.observe) })
	g.Go(func() error { return o.whileRead(ctx, awaitedEvery, func() { o.observeAwaited(ctx) }) })
	return g.Wait()
}

func (o *observer) whileRead(ctx context.Context, apart time.Duration, observe func()) error {
	for o.hub.AwaitReader(ctx) == nil {
		observe()
		if !wait.For(ctx, apart) {
			break
		}
	}
	return nil
}

func (o *observer) observe() {
	u := o.engine.sender()
	var p drop.Progress
	p.Transfers, o.transfers = progressed(o.transfers, u.Transfers(), time.Now())
	if len(p.Transfers) > 0 {
		o.hub.Publish(p)
	}
	publishChanged(o.hub, &o.host, hostNow(u))
	publishChanged(o.hub, &o.pause, pauseNow(u))
	o.observeFolders(u)
}

func publishChanged[T drop.EventData](hub *events.Hub, before *T, now T) {
	if !reflect.DeepEqual(*before, now) {
		*before = now
		hub.Publish(now)
	}
}

// transferSeen is how far a transfer was.
type transferSeen struct {
	drop.TransferProgress
	at   time.Time
	rate float64 // bytes per second
}

// progressed returns what of the transfers is news, and what to compare with the next time. The
// rate of one that has stopped goes down to nothing.
func progressed(before map[int64]transferSeen, now []uploader.Transfer, at time.Time) (news []drop.TransferProgress, seen map[int64]transferSeen) {
	seen = make(map[int64]transferSeen, len(now))
	for _, t := range now {
		was, known := before[t.Item]
		if !known {
			was.at, was.Sent = t.Started, t.Sent // what was acknowledged before a restart has no rate
		}
		s := transferSeen{drop.TransferProgress{Item: t.Item, Sent: t.Sent, Size: t.Size, Doing: t.Doing}, at, was.rate}
		if d := at.Sub(was.at); d > 0 {
			weight := min(1, d.Seconds()/rateOver.Seconds())
			s.rate += weight * (float64(max(0, t.Sent-was.Sent))/d.Seconds() - was.rate) // a part that is sent again counts once
		}
		s.Rate = int64(s.rate)
		if !known || s.TransferProgress != was.TransferProgress {
			news = append(news, s.TransferProgress)
		}
		seen[t.Item] = s
	}
	return news, seen
}

func hostNow(u *uploader.Uploader) drop.HostChanged {
	if descriptorTrouble() != "" {
		return drop.HostChanged{Trouble: drop.TextNoDescriptors.With()}
	}
	out, ok := u.Trouble()
	if !ok {
		return drop.HostChanged{Available: true}
	}
	return drop.HostChanged{Trouble: out.Detail(), NextTry: &out.Until}
}

func pauseNow(u *uploader.Uploader) drop.PauseChanged {
	until, paused := u.Paused()
	if !paused || until.IsZero() {
		return drop.PauseChanged{Paused: paused}
	}
	return drop.PauseChanged{Paused: true, Until: &until}
}

func (o *observer) observeFolders(u *uploader.Uploader) {
	now := map[string]drop.FolderChanged{}
	atFault := u.FolderTroubles()
	for _, f := range o.engine.watcher.Folders() {
		c := drop.FolderChanged{Folder: f.Path, Available: f.Err == "", Trouble: folderTrouble(f, atFault), Scanning: f.Scanning, Files: f.Files, Ignored: f.Ignored}
		if !f.LastScan.IsZero() {
			c.LastScan = &f.LastScan
		}
		was := o.folders[f.Path]
		publishChanged(o.hub, &was, c)
		now[f.Path] = c
	}
	for path := range o.folders {
		if _, watched := now[path]; !watched {
			o.hub.Publish(drop.FolderChanged{Folder: path})
		}
	}
	o.folders = now
}

// folderTrouble is what is wrong with a folder, and (atFault, by its path) with its settings.
func folderTrouble(f watcher.FolderStatus, atFault map[string]drop.Detail) drop.Detail {
	return f.Err.And(atFault[f.Path])
}

func (o *observer) observeAwaited(ctx context.Context) {
	now := o.engine.watcher.Awaited(ctx)
	if ctx.Err() == nil && !reflect.DeepEqual(now, o.awaited) {
		o.awaited = now
		o.hub.Publish(drop.AwaitedChanged{Count: now.Count, Bytes: now.Bytes})
	}
}
