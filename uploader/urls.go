package uploader

import (
	"context"
	"fmt"
	"sync"
	"time"

	"scenario-drop/scenario"
)

// partURLs hands out the URLs of an upload's parts, and fetches fresh ones when they
// have expired. It is safe for concurrent use.
type partURLs struct {
	w *worker

	mu     sync.Mutex
	byPart map[int]scenario.Part
	record *scenario.Upload // which the URLs are from
}

// expiryMargin is how long a URL must still be good for to be used.
const expiryMargin = 15 * time.Second

func newPartURLs(w *worker, u *scenario.Upload) *partURLs {
	p := &partURLs{w: w}
	p.take(u)
	return p
}

func (p *partURLs) take(u *scenario.Upload) {
	p.byPart = make(map[int]scenario.Part, len(u.Parts))
	for _, part := range u.Parts {
		p.byPart[part.Number] = part
	}
	p.record = u
}

// get returns the URL of part n. Expiry is judged by the server's clock, since ours
// may be off by any amount.
func (p *partURLs) get(ctx context.Context, n int) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	part, ok := p.byPart[n]
	if ok && !part.ExpiredAt(p.record.ServerNow(p.w.Now()).Add(expiryMargin)) {
		return part.URL, nil
	}
	var u *scenario.Upload
	err := p.w.ask(ctx, func(ctx context.Context) (err error) {
		u, err = p.w.API.GetUpload(ctx, p.w.it.Upload.Remote)
		return err
	})
	if err != nil {
		return "", err
	}
	if u.Outcome() != scenario.Sending {
		return "", errUploadLost
	}
	p.take(u)
	if part, ok = p.byPart[n]; !ok {
		return "", fmt.Errorf("part %d has no URL: %w", n, errUploadLost)
	}
	return part.URL, nil
}

// spoil says that storage refused a URL: the next get fetches fresh ones, unless
// somebody else did already.
func (p *partURLs) spoil(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range p.byPart {
		if part.URL == url {
			clear(p.byPart)
			return
		}
	}
}
