package scenario

import (
	"context"
	"errors"
	"io"
	"net/http/httptrace"
	"time"
)

// errStalled is the cause of a context that its watchdog ended.
var errStalled = errors.New("no data moved for too long")

// watchdog ends a request's context when nothing has happened for a while. It runs
// from the first progress; between pause and the next progress it does not run.
type watchdog struct {
	after  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// watch gives a context that ends with errStalled, and its watchdog. The watchdog's
// stop must be called.
func watch(ctx context.Context, after time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{after: after, cancel: cancel}
	w.timer = time.AfterFunc(after, func() { cancel(errStalled) })
	w.timer.Stop()
	return ctx, w
}

// progress may be called from any goroutine, also after stop.
func (w *watchdog) progress() { w.timer.Reset(w.after) }
func (w *watchdog) pause()    { w.timer.Stop() }

// stop frees the context and all that hangs on it.
func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// trace lets the steps of a request count as progress.
func (w *watchdog) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { w.progress() },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.progress() },
		GotFirstResponseByte: w.progress,
	})
}

// reader lets what is read from r count as progress.
func (w *watchdog) reader(r io.Reader) io.Reader { return &watchedReader{r, w} }

type watchedReader struct {
	r io.Reader
	w *watchdog
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.w.progress()
	}
	return n, err
}
