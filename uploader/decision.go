package uploader

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// adopting reports whether the item is to be taken as what Scenario holds.
func (w *worker) adopting() bool {
	return w.it.Answer == ledger.Adopt && w.it.Scope == w.Scope
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
	w.it.State = drop.Held
	w.unsure.mu.Lock()
	first := !w.unsure.said
	w.unsure.said = true
	w.unsure.mu.Unlock()
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
		w.it.State, w.it.Asset = drop.Linking, id
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
