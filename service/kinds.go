package service

import (
	"context"
	"fmt"

	"scenario-drop/config"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
)

// kindRule says by what the files of a folder are judged, in words that differ where the rule
// does.
func kindRule(w config.Watch) string {
	return fmt.Sprintf("%d %s %s %q", filetype.Revision, w.Kind, w.OtherKinds, w.Include)
}

// recheckKinds queues what rests in the config's folders because of what the files are, where that is
// judged by another rule than it was: after an edit, also one that was made while nothing ran, and
// after an update of the program. It returns how many files that are.
func recheckKinds(ctx context.Context, c *config.Config, l *ledger.Ledger) (n int, err error) {
	before, err := l.KindRules(ctx)
	if err != nil {
		return 0, err
	}
	was := map[string]string{}
	for _, r := range before {
		was[string(r.Root)] = r.Rule
	}
	var now []ledger.KindRule
	news := false
	for _, w := range c.Watches {
		rule := kindRule(w)
		now = append(now, ledger.KindRule{Root: []byte(w.Path), Rule: rule})
		if was[w.Path] == rule {
			continue
		}
		news = true
		some, err := l.RecheckKinds(ctx, w.Path)
		if n += some; err != nil {
			return n, err
		}
	}
	if !news {
		return n, nil
	}
	return n, l.SetKindRules(ctx, now)
}
