package transfer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"scenario-drop/scenario"
)

// URLs hands out the URLs of an upload's parts, and fetches fresh ones when they have
// expired. It is safe for concurrent use.
type URLs struct {
	fetch func(context.Context) (*scenario.Upload, error)
	now   func() time.Time

	fetching sync.Mutex // held while the record is read again, which may take as long as an outage

	mu     sync.Mutex // never held while anything is waited for: a part asks with its slot in hand
	byPart map[int]scenario.Part
	record *scenario.Upload // which the URLs are from
}

// expiryMargin is how long a URL must still be good for to be used.
const expiryMargin = 15 * time.Second

// NewURLs returns the URLs that an upload's record has; fetch reads the record again.
func NewURLs(u *scenario.Upload, fetch func(context.Context) (*scenario.Upload, error), now func() time.Time) *URLs {
	urls := &URLs{fetch: fetch, now: now}
	urls.take(u)
	return urls
}

func (u *URLs) take(record *scenario.Upload) {
	u.byPart = make(map[int]scenario.Part, len(record.Parts))
	for _, part := range record.Parts {
		u.byPart[part.Number] = part
	}
	u.record = record
}

// get returns the URL of part n, fetched if there is none that is fresh; fresh tells whether it is
// good for a while. It is ErrLost if the upload takes no more parts.
func (u *URLs) get(ctx context.Context, n int) (url string, fresh bool, err error) {
	if url, ok := u.usable(n); ok {
		return url, true, nil
	}
	u.fetching.Lock()
	defer u.fetching.Unlock()
	if url, ok := u.usable(n); ok { // somebody else fetched it
		return url, true, nil
	}
	record, err := u.fetch(ctx)
	if err != nil {
		return "", false, err
	}
	if record.Outcome() != scenario.Sending {
		return "", false, ErrLost
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.take(record)
	if _, ok := u.byPart[n]; !ok {
		return "", false, fmt.Errorf("part %d has no URL: %w", n, ErrLost)
	}
	url, fresh = u.good(n)
	return url, fresh, nil
}

// usable is good for whoever does not hold mu.
func (u *URLs) usable(n int) (url string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.good(n)
}

// good is the URL of part n if it can still be used. Expiry is judged by the server's clock,
// since ours may be off by any amount.
func (u *URLs) good(n int) (url string, ok bool) {
	part, ok := u.byPart[n]
	return part.URL, ok && !part.ExpiredAt(u.record.ServerNow(u.now()).Add(expiryMargin))
}

// expired reports whether a URL that was handed out has expired since.
func (u *URLs) expired(n int) bool {
	_, ok := u.usable(n)
	return !ok
}

// refused says that storage refused a URL: the next get fetches fresh ones, unless
// somebody else did already.
func (u *URLs) refused(url string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, part := range u.byPart {
		if part.URL == url {
			clear(u.byPart)
			return
		}
	}
}
