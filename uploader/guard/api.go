package guard

import (
	"context"
	"time"

	"scenario-drop/scenario"
)

// KeyCheck finds out what a 403 is about; it is a *scenario.Client.
type KeyCheck interface {
	// Forbids tells what the error of a request is: of class Refused if no other call works either.
	Forbids(ctx context.Context, err error) error
}

// API guards the requests to Scenario's API. It is safe for concurrent use.
type API struct {
	client  KeyCheck
	breaker *breaker
	rate    *rateLimiter
	key     keyCheck
	now     func() time.Time
	tries   int // at most; 0: as Decide says
}

// NewAPI guards a client's requests. It starts nothing.
func NewAPI(client KeyCheck, o Options) *API {
	o.defaults()
	return &API{client: client, breaker: newBreaker("Scenario", o.Log, o.Now), rate: newRateLimiter(o.Now), key: newKeyCheck(), now: o.Now, tries: o.Tries}
}

// Do makes a request until it has an answer of Scenario's own. What is left as an error is for
// the caller (see Decide): a server that keeps failing, something it does not know, or a no.
// request is called again for each try.
func (a *API) Do(ctx context.Context, request func(context.Context) error) error {
	for tries := 1; ; tries++ {
		err := a.Once(ctx, request)
		if err == nil || ctx.Err() != nil || !a.again(err, tries) {
			return err
		}
	}
}

func (a *API) again(err error, tries int) bool {
	if a.tries > 0 {
		return tries < a.tries && scenario.ClassOf(err).Retryable()
	}
	return Decide(err, tries) == Retry
}

// Once makes a request once, when the host and its rate limit allow. It is for what may have
// been done though its answer is lost, so that the caller asks before it tries again.
func (a *API) Once(ctx context.Context, request func(context.Context) error) error {
	pass, err := a.enter(ctx)
	if err != nil {
		return err
	}
	err = a.forbids(ctx, request(ctx))
	a.breaker.leave(pass, err)
	a.rate.learn(scenario.ClassOf(err) == scenario.RateLimited)
	return err
}

// enter waits for the breaker and then for a turn of the rate. Turns that come while the breaker
// is open are lost, or all who had one would rush in together when it closes. A probe is one
// request for all and needs no turn.
func (a *API) enter(ctx context.Context) (pass, error) {
	for {
		p, err := a.breaker.enter(ctx)
		if err != nil || p.probe {
			return p, err
		}
		if err := a.rate.wait(ctx); err != nil {
			return p, err
		}
		if a.breaker.holds(p) {
			return p, nil
		}
	}
}

// Outage returns why the API cannot be asked at the moment; ok is false when it can.
func (a *API) Outage() (o Outage, ok bool) { return a.breaker.outage() }

// Rate is what requests are held to, in requests a second; limited is false while Scenario
// refused none for coming too fast.
func (a *API) Rate() (perSecond float64, limited bool) { return a.rate.limit() }

// keyCheck asks whether the API key works at all, when one call is refused. It is asked so often
// at most, however many calls are refused.
type keyCheck struct {
	turn  chan struct{} // holds a token while somebody asks; guards works
	works time.Time     // when it was found to
}

const keyWorksFor = time.Minute

func newKeyCheck() keyCheck { return keyCheck{turn: make(chan struct{}, 1)} }

// forbids tells what the error of a request is, once it is known whether a 403 is about the
// request or about the key.
func (a *API) forbids(ctx context.Context, err error) error {
	if scenario.ClassOf(err) != scenario.Forbidden {
		return err
	}
	select {
	case a.key.turn <- struct{}{}:
		defer func() { <-a.key.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if since := a.now().Sub(a.key.works); since >= 0 && since < keyWorksFor {
		return err
	}
	is := a.client.Forbids(ctx, err)
	if scenario.ClassOf(is) == scenario.Forbidden {
		a.key.works = a.now()
	}
	return is
}
