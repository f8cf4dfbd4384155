package uploader

import (
	"context"
	"sync"

	"scenario-drop/ledger"
)

// inFlight are the contents being sent that the ledger does not know to be claimed yet: a
// small file claims its content only when storage has it. Of two small files with the same
// bytes the second waits for the first. It is safe for concurrent use.
type inFlight struct {
	mu    sync.Mutex
	items map[contentKey]int64
}

type contentKey struct{ scope, kind, sha256 string }

func keyOf(c ledger.Content) contentKey { return contentKey{c.Scope, c.Kind, string(c.SHA256)} }

func newInFlight() *inFlight { return &inFlight{items: map[contentKey]int64{}} }

// begin enters an item that is about to send a content; other is the one, if any, that is
// at it already. end is called by the item that was entered.
func (u *inFlight) begin(c ledger.Content, item int64) (other int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := keyOf(c)
	if other = u.items[key]; other == 0 {
		u.items[key] = item
	}
	return other
}

func (u *inFlight) end(c ledger.Content) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.items, keyOf(c))
}

// claimInFlight makes sure, without a durable change, that nobody has or makes an asset of the
// content, nor begins to until done is called. If somebody does, the item is a duplicate, or
// waits: mine is false.
func (i *identifier) claimInFlight(ctx context.Context, j *job, c ledger.Content) (mine bool, done func(), err error) {
	if other := i.inFlight.begin(c, j.it.ID); other != 0 {
		return false, nil, i.waitFor(ctx, j, other)
	}
	done = func() { i.inFlight.end(c) }
	mine, err = i.ledger.ContentFree(ctx, c)
	if err == nil && !mine {
		mine, err = i.claimContent(ctx, j, c)
	}
	if !mine {
		done()
	}
	return mine, done, err
}
