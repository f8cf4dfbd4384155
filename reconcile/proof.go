package reconcile

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// Bounds on what is fetched to compare it. What lies beyond is not compared, and a person
// is asked.
const (
	fetchesAtOnce   = 4
	maxFetch        = 2 << 30     // bytes of one asset
	maxFetchedBytes = 256 << 30   // since the start
	maxFetched      = 200_000     // assets, since the start
	maxOfOne        = 10_000      // assets of one name and size
	fetchTries      = 5           // while the bytes' host is in trouble and the API is not
	fetchFirst      = time.Second // wait between two tries; it doubles
)

// budget is what was fetched so far.
type budget struct {
	bytes  int64
	number int
}

// proof is what is known of an asset's content. Catalog.mu guards it.
type proof struct {
	asset  string
	size   int64 // as listed; 0: not told
	known  bool  // the ledger knows of which content it is
	ready  bool  // sum, or why, is there
	sum    [sha256.Size]byte
	why    string // why its bytes cannot be had
	wanted bool   // it is being fetched, or to be
}

func (p *proof) isKnown() bool { return p != nil && p.known }

// settle finds out what can be without waiting of the candidates that are pending, and has
// the rest fetched.
func (c *Catalog) settle(ctx context.Context, s *candidates) error {
	if err := c.dropKnown(ctx, s); err != nil {
		return err
	}
	var rest []*entry
	for i, e := range s.pending {
		p := c.proofs[e.id]
		if p == nil {
			p = &proof{asset: e.id, size: e.size}
			sum, err := c.Ledger.Hash(ctx, e.id)
			if err != nil {
				s.pending = append(rest, s.pending[i:]...)
				return err
			}
			if len(sum) == sha256.Size {
				p.sum, p.ready = [sha256.Size]byte(sum), true
			}
			c.proofs[e.id] = p
		}
		switch {
		case p.ready && p.why == "":
			s.hashes[p.sum] = e.id
		case p.ready:
			s.unproven, s.why = append(s.unproven, e), p.why
		default:
			c.want(p, s)
			if p.ready { // it is beyond the bounds
				s.unproven, s.why = append(s.unproven, e), p.why
				continue
			}
			rest = append(rest, e)
		}
	}
	s.pending = rest
	return nil
}

// dropKnown takes those out of the pending candidates of whose content the ledger knows.
func (c *Catalog) dropKnown(ctx context.Context, s *candidates) error {
	for _, e := range s.pending {
		p := c.proofs[e.id]
		if p != nil && (p.known || p.wanted || p.ready) {
			continue
		}
		known, err := c.Ledger.Known(ctx, e.id)
		if err != nil {
			return err
		}
		if known {
			c.proofs[e.id] = &proof{asset: e.id, known: true, ready: true}
		}
	}
	s.pending = slices.DeleteFunc(s.pending, func(e *entry) bool { return c.proofs[e.id].isKnown() })
	return nil
}

// maxChecked bounds the assets without bytes that are checked for one file.
const maxChecked = 200

// pruneKnown takes those out of the candidates whose bytes cannot be had that a person, or
// another file, has told the content of since.
func (c *Catalog) pruneKnown(ctx context.Context, s *candidates) error {
	for _, e := range s.unproven[:min(len(s.unproven), maxChecked)] {
		known, err := c.Ledger.Known(ctx, e.id)
		if err != nil {
			return err
		}
		c.proofs[e.id].known = known
	}
	s.unproven = slices.DeleteFunc(s.unproven, func(e *entry) bool { return c.proofs[e.id].known })
	return nil
}

// want has an asset's bytes fetched, if that is within the bounds.
func (c *Catalog) want(p *proof, s *candidates) {
	switch {
	case p.wanted:
		return
	case c.Storage == nil:
		p.ready, p.why = true, "its bytes are not fetched here"
	case p.size > maxFetch:
		p.ready, p.why = true, "it is too large to be fetched and compared"
	case s.asked >= maxOfOne:
		p.ready, p.why = true, "too many assets have this name and size to fetch and compare them all"
	case c.fetched.number >= maxFetched || c.fetched.bytes+p.size > maxFetchedBytes:
		p.ready, p.why = true, "too much was fetched and compared already since the start"
	default:
		s.asked++
		c.fetched.number++
		c.fetched.bytes += p.size
		p.wanted = true
		c.fetches = append(c.fetches, p)
	}
}

// fetchAll fetches what is wanted, each time there is more, until ctx ends.
func (c *Catalog) fetchAll(ctx context.Context, more <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-more:
		}
		for {
			c.mu.Lock()
			if len(c.fetches) == 0 {
				c.mu.Unlock()
				break
			}
			p := c.fetches[0]
			c.fetches = c.fetches[1:]
			c.mu.Unlock()
			sum, why := c.fetch(ctx, p.asset, p.size)
			if ctx.Err() != nil {
				return
			}
			c.mu.Lock()
			p.ready, p.sum, p.why = true, sum, why
			c.mu.Unlock()
			c.changed()
		}
	}
}

// errOtherSize says that what Scenario hands out is not what it lists.
var errOtherSize = errors.New("what Scenario hands out is not the file that was sent")

// fetch reads an asset's original bytes, and returns why that cannot be done.
func (c *Catalog) fetch(ctx context.Context, asset string, size int64) (sum [sha256.Size]byte, why string) {
	limit := size
	if size == 0 {
		limit = maxFetch
	}
	fresh := false
	for wait, tries := fetchFirst, 1; ; tries++ {
		sum, got, err := Sum(ctx, c.Options, asset, limit)
		switch action := guard.After(err); {
		case err == nil && (got > limit || size > 0 && got != size):
			return sum, errOtherSize.Error()
		case err == nil:
			if err := c.Ledger.SetHash(ctx, asset, got, sum[:]); err != nil {
				c.Log.Debug("what was fetched to be compared could not be written down", "asset", asset, "why", err)
			}
			return sum, ""
		case ctx.Err() != nil:
			return sum, ""
		case action == guard.Gone, action == guard.Fail:
			return sum, err.Error()
		case action == guard.FreshURLs && fresh, tries == fetchTries:
			return sum, err.Error()
		case action == guard.FreshURLs: // its address was an old one
			fresh = true
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		wait *= 2
	}
}

// Sum reads an asset's original bytes, of which at most limit, and returns their SHA-256 and
// how many they are. It is for whoever may do nothing but that: one request for the
// address, one for the bytes.
func Sum(ctx context.Context, o Options, asset string, limit int64) (sum [sha256.Size]byte, size int64, err error) {
	var url string
	err = o.Ask(ctx, func(ctx context.Context) (err error) {
		url, err = o.API.AssetURL(ctx, asset)
		return err
	})
	if err != nil {
		return sum, 0, err
	}
	return o.Storage.Sum(ctx, scenario.Download{URL: url, Limit: limit, Throttle: o.Throttle})
}
