package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/status"
)

// Times of `status --follow`.
const (
	drawApart    = 250 * time.Millisecond // between two checks of the whole, however much happens
	drawAgain    = 10 * time.Second       // without an event: some of what is shown has none
	daemonPolled = 500 * time.Millisecond // while none tells what happens
	goneFor      = 15 * time.Second       // how long it is tried to learn how things stand
)

// follower says how things stand whenever that changes.
type follower struct {
	*app
	config config.Located
	asJSON bool
	before []byte    // what was said last
	failed time.Time // since when it is not known how things stand; zero: it is
	pid    int       // of the daemon last seen

	happened chan struct{} // has a token when something happened
	ended    chan bool     // has whether the stream had begun, once it has ended; nil: there is none
}

func (a *app) follow(ctx context.Context, c config.Located, asJSON bool) error {
	f := &follower{app: a, config: c, asJSON: asJSON, happened: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		if f.ended != nil {
			<-f.ended
		}
	}()
	for ctx.Err() == nil {
		f.listen(ctx)
		err := f.draw(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		f.wait(ctx)
	}
	return nil
}

// listen has the daemon tell what happens, if one runs that did not so far. What happened before
// it begins to tell is seen by the check that comes after its first word.
func (f *follower) listen(ctx context.Context) {
	if f.ended != nil {
		return
	}
	client, err := service.Dial(f.config.Config.DataDir)
	if err != nil {
		return
	}
	f.ended = make(chan bool, 1)
	go func(ended chan<- bool) {
		began := false
		_ = client.Follow(ctx, 0, func(status.Heard) error { // whatever ended it: it is tried again
			began = true
			select {
			case f.happened <- struct{}{}:
			default:
			}
			return nil
		})
		ended <- began
	}(f.ended)
}

// draw says how things stand, if that is another than before. It fails once that could not be
// found out for a while: a daemon that starts or ends keeps nobody from waiting for it.
func (f *follower) draw(ctx context.Context) error {
	now := time.Now()
	s, err := located(ctx, f.config)
	if err != nil && f.failed.IsZero() {
		f.failed = now
	}
	if err != nil && f.before != nil && now.Sub(f.failed) < goneFor {
		return nil
	}
	if err != nil {
		return err
	}
	f.failed = time.Time{}
	if s.Running && f.pid != 0 && s.PID != f.pid {
		f.tell(now, "scenario-drop was started again")
	}
	if s.Running {
		f.pid = s.PID
	}
	text := []byte(statusLine(s))
	if f.asJSON {
		text, err = json.Marshal(s)
	}
	if err != nil || bytes.Equal(text, f.before) {
		return err
	}
	f.before = text
	if f.asJSON {
		return errors.Join(f.line(s), f.out.err)
	}
	f.tell(now, string(text))
	return f.out.err
}

// tell says something to a person, with the time.
func (f *follower) tell(now time.Time, text string) {
	if !f.asJSON { // whose documents say it
		f.say("%s %s", now.Format(time.TimeOnly), text)
	}
}

// wait waits until there may be something else to say.
func (f *follower) wait(ctx context.Context) {
	again := drawAgain
	if f.ended == nil {
		again = daemonPolled
	}
	apart := time.NewTimer(drawApart)
	defer apart.Stop()
	select {
	case <-ctx.Done():
		return
	case <-apart.C:
	}
	apart.Reset(again - drawApart)
	select {
	case <-ctx.Done():
	case <-f.happened:
	case began := <-f.ended:
		f.ended = nil
		if began && ctx.Err() == nil {
			f.tell(time.Now(), "scenario-drop has ended; its next start is waited for")
		}
	case <-apart.C:
	}
}
