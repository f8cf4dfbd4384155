package uploader

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// notAllowedRetry is how long a file that Scenario does not let be sent, or a step of it,
// waits before it is tried again by itself. Of many that are held of one kind, one is.
const notAllowedRetry = 10 * time.Minute

// takeBatch is how many held items are queued in one transaction.
const takeBatch = 500

// denialRecords are what refusals reads and writes down.
type denialRecords interface {
	NotAllowed(ctx context.Context, it ledger.Item, owner string, why drop.Why) error
	TakeNotAllowed(ctx context.Context, kind string, limit int) ([]ledger.Item, error)
	KindsNotAllowed(ctx context.Context) ([]ledger.KindNotAllowed, error)
}

// refusals knows the kinds of files that Scenario does not let be sent, so that of ten
// thousand only the first few ask. It is safe for concurrent use.
type refusals struct {
	*base
	ledger denialRecords

	mu    sync.RWMutex // held for reading while an item is held for its kind
	kinds map[string]denial
	tries map[int64]string // items that are tried again, and the kind that each was held for
}

// denial is what Scenario had against a kind.
type denial struct {
	why drop.Why
	ask bool // the next file asks again, as the user wants
}

func newRefusals(b *base, l denialRecords) *refusals {
	return &refusals{base: b, ledger: l, kinds: map[string]denial{}, tries: map[int64]string{}}
}

// denialOf says why Scenario does not let something be done, and what helps; ok is false for
// any other error.
func denialOf(err error) (r denial, ok bool) {
	e, is := errors.AsType[*scenario.Error](err)
	if !is {
		return r, false
	}
	switch e.Class {
	case scenario.Forbidden:
		return denial{why: drop.ReasonNotAllowed.With(drop.TextNotAllowed.With("call", e.Op, "words", words(err)))}, true
	case scenario.PlanLimit:
		return denial{why: drop.ReasonPlanLimit.With(drop.TextPlanLimit.With("call", e.Op, "words", words(err)))}, true
	}
	return r, false
}

// heldForItsKind holds the item if Scenario did not let its kind be sent lately.
func (re *refusals) heldForItsKind(ctx context.Context, j *job, kind string) (held bool, err error) {
	re.mu.RLock()
	defer re.mu.RUnlock()
	r, refused := re.kinds[kind]
	if _, trying := re.tries[j.it.ID]; !refused || trying || r.ask {
		return false, nil
	}
	return true, re.holdFor(ctx, j, r)
}

// kindRefused holds the item, and with it all others of its kind.
func (re *refusals) kindRefused(ctx context.Context, j *job, err error) error {
	r, ok := denialOf(err)
	if !ok {
		return err
	}
	r.why.Detail = r.why.Detail.And(drop.TextOneIsTried.With("kind", j.it.Kind, "minutes", strconv.Itoa(int(notAllowedRetry/time.Minute))))
	re.mu.Lock()
	defer re.mu.Unlock()
	re.kinds[j.it.Kind] = r
	delete(re.tries, j.it.ID)
	return re.holdFor(ctx, j, r)
}

func (re *refusals) holdFor(ctx context.Context, j *job, r denial) error {
	if err := re.ledger.NotAllowed(ctx, j.it, re.owner, r.why); err != nil {
		return err
	}
	j.it.State = drop.Held
	re.log.Warn("file held", logging.Failure(kindFailure(j.it.Kind)), "item", j.it.ID, "path", j.it.Path, "reason", r.why.Reason, "why", r.why.Detail)
	re.postponed.over(j.it.ID)
	re.wake()
	return nil
}

func kindFailure(kind string) string { return "not-allowed:" + kind }

// kindAllowed takes up the files again that were held for the kind of an item whose upload
// Scenario let be completed.
func (re *refusals) kindAllowed(ctx context.Context, it ledger.Item) error {
	re.mu.RLock()
	kind, trying := re.tries[it.ID]
	if !trying {
		kind = it.Kind
	}
	_, refused := re.kinds[kind]
	re.mu.RUnlock()
	if !refused {
		return nil
	}
	re.mu.Lock() // nobody holds an item for it from here on
	delete(re.kinds, kind)
	delete(re.tries, it.ID)
	re.mu.Unlock()
	total := 0
	for {
		items, err := re.ledger.TakeNotAllowed(ctx, kind, takeBatch)
		if err != nil {
			return err
		}
		if total += len(items); len(items) < takeBatch {
			break
		}
	}
	re.log.Info(fmt.Sprintf("Scenario allows uploads of kind %s again", kind), logging.Recovery(kindFailure(kind)), "queued", total)
	re.wake()
	return nil
}

// tryNotAllowed tries one of the held files of each kind that Scenario did not let be sent.
// If it is let, the others follow.
func (re *refusals) tryNotAllowed(ctx context.Context) error {
	kinds, err := re.ledger.KindsNotAllowed(ctx)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		re.mu.Lock()
		items, err := re.ledger.TakeNotAllowed(ctx, k.Kind, 1)
		if len(items) > 0 { // else somebody asked for all of them to be tried, just now
			re.kinds[k.Kind] = denial{why: k.Why, ask: re.kinds[k.Kind].ask}
		}
		for _, it := range items {
			re.tries[it.ID] = k.Kind
		}
		re.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if len(kinds) > 0 {
		re.wake()
	}
	return nil
}

// askAgain has every file ask again whose kind Scenario refused.
func (re *refusals) askAgain() {
	re.mu.Lock()
	defer re.mu.Unlock()
	for kind, r := range re.kinds {
		r.ask = true
		re.kinds[kind] = r
	}
}

// tryNotAllowedNowAndThen is tryNotAllowed for as long as ctx goes on.
func (re *refusals) tryNotAllowedNowAndThen(ctx context.Context) error {
	for wait.For(ctx, notAllowedRetry) {
		if err := re.tryNotAllowed(ctx); err != nil && ctx.Err() == nil {
			re.written.failed(err)
		}
	}
	return nil
}
