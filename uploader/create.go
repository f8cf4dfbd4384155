package uploader

import (
	"context"
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
func (se *sender) create(ctx context.Context, j *job, s *sending) error {
	s.src.KeepIfRoom()
	want := scenario.NewUpload{
		FileName:    fileName(j.it.Path),
		FileSize:    s.plan.Size,
		ContentType: s.mime,
		Kind:        s.content.Kind,
		Parts:       s.plan.Parts,
	}
	j.it.Scope, j.it.Kind = s.content.Scope, s.content.Kind
	if held, err := se.refusals.heldForItsKind(ctx, j, s.content.Kind); held || err != nil {
		return err
	}
	if s.content.Kind != "model" {
		options, err := se.assetOptions(ctx, j)
		if err != nil {
			return se.refusals.refused(ctx, j, err)
		}
		want.Options = options
	}
	made, note, err := se.createUpload(ctx, j, want)
	if guard.After(err) == guard.NotAllowed {
		return se.refusals.kindRefused(ctx, j, err)
	}
	if err != nil {
		return se.refusals.refused(ctx, j, err)
	}
	j.it.Upload = ledger.Upload{Remote: made.ID, PartSize: s.plan.PartSize, Parts: s.plan.Parts, Note: note}
	if s.plan.Parts > 1 {
		if err := se.uploadCreated(ctx, j); err != nil {
			return err
		}
	}
	return se.send(ctx, j, s, made)
}

// uploadCreated writes down the upload that was made for the item.
func (se *sender) uploadCreated(ctx context.Context, j *job) error {
	u, err := se.ledger.UploadCreated(afterwards(ctx), j.it, se.owner, j.it.Upload)
	if err != nil {
		return err
	}
	j.it.State, j.it.Upload = drop.Uploading, u
	return nil
}

// assetOptions says how the asset is to come about: its collections, and the version
// before it as its parent.
func (se *sender) assetOptions(ctx context.Context, j *job) (*scenario.AssetOptions, error) {
	ids, err := se.folders.collections(ctx, j)
	if err != nil {
		return nil, err
	}
	o := &scenario.AssetOptions{CollectionIDs: ids, Hide: j.rule.Hide, ParentID: j.rule.ParentID}
	j.withoutParent = ""
	if t, ok := se.folders.troubles.find(j.it.Root, settingParent); ok && t.Value == o.ParentID {
		j.withoutParent = drop.TextParentNotTaken.With("parent", o.ParentID)
		o.ParentID = ""
	}
	if j.rule.Versions {
		before, err := se.ledger.PreviousAsset(ctx, j.it, se.scope)
		if err != nil {
			return nil, err
		}
		if before != "" {
			o.ParentID, j.withoutParent = before, ""
		}
	}
	return o, nil
}

// createUpload makes an upload. Where Scenario refuses one that names a parent, it is made
// without it, which nothing comes of if that was not the reason. The note says so. Where
// it names a collection that is not there, the error says what that means.
func (se *sender) createUpload(ctx context.Context, j *job, want scenario.NewUpload) (made *scenario.Upload, note drop.Detail, err error) {
	create := func(ctx context.Context) (err error) {
		made, err = se.remote.client.CreateUpload(ctx, want)
		return err
	}
	no := se.remote.ask(ctx, create)
	if no == nil || want.Options == nil || !saysNo(no) {
		return made, j.withoutParent, no
	}
	if parent := want.Options.ParentID; parent != "" {
		options := *want.Options
		options.ParentID = ""
		want.Options = &options
		if err = se.remote.ask(ctx, create); err == nil {
			note = drop.TextParentRefused.With("parent", parent, "words", words(no))
			se.log.Warn("sent without its parent, which Scenario does not take", logging.Failure("parent"), "item", j.it.ID, "path", j.it.Path, "parent", parent, "why", no)
			if parent == j.rule.ParentID {
				err = se.folders.refusedParent(ctx, j, no)
			}
			return made, note, err
		}
	}
	if len(want.Options.CollectionIDs) > 0 && ctx.Err() == nil {
		if err := se.folders.checkCollections(ctx, j, want.Options.CollectionIDs); err != nil {
			return nil, "", err
		}
	}
	return nil, "", no
}

// saysNo reports whether an error is Scenario's no to what a request asked for.
func saysNo(err error) bool {
	action := guard.After(err)
	return action == guard.Fail || action == guard.Gone
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
