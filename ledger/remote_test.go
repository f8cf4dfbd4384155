package ledger

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// remote is what Scenario has: assets come of completed uploads, at once or later.
type remote struct {
	t  *testing.T
	mu sync.Mutex

	uploads map[string]*remoteUpload
	content map[string]string // of each asset that is there
	live    map[string]int    // assets by content
	ever    map[string]int
	lives   int // how many more assets may be deleted
	next    int
}

type remoteUpload struct {
	content   string
	completed bool
	failed    bool
	asset     string
}

func newRemote(t *testing.T, deletions int) *remote {
	return &remote{t: t, uploads: map[string]*remoteUpload{}, content: map[string]string{}, live: map[string]int{}, ever: map[string]int{}, lives: deletions}
}

func (r *remote) create(content string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	id := fmt.Sprint("upload-", r.next)
	r.uploads[id] = &remoteUpload{content: content}
	return id
}

// complete may make the asset, refuse the file, or leave both for later.
func (r *remote) complete(id string, rng *rand.Rand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.uploads[id]
	if u.completed {
		return
	}
	u.completed = true
	switch p := rng.IntN(10); {
	case p < 2:
		u.failed = true
	case p < 6:
		r.makeAsset(u)
	}
}

func (r *remote) makeAsset(u *remoteUpload) {
	r.next++
	u.asset = fmt.Sprint("asset-", r.next)
	r.content[u.asset] = u.content
	r.live[u.content]++
	r.ever[u.content]++
	if r.live[u.content] > 1 {
		r.t.Errorf("%d assets of %s at once", r.live[u.content], u.content)
	}
}

// get checks an upload; an import under way ends with the check.
func (r *remote) get(id string) remoteUpload {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.uploads[id]
	if u.completed && !u.failed && u.asset == "" {
		r.makeAsset(u)
	}
	return *u
}

// delete is somebody deleting an asset on Scenario's own pages.
func (r *remote) delete(rng *rand.Rand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	assets := slices.Sorted(maps.Keys(r.content))
	if r.lives == 0 || len(assets) == 0 {
		return
	}
	asset := assets[rng.IntN(len(assets))]
	r.lives--
	r.live[r.content[asset]]--
	delete(r.content, asset)
}

func (r *remote) has(asset string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.content[asset] != ""
}
