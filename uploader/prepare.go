package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// twinPatience is how long an item waits for another with the same bytes before it
// looks again; it is woken earlier when that one gets further.
const twinPatience = 30 * time.Second

// prepare finds out what a queued file is and whether its content is new. A duplicate
// goes on to its collections; new content gets an upload and is sent.
func (w *worker) prepare(ctx context.Context) error {
	if w.needsRefusedCollection() { // before its bytes are read, again and again
		if _, err := w.collections(ctx); err != nil {
			return w.refused(ctx, err)
		}
	}
	there, err := w.look(ctx)
	if err != nil {
		return err
	}
	f, err := w.open(ctx)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	w.progress.doing(w.shown, "reading")

	size := w.it.Fingerprint.Size
	wanted := w.settings().PartSize
	if wanted == 0 {
		wanted = partSize(size, w.storage.PerConnection())
	}
	plan, err := NewPlan(size, wanted)
	if err != nil {
		return w.end(ctx, drop.Failed, "size", "It is "+err.Error()+".")
	}
	s := &sending{worker: w, f: f, from: f.reader(ctx), plan: plan}
	if size <= readSize { // read once, into memory
		content, release, err := f.content(ctx)
		if err != nil {
			return w.unreadable(ctx, err)
		}
		if content != nil {
			defer release()
			s.from, s.inMemory = content, true
		}
	}
	if s.is, err = filetype.Identify(w.it.Path, s.from, size); err != nil {
		return w.unreadable(ctx, err)
	}
	kind, send, err := w.judge(ctx, s.is)
	if err != nil || !send {
		return err
	}
	c := ledger.Content{Scope: w.Scope, Kind: kind, Size: size}
	if c.Kind == "model" && there.lost {
		there = found{lost: true}
		there.Unlisted = "models cannot be compared"
	}
	compare := there.Bytes() && c.Kind != "model"
	if there.asks() && !compare {
		return w.askPerson(ctx, there, c.Kind)
	}

	if size > readSize && !w.adopting() && !compare {
		if c.Sample, err = sample(s.from, size); err != nil {
			return w.unreadable(ctx, err)
		}
		known, twin, err := w.Ledger.Announce(ctx, w.it, w.owner, c)
		if err != nil {
			return err
		}
		if twin != 0 {
			return w.waitFor(ctx, twin)
		}
		if !known {
			return w.create(ctx, s, c, nil) // hashed on the way
		}
	}
	from := s.from
	if !s.inMemory {
		from = f.passReader(ctx)
	}
	hashed, err := digestFile(ctx, from, plan, nil)
	if err != nil {
		return w.unreadable(ctx, err)
	}
	c.SHA256 = hashed.sha256
	if compare {
		if done, err := w.match(ctx, there, c); err != nil || done {
			return err
		}
	}
	if size <= readSize && !w.adopting() {
		mine, done, err := w.alone(ctx, c)
		if err != nil || !mine {
			return err
		}
		defer done()
		return w.create(ctx, s, c, &hashed)
	}
	mine, err := w.claimContent(ctx, c)
	if err != nil || !mine {
		return err
	}
	if w.adopting() {
		return w.adopt(ctx)
	}
	return w.create(ctx, s, c, &hashed)
}

// open opens the item's file, still the version that the item is about. When it is
// not, or cannot be opened, the item is taken off its way and both results are nil.
func (w *worker) open(ctx context.Context) (*diskFile, error) {
	f, err := w.disk.open(ctx, w.it.Root, w.it.Path)
	if err != nil {
		return nil, w.unreadable(ctx, err)
	}
	if !f.opened.SameContent(w.it.Fingerprint) {
		f.Close()
		return nil, w.changed(ctx)
	}
	_, err = onDisk(ctx, w.disk, w.it.Root, func() (struct{}, error) { w.roots.here(w.it.Root); return struct{}{}, nil }, nil)
	if err == nil {
		_, err = w.atRest(ctx, f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// unreadable takes the item off its way after its file could not be read, for what the
// error means to a person.
func (w *worker) unreadable(ctx context.Context, err error) error {
	var irregular *file.NotRegularError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*silentError)):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return w.gone(ctx, "The file was deleted, moved or renamed before it was sent.")
	case errors.As(err, &irregular):
		return w.end(ctx, drop.Gone, "gone", "There is no longer a file under this name: "+err.Error()+".")
	case errors.Is(err, fs.ErrPermission):
		return w.leave(ctx, drop.Held, "unreadable", "scenario-drop is not allowed to read it. Give the user that it runs as permission to read; it resumes automatically.")
	case errors.As(err, new(*file.SwappedError)):
		return &laterError{"folder-swapped", err.Error()}
	case errors.Is(err, errShort):
		return w.changed(ctx)
	case file.OutOfDescriptors(err):
		return &laterError{"no-descriptors", "The file cannot be read now: " + file.NoDescriptors + ". It is tried again."}
	}
	if fp, lerr := w.disk.lstat(ctx, w.it.Root, w.it.Path); errors.Is(lerr, fs.ErrNotExist) {
		return w.gone(ctx, "The file vanished while it was being read.")
	} else if lerr == nil && !fp.SameContent(w.it.Fingerprint) {
		return w.changed(ctx)
	}
	return fmt.Errorf("read the file: %w", err)
}

// gone takes the item off its way, since its file is not there any more.
func (w *worker) gone(ctx context.Context, detail string) error {
	if err := w.missing(ctx); err != nil {
		return err
	}
	return w.end(ctx, drop.Gone, "gone", detail)
}

// changed takes the item off its way: its file is another version by now, which the
// watcher brings as an item of its own.
func (w *worker) changed(ctx context.Context) error {
	return w.leave(ctx, drop.Superseded, "changed", "The file changed before it was complete at Scenario; the new version is sent in its place.")
}

// leave takes the item off its way, and its file back to whoever finds files.
func (w *worker) leave(ctx context.Context, to drop.State, reason, detail string) error {
	err := w.end(ctx, to, reason, detail)
	if err == nil && w.LookAgain != nil {
		w.LookAgain(w.it.Root, w.it.Path)
	}
	return err
}

// claimContent claims the content, whose hash is known now, for this item. If it is an
// asset already the item becomes its duplicate; if another item is making the asset
// this one waits for it; mine is false in both cases.
func (w *worker) claimContent(ctx context.Context, c ledger.Content) (mine bool, err error) {
	who, err := w.Ledger.ClaimContent(ctx, w.it, w.owner, c)
	if err != nil {
		return false, err
	}
	w.it.Kind, w.it.Scope, w.it.SHA256 = c.Kind, c.Scope, c.SHA256
	switch {
	case who.Mine():
		return true, nil
	case who.Other != 0:
		return false, w.waitFor(ctx, who.Other)
	}
	if err := w.Ledger.Duplicate(ctx, w.it, w.owner, who.Asset); err != nil {
		return false, err
	}
	w.it.State, w.it.Asset, w.it.Upload = drop.Linking, who.Asset, ledger.Upload{}
	return false, nil
}

func (w *worker) waitFor(ctx context.Context, other int64) error {
	if err := w.Ledger.WaitFor(ctx, w.it, w.owner, other, w.Now().Add(twinPatience)); err != nil {
		return err
	}
	w.it.State = drop.Queued
	w.Wake()
	return nil
}

// create makes an upload at Scenario and sends the parts. An upload of several parts is
// written down before the first byte leaves.
func (w *worker) create(ctx context.Context, s *sending, c ledger.Content, d *digest) error {
	want := scenario.NewUpload{
		FileName:    fileName(w.it.Path),
		FileSize:    s.plan.Size,
		ContentType: s.is.MIME(),
		Kind:        c.Kind,
		Parts:       s.plan.Parts,
	}
	w.it.Scope, w.it.Kind = c.Scope, c.Kind
	if held, err := w.heldForItsKind(ctx, c.Kind); held || err != nil {
		return err
	}
	if c.Kind != "model" {
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
	u := ledger.Upload{Remote: made.ID, PartSize: s.plan.PartSize, Parts: s.plan.Parts, Note: note}
	if s.plan.Parts == 1 {
		return w.sendWhole(ctx, s, made, u, c, d)
	}
	if u, err = w.Ledger.UploadCreated(ctx, w.it, w.owner, u); err != nil {
		return err
	}
	w.it.State, w.it.Upload = drop.Uploading, u
	return w.send(ctx, s, made, map[int]ledger.Part{}, d)
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

// refused ends the item if the error is Scenario's no to it; any other error is
// returned as it is.
func (w *worker) refused(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch guard.Decide(err, guard.TriesInPlace) {
	case guard.Fail, guard.StartOver:
		return w.end(ctx, drop.Failed, "refused", refusal(err))
	case guard.NotAllowed:
		// One that is past that keeps its state, and is put off.
		if r, ok := noLeave(err); ok && (w.it.State == drop.Preparing || w.it.State == drop.Uploading) {
			return w.holdFor(ctx, r)
		}
	}
	return err
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

// refusal says in a sentence what Scenario had against a file.
func refusal(err error) string {
	e, ok := err.(*scenario.Error)
	if !ok { // it has a context of ours around it, which says more
		return "Scenario refused it: " + err.Error() + "."
	}
	s := "Scenario refused it"
	if e.Message != "" {
		s += ": " + strings.TrimSuffix(e.Message, ".")
	}
	if e.RequestID != "" {
		s += " (request " + e.RequestID + ")"
	}
	return s + "."
}
