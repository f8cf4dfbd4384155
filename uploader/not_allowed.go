package uploader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// notAllowedRest is how long a file that Scenario does not let be sent, or a step of it,
// waits before it is tried again by itself. Of many that are held of one kind, one is.
const notAllowedRest = 10 * time.Minute

// takeBatch is how many held items are queued in one transaction.
const takeBatch = 500

// refusals knows the kinds of files that Scenario does not let be sent, so that of ten
// thousand only the first few ask. It is safe for concurrent use.
type refusals struct {
	mu    sync.RWMutex // held for reading while an item is held for its kind
	kinds map[string]denial
	tries map[int64]string // items that are tried again, and the kind that each was held for
}

// denial is what Scenario had against a kind.
type denial struct {
	reason, sentence string
	ask              bool // the next file asks again, as the user wants
}

func newRefusals() *refusals {
	return &refusals{kinds: map[string]denial{}, tries: map[int64]string{}}
}

// noLeave says why Scenario does not let something be done, and what helps; ok is false for
// any other error.
func noLeave(err error) (r denial, ok bool) {
	e, is := errors.AsType[*scenario.Error](err)
	if !is {
		return r, false
	}
	switch e.Class {
	case scenario.Forbidden:
		return denial{reason: ledger.ReasonNotAllowed, sentence: fmt.Sprintf("The API key works, but Scenario does not allow it this (%s): %s. Ask whoever manages the key to allow it, or use another key.", e.Op, words(err))}, true
	case scenario.PlanLimit:
		return denial{reason: ledger.ReasonPlanLimit, sentence: fmt.Sprintf("A limit of the plan is reached (%s): %s. Change the plan at Scenario, or remove there what counts against it.", e.Op, words(err))}, true
	}
	return r, false
}

// heldForItsKind holds the item if Scenario did not let its kind be sent lately.
func (w *worker) heldForItsKind(ctx context.Context, kind string) (held bool, err error) {
	w.refusals.mu.RLock()
	defer w.refusals.mu.RUnlock()
	r, refused := w.refusals.kinds[kind]
	if _, trying := w.refusals.tries[w.it.ID]; !refused || trying || r.ask {
		return false, nil
	}
	return true, w.holdFor(ctx, r)
}

// kindRefused holds the item, and with it all others of its kind.
func (w *worker) kindRefused(ctx context.Context, err error) error {
	r, ok := noLeave(err)
	if !ok {
		return err
	}
	r.sentence += fmt.Sprintf(" One file of kind %s is tried again every %d minutes. To try all of them now: scenario-drop retry", w.it.Kind, notAllowedRest/time.Minute)
	w.refusals.mu.Lock()
	defer w.refusals.mu.Unlock()
	w.refusals.kinds[w.it.Kind] = r
	delete(w.refusals.tries, w.it.ID)
	return w.holdFor(ctx, r)
}

func (w *worker) holdFor(ctx context.Context, r denial) error {
	if err := w.Ledger.NotAllowed(ctx, w.it, w.owner, r.reason, r.sentence); err != nil {
		return err
	}
	w.it.State = drop.Held
	w.Log.Warn("file held", logging.Failure(kindFailure(w.it.Kind)), "item", w.it.ID, "path", w.it.Path, "reason", r.reason, "why", r.sentence)
	w.putOffs.over(w.it.ID)
	w.Wake()
	return nil
}

func kindFailure(kind string) string { return "not-allowed:" + kind }

// kindAllowed takes up the files again that were held for the kind of an item whose upload
// Scenario let be completed.
func (u *Uploader) kindAllowed(ctx context.Context, it ledger.Item) error {
	u.refusals.mu.RLock()
	kind, trying := u.refusals.tries[it.ID]
	if !trying {
		kind = it.Kind
	}
	_, refused := u.refusals.kinds[kind]
	u.refusals.mu.RUnlock()
	if !refused {
		return nil
	}
	u.refusals.mu.Lock() // nobody holds an item for it from here on
	delete(u.refusals.kinds, kind)
	delete(u.refusals.tries, it.ID)
	u.refusals.mu.Unlock()
	total := 0
	for {
		items, err := u.Ledger.TakeNotAllowed(ctx, kind, takeBatch)
		if err != nil {
			return err
		}
		if total += len(items); len(items) < takeBatch {
			break
		}
	}
	u.Log.Info(fmt.Sprintf("Scenario allows uploads of kind %s again", kind), logging.Recovery(kindFailure(kind)), "queued", total)
	u.Wake()
	return nil
}

// TryNotAllowed tries one of the held files of each kind that Scenario did not let be sent.
// If it is let, the others follow.
func (u *Uploader) TryNotAllowed(ctx context.Context) error {
	kinds, err := u.Ledger.KindsNotAllowed(ctx)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		u.refusals.mu.Lock()
		items, err := u.Ledger.TakeNotAllowed(ctx, k.Kind, 1)
		if len(items) > 0 { // else somebody asked for all of them to be tried, just now
			u.refusals.kinds[k.Kind] = denial{reason: k.Reason, sentence: k.Detail, ask: u.refusals.kinds[k.Kind].ask}
		}
		for _, it := range items {
			u.refusals.tries[it.ID] = k.Kind
		}
		u.refusals.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if len(kinds) > 0 {
		u.Wake()
	}
	return nil
}

// AskAgain has every file and setting ask again that Scenario refused, as after the user
// asked for that.
func (u *Uploader) AskAgain() {
	u.checkSettingsNow()
	u.refusals.mu.Lock()
	defer u.refusals.mu.Unlock()
	for kind, r := range u.refusals.kinds {
		r.ask = true
		u.refusals.kinds[kind] = r
	}
}

// tryNotAllowedNowAndThen is TryNotAllowed for as long as ctx goes on.
func (u *Uploader) tryNotAllowedNowAndThen(ctx context.Context) error {
	for sleep(ctx, notAllowedRest) {
		if err := u.TryNotAllowed(ctx); err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
	}
	return nil
}
