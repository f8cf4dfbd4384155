package reconcile

import (
	"context"
	"errors"
	"iter"

	"scenario-drop/scenario"
)

var (
	errMayNotList = errors.New("the API key may not list assets")
	// ErrTooLong means that a list was not read to its end.
	ErrTooLong = errors.New("the list of assets at Scenario is too long, or does not end")
)

// Asker makes a request, again where that may help.
type Asker = func(ctx context.Context, request func(context.Context) error) error

// Pages reads a list of assets from the page that f names on. An error ends it:
// CannotList tells those that say that there is no such list, or no end of it; others say
// that it cannot be read now.
func Pages(ctx context.Context, api Lister, ask Asker, f scenario.AssetFilter) iter.Seq2[scenario.AssetPage, error] {
	return func(yield func(scenario.AssetPage, error) bool) {
		seen := map[string]bool{}
		for {
			page, err := Page(ctx, api, ask, f)
			if err != nil {
				yield(page, err)
				return
			}
			if !yield(page, nil) || page.Next == "" {
				return
			}
			if seen[page.Next] || len(seen) == maxPages {
				yield(scenario.AssetPage{}, ErrTooLong)
				return
			}
			seen[page.Next], f.Token = true, page.Next
		}
	}
}

// Page reads a page of a list.
func Page(ctx context.Context, api Lister, ask Asker, f scenario.AssetFilter) (page scenario.AssetPage, err error) {
	err = ask(ctx, func(ctx context.Context) (err error) {
		page, err = api.AssetPage(ctx, f)
		return err
	})
	return page, err
}

// CannotList reports whether an error says that there is no list to be had, or not the
// whole of it, and how to say so.
func CannotList(err error) (why string, no bool) {
	switch class := scenario.ClassOf(err); {
	case errors.Is(err, ErrTooLong):
		return err.Error(), true
	case class == scenario.Forbidden:
		return errMayNotList.Error(), true
	case class == scenario.NotFound, class == scenario.Rejected, class == scenario.PlanLimit:
		return err.Error(), true
	}
	return "", false
}
