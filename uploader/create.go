package uploader

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// create makes an upload at Scenario and sends the parts. An upload of several parts is
// written down before the first byte leaves.
func (w *worker) create(ctx context.Context, s *sending) error {
	s.src.KeepIfRoom()
	want := scenario.NewUpload{
		FileName:    fileName(w.it.Path),
		FileSize:    s.plan.Size,
		ContentType: s.mime,
		Kind:        s.content.Kind,
		Parts:       s.plan.Parts,
	}
	w.it.Scope, w.it.Kind = s.content.Scope, s.content.Kind
	if held, err := w.heldForItsKind(ctx, s.content.Kind); held || err != nil {
		return err
	}
	if s.content.Kind != "model" {
		options, err := w.assetOptions(ctx)
		if err != nil {
			return w.refused(ctx, err)
		}
		want.Options = options
	}
	made, note, err := w.createUpload(ctx, want)
	if guard.Decide(err, guard.TriesInPlace) == guard.NotAllowed {
		return w.kindRefused(ctx, err)
	}
	if err != nil {
		return w.refused(ctx, err)
	}
	w.it.Upload = ledger.Upload{Remote: made.ID, PartSize: s.plan.PartSize, Parts: s.plan.Parts, Note: note}
	if s.plan.Parts > 1 {
		if err := w.uploadCreated(ctx); err != nil {
			return err
		}
	}
	return w.send(ctx, s, made)
}

// uploadCreated writes down the upload that was made for the item.
func (w *worker) uploadCreated(ctx context.Context) error {
	u, err := w.Ledger.UploadCreated(ctx, w.it, w.owner, w.it.Upload)
	if err != nil {
		return err
	}
	w.it.State, w.it.Upload = drop.Uploading, u
	return nil
}

// assetOptions says how the asset is to come about: its collections, and the version
// before it as its parent.
func (w *worker) assetOptions(ctx context.Context) (*scenario.AssetOptions, error) {
	ids, err := w.collections(ctx)
	if err != nil {
		return nil, err
	}
	o := &scenario.AssetOptions{CollectionIDs: ids, Hide: w.rule.Hide, ParentID: w.rule.ParentID}
	w.withoutParent = ""
	if t, ok := w.folders.find(w.it.Root, settingParent); ok && t.Value == o.ParentID {
		w.withoutParent = fmt.Sprintf("It was sent without its parent %s, which Scenario does not take.", o.ParentID)
		o.ParentID = ""
	}
	if w.rule.Versions {
		before, err := w.Ledger.PreviousAsset(ctx, w.it, w.Scope)
		if err != nil {
			return nil, err
		}
		if before != "" {
			o.ParentID, w.withoutParent = before, ""
		}
	}
	return o, nil
}

// createUpload makes an upload. Where Scenario refuses one that names a parent, it is made
// without it, which nothing comes of if that was not the reason. The note says so. Where
// it names a collection that is not there, the error says what that means.
func (w *worker) createUpload(ctx context.Context, want scenario.NewUpload) (made *scenario.Upload, note string, err error) {
	create := func(ctx context.Context) (err error) {
		made, err = w.API.CreateUpload(ctx, want)
		return err
	}
	no := w.ask(ctx, create)
	if no == nil || want.Options == nil || !saysNo(no) {
		return made, w.withoutParent, no
	}
	if parent := want.Options.ParentID; parent != "" {
		options := *want.Options
		options.ParentID = ""
		want.Options = &options
		if err = w.ask(ctx, create); err == nil {
			note = fmt.Sprintf("It was sent without its parent %s, which Scenario did not take: %s.", parent, words(no))
			w.Log.Warn("sent without its parent, which Scenario does not take", logging.Failure("parent"), "item", w.it.ID, "path", w.it.Path, "parent", parent, "why", no)
			if parent == w.rule.ParentID {
				err = w.refusedParent(ctx, no)
			}
			return made, note, err
		}
	}
	if len(want.Options.CollectionIDs) > 0 && ctx.Err() == nil {
		if err := w.checkCollections(ctx, want.Options.CollectionIDs); err != nil {
			return nil, "", err
		}
	}
	return nil, "", no
}

// saysNo reports whether an error is Scenario's no to what a request asked for.
func saysNo(err error) bool {
	class := scenario.ClassOf(err)
	return class == scenario.Rejected || class == scenario.NotFound
}

// fileName is the name that Scenario gets: the file's own, made valid UTF-8 without
// control characters, which JSON cannot carry or a page cannot show, and without
// backslashes, which elsewhere make a path of it.
func fileName(path string) string {
	name := strings.ToValidUTF8(filepath.Base(path), "\uFFFD")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\\' {
			return '_'
		}
		return r
	}, name)
}
