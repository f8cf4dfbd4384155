package uploader

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// link sees to it that the item's asset is in every collection that the rule names and has its
// tags, and that an asset which was there before still is and has.
func (w *worker) link(ctx context.Context) error {
	w.progress.doing(w.shown, "joining collections")
	wanted, err := w.collections(ctx)
	if err != nil {
		return w.notLinked(ctx, err)
	}
	missing, err := w.Ledger.WantMembership(ctx, w.it.Scope, w.it.Asset, wanted)
	if err != nil {
		return err
	}
	duplicate := w.it.Upload.ID == 0
	if duplicate || len(missing) > 0 {
		in, there, err := w.memberships(ctx)
		if err != nil || !there {
			return err
		}
		missing = nil
		for _, id := range wanted {
			if !slices.Contains(in, id) {
				missing = append(missing, id)
			} else if err := w.Ledger.Joined(ctx, w.it.Scope, w.it.Asset, id); err != nil {
				return err
			}
		}
	}
	for _, id := range missing {
		if err := w.join(ctx, id); err != nil {
			return w.notLinked(ctx, err)
		}
		if w.it.State != drop.Linking {
			return nil
		}
	}
	untagged, err := w.tag(ctx, duplicate)
	if err != nil || w.it.State != drop.Linking {
		return err
	}
	if duplicate {
		adopted, err := w.Ledger.IsAdopted(ctx, w.it)
		if err != nil {
			return err
		}
		if adopted {
			return w.done(ctx, "adopted", sentences(w.adoptedNote(), untagged))
		}
	}
	if w.rule.After == Keep {
		return w.done(ctx, "", sentences(w.duplicateNote(duplicate), untagged))
	}
	if err := w.Ledger.Tidying(ctx, w.it, w.owner); err != nil {
		return err
	}
	w.it.State = drop.Tidying
	return nil
}

// sentences joins those that are not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

func (w *worker) duplicateNote(duplicate bool) string {
	if !duplicate {
		return ""
	}
	return "The same content was at Scenario already; nothing was sent, and it shares that asset."
}

// notLinked is the error of an asset that could not join its collections for now. The
// asset is there, and Scenario's no to this is none to the file: it is tried again.
func (w *worker) notLinked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch guard.Decide(err, guard.TriesInPlace) {
	case guard.Fail, guard.StartOver:
		return &afterImportError{"not-linked", refusal(err), err}
	}
	return err
}

// memberships reads which collections the item's asset (or model) is in. If it is gone
// at Scenario, the item starts over and there is false.
func (w *worker) memberships(ctx context.Context) (in []string, there bool, err error) {
	deleted := false
	err = w.ask(ctx, func(ctx context.Context) error {
		if w.it.Kind == "model" {
			m, err := w.API.GetModel(ctx, w.it.Asset)
			if err == nil {
				in = m.CollectionIDs
			}
			return err
		}
		a, err := w.API.GetAsset(ctx, w.it.Asset)
		if err == nil {
			in, deleted = a.CollectionIDs, !a.DeletedAt.IsZero()
		}
		return err
	})
	if deleted || scenario.ClassOf(err) == scenario.NotFound {
		if err := w.Ledger.AssetGone(ctx, w.it, w.owner); err != nil {
			return nil, false, err
		}
		w.it.State = drop.Queued
		w.Log.Info("its asset was deleted at Scenario; the file is sent again", "item", w.it.ID, "path", w.it.Path)
		w.Wake()
		return nil, false, nil
	}
	if err != nil {
		return nil, false, w.notLinked(ctx, err)
	}
	return in, true, nil
}

// join adds the asset to one collection. Whether adding twice is an error is not
// documented, so a no is checked against what the asset itself says.
func (w *worker) join(ctx context.Context, id string) error {
	err := w.ask(ctx, func(ctx context.Context) error {
		if w.it.Kind == "model" {
			return w.API.AddModels(ctx, id, []string{w.it.Asset})
		}
		return w.API.AddAssets(ctx, id, []string{w.it.Asset})
	})
	switch scenario.ClassOf(err) {
	case scenario.Rejected:
		in, there, merr := w.memberships(ctx)
		if merr != nil || !there {
			return merr
		}
		if !slices.Contains(in, id) {
			return err
		}
	case scenario.NotFound:
		return w.collectionGone(ctx, id)
	default:
		if err != nil {
			return err
		}
	}
	return w.Ledger.Joined(ctx, w.it.Scope, w.it.Asset, id)
}

// done ends the item's way.
func (w *worker) done(ctx context.Context, reason, note string) error {
	if w.it.Upload.Note != "" {
		note = strings.TrimSpace(w.it.Upload.Note + " " + note)
		if reason == "" {
			reason = ledger.ReasonWithoutParent
		}
	}
	if err := w.Ledger.Done(ctx, w.it, w.owner, reason, note); err != nil {
		return err
	}
	return w.restsImported(note)
}

func (w *worker) restsImported(note string) error {
	w.it.State = drop.Imported
	w.imported(w.it, note)
	w.Wake()
	return nil
}

func (u *Uploader) imported(it ledger.Item, note string) {
	words := "imported"
	if n := u.putOffs.over(it.ID); n > 0 {
		words = fmt.Sprintf("imported after %d failures", n)
	}
	u.Log.Info(words, "item", it.ID, "path", it.Path, "kind", it.Kind, "asset", it.Asset, "size", it.Fingerprint.Size, "note", note)
}
