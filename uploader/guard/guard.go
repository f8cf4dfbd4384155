// Package guard stands between the uploader and Scenario's two hosts. A request waits, in this
// order and never another, for
//
//	the circuit breaker   is the host there? (breaker)
//	the request rate      of the API alone, learnt from its refusals (rateLimiter)
//	a connection slot     of storage alone (slots, hillClimb)
//	the bandwidth         of storage alone, with every read of a part (bandwidth)
//
// and nobody waits for one while holding a later one: a wait behind the breaker holds no slot,
// and a part's file is opened only when nothing but the bandwidth is waited for any more. What
// an error means for the one who asked is in one table, Decide.
//
//	api := guard.NewAPI(client, guard.Options{Log: log})
//	storage := guard.NewStorage(client, guard.StorageOptions{Options: …, Connections: 0})
//	err := api.Do(ctx, func(ctx context.Context) (err error) { u, err = client.GetUpload(ctx, id); return err })
//	etag, err := storage.PutPart(ctx, guard.Part{URL: …, Size: …, Open: …})
package guard

import (
	"log/slog"
	"time"
)

// Options of both guards.
type Options struct {
	Log *slog.Logger     // outages and their ends; nil: none
	Now func() time.Time // nil: time.Now

	// Tries is how often API.Do makes one request at most, and none again that only helps when
	// somebody changes something, for whoever reports a failure rather than wait for its end.
	// 0: as Decide says.
	Tries int
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}
