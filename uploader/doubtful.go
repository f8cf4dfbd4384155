package uploader

import (
	"context"
	"errors"
	"sync"

	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// doubts is what the uploader knows of files that may have been sent before: the
// ledger's doubt, and who can tell. The zero value asks the ledger when first needed.
type doubts struct {
	mu         sync.Mutex
	about      ledger.Doubt
	recogniser *Recogniser // nil: the ledger was not asked yet
	said       bool
}

// doubt returns which files may have been sent before, and who can tell.
func (u *Uploader) doubt(ctx context.Context) (ledger.Doubt, *Recogniser, error) {
	u.doubts.mu.Lock()
	defer u.doubts.mu.Unlock()
	if u.doubts.recogniser == nil {
		d, err := u.Ledger.Doubt(ctx)
		if err != nil {
			return d, nil, err
		}
		u.doubts.about = d
		u.doubts.recogniser = NewRecogniser(RecogniserOptions{API: u.API, Ask: u.ask, Lost: d.Lost, Now: u.Now,
			Known: func(ctx context.Context, asset string) (bool, error) { return u.Ledger.KnowsAsset(ctx, u.Scope, asset) }})
	}
	return u.doubts.about, u.doubts.recogniser, nil
}

// restDoubts lets go of what was read to recognise files, when it is not needed.
func (u *Uploader) restDoubts() {
	u.doubts.mu.Lock()
	defer u.doubts.mu.Unlock()
	if u.doubts.recogniser != nil {
		u.doubts.recogniser.Rest()
	}
}

// adopting reports whether the item is to be taken as what Scenario holds.
func (w *worker) adopting() bool {
	return w.it.Answer == ledger.Adopt && w.it.Scope == w.Scope
}

// maybeSent finds out, before anything of a file is sent, whether a ledger that is lost
// may have sent it, and holds it then until the user says what to do.
func (w *worker) maybeSent(ctx context.Context, kind string) (held bool, err error) {
	if w.it.Answer == ledger.Send || w.adopting() {
		return false, nil
	}
	about, recogniser, err := w.doubt(ctx)
	if err != nil || !about.Covers(w.it.Fingerprint) {
		return false, err
	}
	like := Likeness{Unlisted: "models cannot be compared"}
	if kind != "model" {
		w.progress.doing(w.shown, "comparing")
		if like, err = recogniser.Look(ctx, w.rule, w.it.Path, w.it.Fingerprint.Size); err != nil {
			return false, err
		}
	}
	if !like.Asks(about.Lost) {
		return false, nil
	}
	w.it.Scope, w.it.Kind = w.Scope, kind
	return true, w.hold(ctx, like.Assets, like.Sentence(about.Lost))
}

// hold has the item wait for the user's word.
func (w *worker) hold(ctx context.Context, candidates []string, sentence string) error {
	if err := w.Ledger.MaybeSent(ctx, w.it, w.owner, candidates, sentence); err != nil {
		return err
	}
	w.held(sentence)
	return nil
}

// held says that the item waits for the user's word, as the ledger has it already.
func (w *worker) held(sentence string) {
	w.it.State = ledger.Held
	w.doubts.mu.Lock()
	first := !w.doubts.said
	w.doubts.said = true
	w.doubts.mu.Unlock()
	if first { // thousands may follow
		w.Log.Warn("files that Scenario may hold already are not sent until you say what to do; see: scenario-drop status")
	}
	w.Log.Info("file held", "item", w.it.ID, "path", w.it.Path, "why", sentence)
	w.Wake()
}

// adopt takes the item, whose content is claimed, as the likeliest asset that it may be
// and that is no other content.
func (w *worker) adopt(ctx context.Context) error {
	for _, id := range w.it.Candidates {
		there := false
		err := w.ask(ctx, func(ctx context.Context) error {
			a, err := w.API.GetAsset(ctx, id)
			there = err == nil && a.DeletedAt.IsZero()
			return err
		})
		if scenario.ClassOf(err) == scenario.NotFound {
			err = nil
		}
		if err != nil {
			return w.refused(ctx, err)
		}
		if !there {
			continue
		}
		err = w.Ledger.AssetAdopted(ctx, w.it, w.owner, id)
		if errors.Is(err, ledger.ErrAssetTaken) {
			continue
		}
		if err != nil {
			return err
		}
		w.it.State, w.it.Asset = ledger.Linking, id
		return nil
	}
	return w.hold(ctx, nil, "The assets at Scenario that it could be are gone, or turned out to be other files. To send it: scenario-drop retry PATH.")
}

// adoptedNote says what was done in place of sending.
func (w *worker) adoptedNote() string {
	note := "It is taken as the asset that Scenario held already, as you asked; nothing was sent."
	if w.it.Answer != ledger.Adopt {
		note = "The same content as a file that was taken, as you asked, as an asset that Scenario held already; nothing was sent."
	}
	if w.rule.After != Keep {
		note += " Its bytes were not compared with Scenario's, so the file stays where it is."
	}
	return note
}
