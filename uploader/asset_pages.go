package uploader

import (
	"context"
	"errors"
	"iter"

	"scenario-drop/scenario"
)

// mostPages is how many pages are read of one list of assets.
const mostPages = 5_000

var (
	errMayNotList  = errors.New("the API key may not list assets")
	errListTooLong = errors.New("the list of assets at Scenario is too long, or does not end")
)

// assetPages reads a list of assets from the page that f names on. ask makes each
// request, again where that may help. An error ends it: cannotList tells those that say
// that there is no such list, or no end of it; others say that it cannot be read now.
func assetPages(ctx context.Context, api *scenario.Client, ask func(context.Context, func(context.Context) error) error, f scenario.AssetFilter) iter.Seq2[scenario.AssetPage, error] {
	return func(yield func(scenario.AssetPage, error) bool) {
		seen := map[string]bool{}
		for {
			page, err := assetPage(ctx, api, ask, f)
			if err != nil {
				yield(page, err)
				return
			}
			if !yield(page, nil) || page.Next == "" {
				return
			}
			if seen[page.Next] || len(seen) == mostPages {
				yield(scenario.AssetPage{}, errListTooLong)
				return
			}
			seen[page.Next], f.Token = true, page.Next
		}
	}
}

// assetPage reads a page of a list.
func assetPage(ctx context.Context, api *scenario.Client, ask func(context.Context, func(context.Context) error) error, f scenario.AssetFilter) (page scenario.AssetPage, err error) {
	err = ask(ctx, func(ctx context.Context) (err error) {
		page, err = api.AssetPage(ctx, f)
		return err
	})
	return page, err
}

// cannotList reports whether an error says that there is no list to be had, or not the
// whole of it, and how to say so.
func cannotList(err error) (why string, no bool) {
	switch class := scenario.ClassOf(err); {
	case errors.Is(err, errListTooLong):
		return err.Error(), true
	case class == scenario.Forbidden:
		return errMayNotList.Error(), true
	case class == scenario.NotFound, class == scenario.Rejected, class == scenario.PlanLimit:
		return err.Error(), true
	}
	return "", false
}
