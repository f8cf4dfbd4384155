package uploader

import (
	"context"

	"scenario-drop/drop"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
)

// judge says as what kind the item is sent. If it is not to be sent for what its file is, it
// is taken off its way, before anything of it leaves, and send is false.
func (w *worker) judge(ctx context.Context, is filetype.Type) (kind string, send bool, err error) {
	rule := w.judgedBy()
	v, kind := rule.Judge(is)
	switch v {
	case filetype.Hold:
		err = w.end(ctx, drop.Held, ledger.ReasonOtherKind, rule.Explain(v, w.it.Path, is))
	case filetype.Ignore:
		err = w.end(ctx, drop.Ignored, ledger.ReasonNoAsset, rule.Explain(v, w.it.Path, is))
	default:
		return kind, true, nil
	}
	if err == nil && w.judgedBy() != rule {
		// The config was edited meanwhile, and what rested by then is queued already.
		if _, err = w.Ledger.Rejudge(ctx, w.it.Root); err == nil {
			w.Wake()
		}
	}
	return "", false, err
}

// judgedBy is what the settings of now say of what the item's file may be.
func (w *worker) judgedBy() filetype.Rule {
	rule, ok := w.Uploader.rule(w.it.Root)
	if !ok {
		rule = w.rule
	}
	return filetype.Rule{Kind: rule.Kind, SendOthers: rule.SendOthers, Included: rule.Included != nil && rule.Included(w.it.Path), Forced: w.it.Forced}
}
