package uploader

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/uploader/guard"
)

// linksExisting reports whether the item is to be taken as what Scenario holds.
func (re *reconciler) linksExisting(j *job) bool {
	return j.it.Answer == ledger.LinkExisting && j.it.Scope == re.scope
}

// hold has the item wait for the user's word.
func (re *reconciler) hold(ctx context.Context, j *job, candidates []string, detail drop.Detail) error {
	if err := re.ledger.NeedsDecision(ctx, j.it, re.owner, candidates, detail); err != nil {
		return err
	}
	re.held(j, detail)
	return nil
}

// held says that the item waits for the user's word, as the ledger has it already.
func (re *reconciler) held(j *job, detail drop.Detail) {
	j.it.State = drop.Held
	re.unsure.mu.Lock()
	first := !re.unsure.said
	re.unsure.said = true
	re.unsure.mu.Unlock()
	if first { // thousands may follow
		re.log.Warn("files that Scenario may hold already are not sent until you say what to do")
	}
	re.log.Info("file held", "item", j.it.ID, "path", j.it.Path, "why", detail)
	re.wake()
}

// linkExisting takes the item, whose content is claimed, as the likeliest asset that it may be
// and that is no other content.
func (re *reconciler) linkExisting(ctx context.Context, j *job) error {
	for _, id := range j.it.Candidates {
		there := false
		err := re.remote.ask(ctx, func(ctx context.Context) error {
			a, err := re.remote.client.GetAsset(ctx, id)
			there = err == nil && a.DeletedAt.IsZero()
			return err
		})
		if guard.After(err) == guard.Gone {
			err = nil
		}
		if err != nil {
			return re.refusals.refused(ctx, j, err)
		}
		if !there {
			continue
		}
		err = re.ledger.AssetLinkedExisting(ctx, j.it, re.owner, id)
		if errors.Is(err, ledger.ErrAssetTaken) {
			continue
		}
		if err != nil {
			return err
		}
		j.it.State, j.it.Asset = drop.Linking, id
		return nil
	}
	return re.hold(ctx, j, nil, drop.TextCandidatesGone.With())
}

// linkedNote says what was done in place of sending.
func (l *linker) linkedNote(j *job) drop.Detail {
	note := drop.TextLinkedExisting.With()
	if j.it.Answer != ledger.LinkExisting {
		note = drop.TextSharesExisting.With()
	}
	if j.rule.After != Keep {
		note = note.And(drop.TextNotCompared.With())
	}
	return note
}
