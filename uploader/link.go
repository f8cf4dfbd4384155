package uploader

import (
	"context"
	"fmt"
	"slices"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/uploader/guard"
)

// linkRecords are what a linker reads and writes down.
type linkRecords interface {
	WantMembership(ctx context.Context, scope, asset string, collections []string) (missing []string, err error)
	Joined(ctx context.Context, scope, asset, collection string) error
	WantTags(ctx context.Context, scope, asset string, tags []string) (missing []string, err error)
	Tagged(ctx context.Context, scope, asset string, tags []string) error
	IsLinkedExisting(ctx context.Context, it ledger.Item) (linked bool, err error)
	AssetGone(ctx context.Context, it ledger.Item, owner string) error
	CleaningUp(ctx context.Context, it ledger.Item, owner string) error
}

// linker sees to the collections and tags of assets.
type linker struct {
	*base
	ledger  linkRecords
	remote  *remote
	folders *folders
}

// link sees to it that the item's asset is in every collection that the rule names and has its
// tags, and that an asset which was there before still is and has.
func (l *linker) link(ctx context.Context, j *job) error {
	l.progress.doing(j.shown, "joining collections")
	wanted, err := l.folders.collections(ctx, j)
	if err != nil {
		return l.notLinked(ctx, j, err)
	}
	missing, err := l.ledger.WantMembership(ctx, j.it.Scope, j.it.Asset, wanted)
	if err != nil {
		return err
	}
	duplicate := j.it.Upload.ID == 0
	if duplicate || len(missing) > 0 {
		in, there, err := l.memberships(ctx, j)
		if err != nil || !there {
			return err
		}
		missing = nil
		for _, id := range wanted {
			if !slices.Contains(in, id) {
				missing = append(missing, id)
			} else if err := l.ledger.Joined(ctx, j.it.Scope, j.it.Asset, id); err != nil {
				return err
			}
		}
	}
	for _, id := range missing {
		if err := l.join(ctx, j, id); err != nil {
			return l.notLinked(ctx, j, err)
		}
		if j.it.State != drop.Linking {
			return nil
		}
	}
	untagged, err := l.tag(ctx, j, duplicate)
	if err != nil || j.it.State != drop.Linking {
		return err
	}
	if duplicate {
		linked, err := l.ledger.IsLinkedExisting(ctx, j.it)
		if err != nil {
			return err
		}
		if linked {
			return l.done(ctx, j, drop.ReasonLinkedExisting.With(l.linkedNote(j).And(untagged)))
		}
	}
	if j.rule.After == Keep {
		return l.done(ctx, j, drop.Why{Detail: l.duplicateNote(duplicate).And(untagged)})
	}
	if err := l.ledger.CleaningUp(ctx, j.it, l.owner); err != nil {
		return err
	}
	j.it.State = drop.CleaningUp
	return nil
}

func (l *linker) duplicateNote(duplicate bool) drop.Detail {
	if !duplicate {
		return ""
	}
	return drop.TextWasThere.With()
}

// notLinked is the error of an asset that could not join its collections for now. The
// asset is there, and Scenario's no to this is none to the file: it is tried again.
func (l *linker) notLinked(ctx context.Context, j *job, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch guard.After(err) {
	case guard.Fail, guard.Gone:
		return &afterImportError{drop.ReasonNotLinked.With(refusal(err)), err}
	}
	return err
}

// memberships reads which collections the item's asset (or model) is in. If it is gone
// at Scenario, the item starts over and there is false.
func (l *linker) memberships(ctx context.Context, j *job) (in []string, there bool, err error) {
	deleted := false
	err = l.remote.ask(ctx, func(ctx context.Context) error {
		if j.it.Kind == "model" {
			m, err := l.remote.client.GetModel(ctx, j.it.Asset)
			if err == nil {
				in = m.CollectionIDs
			}
			return err
		}
		a, err := l.remote.client.GetAsset(ctx, j.it.Asset)
		if err == nil {
			in, deleted = a.CollectionIDs, !a.DeletedAt.IsZero()
		}
		return err
	})
	if deleted || guard.After(err) == guard.Gone {
		if err := l.ledger.AssetGone(ctx, j.it, l.owner); err != nil {
			return nil, false, err
		}
		j.it.State = drop.Queued
		l.log.Info("its asset was deleted at Scenario; the file is sent again", "item", j.it.ID, "path", j.it.Path)
		l.wake()
		return nil, false, nil
	}
	if err != nil {
		return nil, false, l.notLinked(ctx, j, err)
	}
	return in, true, nil
}

// join adds the asset to one collection. Whether adding twice is an error is not
// documented, so a no is checked against what the asset itself says.
func (l *linker) join(ctx context.Context, j *job, id string) error {
	err := l.remote.ask(ctx, func(ctx context.Context) error {
		if j.it.Kind == "model" {
			return l.remote.client.AddModels(ctx, id, []string{j.it.Asset})
		}
		return l.remote.client.AddAssets(ctx, id, []string{j.it.Asset})
	})
	switch guard.After(err) {
	case guard.Fail:
		in, there, merr := l.memberships(ctx, j)
		if merr != nil || !there {
			return merr
		}
		if !slices.Contains(in, id) {
			return err
		}
	case guard.Gone:
		return l.folders.collectionGone(ctx, j, id)
	default:
		if err != nil {
			return err
		}
	}
	return l.ledger.Joined(afterwards(ctx), j.it.Scope, j.it.Asset, id)
}

// done ends the item's way.
func (b *base) done(ctx context.Context, j *job, why drop.Why) error {
	if j.it.Upload.Note != "" {
		why.Detail = j.it.Upload.Note.And(why.Detail)
		if why.Reason == "" {
			why.Reason = drop.ReasonWithoutParent
		}
	}
	if err := b.ledger.Done(ctx, j.it, b.owner, why); err != nil {
		return err
	}
	return b.restsImported(j, why.Detail)
}

func (b *base) restsImported(j *job, note drop.Detail) error {
	j.it.State = drop.Imported
	j.it.Detail = note
	b.imported(j.it)
	b.wake()
	return nil
}

func (b *base) imported(it ledger.Item) {
	words := "imported"
	if n := b.postponed.over(it.ID); n > 0 {
		words = fmt.Sprintf("imported after %d failures", n)
	}
	b.log.Info(words, "item", it.ID, "path", it.Path, "kind", it.Kind, "asset", it.Asset, "size", it.Fingerprint.Size, "note", it.Detail)
}
