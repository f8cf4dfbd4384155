package service

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/status"
	"scenario-drop/uploader/guard"
)

// remoteEvery is the least time between two requests of a verification: it is in no hurry,
// and the daemon's own requests, which share the key's rate, are.
const remoteEvery = 100 * time.Millisecond

// verifyTries is how often a verification makes one request.
const verifyTries = 5

// remoteBatch gathers files whose assets are asked for together.
type remoteBatch struct {
	v      *verifier
	files  []Verified
	next   time.Time // when the next request may begin
	single bool      // the API has no bulk call that works: each asset is asked for by itself
	err    error     // why Scenario could not be asked; from then on nothing is
}

// add takes a file, and asks once there are enough of them.
func (b *remoteBatch) add(ctx context.Context, f Verified) error {
	if b.files = append(b.files, f); len(b.files) < scenario.MaxBulk {
		return nil
	}
	return b.flush(ctx)
}

// flush compares the files gathered with their assets, and tells of them. The error is one of
// this computer; Scenario's is kept in err.
func (b *remoteBatch) flush(ctx context.Context) error {
	files := b.files
	b.files = nil
	if b.err == nil {
		if b.err = b.compare(ctx, files); scenario.ClassOf(b.err) == 0 && b.err != nil {
			return b.err
		}
	}
	for _, f := range files {
		b.v.tell(f)
	}
	return nil
}

// atScenario is what Scenario says of an asset or a model. Nil pointers stand for gone.
type atScenario struct {
	collections []string
	tags        []string // nil: not told
	size        int64    // 0: not told, or not of what was sent
	converted   bool     // what is told is of a conversion
}

// compare finds what differs of each file.
func (b *remoteBatch) compare(ctx context.Context, files []Verified) error {
	var ids []string
	for _, f := range files {
		if f.Item.Kind != "model" && !slices.Contains(ids, f.Item.Asset) {
			ids = append(ids, f.Item.Asset)
		}
	}
	assets, err := b.assets(ctx, ids)
	if err != nil {
		return err
	}
	for i := range files {
		f := &files[i]
		found := assets[f.Item.Asset]
		if f.Item.Kind == "model" {
			if found, err = b.model(ctx, f.Item.Asset); err != nil {
				return err
			}
		}
		more, err := b.differences(ctx, f.Item, found)
		if err != nil {
			return err
		}
		f.Remote, f.SizeUnknown = true, found != nil && found.converted
		f.Differences = append(f.Differences, more...)
	}
	return nil
}

// differences compares an imported file with what Scenario says of its asset; nil: it is gone.
func (b *remoteBatch) differences(ctx context.Context, it ledger.Item, found *atScenario) (all []Difference, err error) {
	if found == nil {
		return []Difference{{DiffAssetGone, status.Words(drop.TextAssetMissing.With("asset", it.Asset))}}, nil
	}
	if found.size != 0 && found.size != it.Fingerprint.Size {
		all = append(all, Difference{DiffSize, status.Words(drop.TextAssetSize.With("asset", it.Asset, "found", strconv.FormatInt(found.size, 10), "sent", strconv.FormatInt(it.Fingerprint.Size, 10)))})
	}
	joined, err := b.v.ledger.Memberships(ctx, it.Scope, it.Asset)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(joined, func(id string) bool { return slices.Contains(found.collections, id) })
	if len(missing) > 0 {
		all = append(all, Difference{DiffNotInCollections, status.Words(drop.TextNotInCollections.With("asset", it.Asset, "collections", strings.Join(missing, ", ")))})
	}
	tags, err := b.v.ledger.Tags(ctx, it.Scope, it.Asset)
	if err != nil {
		return nil, err
	}
	if found.tags != nil {
		untagged := slices.DeleteFunc(tags, func(t string) bool { return slices.Contains(found.tags, t) })
		if len(untagged) > 0 {
			all = append(all, Difference{DiffNotTagged, status.Words(drop.TextTagsMissing.With("asset", it.Asset, "tags", strings.Join(untagged, ", ")))})
		}
	}
	return all, nil
}

// assets asks for assets, as many at once as the API takes and can answer. One that is not in
// an answer is asked for by itself before it counts as gone.
func (b *remoteBatch) assets(ctx context.Context, ids []string) (map[string]*atScenario, error) {
	found := make(map[string]*atScenario, len(ids))
	err := b.bulk(ctx, ids, found)
	for _, id := range ids {
		if err != nil {
			return nil, err
		}
		if _, told := found[id]; !told {
			found[id], err = b.asset(ctx, id)
		}
	}
	return found, err
}

// bulk fills in what the bulk call tells of assets. A list that the API refuses, or whose
// answer cannot be read, may be too long for it: it is asked for in halves.
func (b *remoteBatch) bulk(ctx context.Context, ids []string, found map[string]*atScenario) error {
	if len(ids) == 0 || b.single {
		return nil
	}
	var all []scenario.Asset
	err := b.ask(ctx, func() (err error) {
		all, err = b.v.api.GetAssets(ctx, ids)
		return err
	})
	switch scenario.ClassOf(err) {
	case scenario.NotFound, scenario.Forbidden:
		b.single = true
		return nil
	case scenario.Rejected, scenario.Garbled:
		if len(ids) == 1 {
			b.single = true
			return nil
		}
		half := len(ids) / 2
		if err := b.bulk(ctx, ids[:half], found); err != nil {
			return err
		}
		return b.bulk(ctx, ids[half:], found)
	}
	if err != nil {
		return err
	}
	for _, a := range all {
		if slices.Contains(ids, a.ID) {
			found[a.ID] = toldOf(a)
		}
	}
	return nil
}

// toldOf is what an asset's record tells; nil for one that was deleted.
func toldOf(a scenario.Asset) *atScenario {
	if !a.DeletedAt.IsZero() {
		return nil
	}
	t := &atScenario{collections: a.CollectionIDs, tags: a.Tags, size: a.Size, converted: a.Converted()}
	if t.converted {
		t.size = 0
	}
	return t
}

// asset asks for one asset; nil if it is gone.
func (b *remoteBatch) asset(ctx context.Context, id string) (found *atScenario, err error) {
	err = b.ask(ctx, func() error {
		a, err := b.v.api.GetAsset(ctx, id)
		if err == nil {
			found = toldOf(*a)
		}
		return err
	})
	return found, goneIsNoError(err)
}

// model asks for one model; nil if it is gone.
func (b *remoteBatch) model(ctx context.Context, id string) (found *atScenario, err error) {
	err = b.ask(ctx, func() error {
		m, err := b.v.api.GetModel(ctx, id)
		if err == nil {
			found = &atScenario{collections: m.CollectionIDs}
		}
		return err
	})
	return found, goneIsNoError(err)
}

func goneIsNoError(err error) error {
	if guard.After(err) == guard.Gone {
		return nil
	}
	return err
}

// ask makes a request when it is time for one.
func (b *remoteBatch) ask(ctx context.Context, request func() error) error {
	return b.v.guard.Do(ctx, func(ctx context.Context) error {
		if wait := time.Until(b.next); wait > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
		}
		b.next = time.Now().Add(remoteEvery)
		return request()
	})
}
