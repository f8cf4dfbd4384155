package uploader

import (
	"context"

	"scenario-drop/drop"
	"scenario-drop/filetype"
)

// judge says as what kind the item is sent. If it is not to be sent for what its file is, it
// is taken off its way, before anything of it leaves, and send is false.
func (i *identifier) judge(ctx context.Context, j *job, is filetype.Type) (kind string, send bool, err error) {
	rule := i.judgedBy(j)
	v, kind := rule.Judge(is)
	switch v {
	case filetype.Hold:
		err = i.end(ctx, j, drop.Held, drop.ReasonOtherKind.With(rule.Explain(v, j.it.Path, is)))
	case filetype.Ignore:
		err = i.end(ctx, j, drop.Ignored, drop.ReasonNoAsset.With(rule.Explain(v, j.it.Path, is)))
	default:
		return kind, true, nil
	}
	if err == nil && i.judgedBy(j) != rule {
		// The config was edited meanwhile, and what rested by then is queued already.
		if _, err = i.ledger.RecheckKinds(ctx, j.it.Root); err == nil {
			i.wake()
		}
	}
	return "", false, err
}

// judgedBy is what the settings of now say of what the item's file may be.
func (i *identifier) judgedBy(j *job) filetype.Rule {
	rule, ok := i.rule(j.it.Root)
	if !ok {
		rule = j.rule
	}
	return filetype.Rule{Kind: rule.Kind, SendOthers: rule.SendOthers, Included: rule.Included != nil && rule.Included(j.it.Path), Forced: j.it.Forced}
}
