package uploader

import (
	"cmp"
	"context"

	"scenario-drop/ledger"
	"scenario-drop/reconcile"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// API is what the uploader asks of Scenario; it is a *scenario.Client, whose methods say what each
// answers.
type API interface {
	CreateUpload(ctx context.Context, n scenario.NewUpload) (*scenario.Upload, error)
	GetUpload(ctx context.Context, id string) (*scenario.Upload, error)
	CompleteUpload(ctx context.Context, id string) (*scenario.Upload, error)
	GetAsset(ctx context.Context, id string) (*scenario.Asset, error)
	GetModel(ctx context.Context, id string) (*scenario.Model, error)
	AddAssetTags(ctx context.Context, id string, tags []string) error
	AddModelTags(ctx context.Context, id string, tags []string) error
	GetCollection(ctx context.Context, id string) (*scenario.Collection, error)
	CreateCollection(ctx context.Context, name string) (*scenario.Collection, error)
	AddAssets(ctx context.Context, collectionID string, ids []string) error
	AddModels(ctx context.Context, collectionID string, ids []string) error
	guard.KeyCheck
	reconcile.API
}

// Storage takes the bytes of files and hands out those of assets; it is a *scenario.Storage.
type Storage interface {
	guard.Parts
	reconcile.Storage
}

// remote is Scenario's API, as several steps ask it.
type remote struct {
	api    *guard.API
	client API
}

// ask makes a request to the API until it has an answer of Scenario's own (see guard.API.Do).
func (r *remote) ask(ctx context.Context, request func(context.Context) error) error {
	return r.api.Do(ctx, request)
}

// record reads what Scenario says of the item's upload.
func (r *remote) record(ctx context.Context, j *job) (u *scenario.Upload, err error) {
	err = r.ask(ctx, func(ctx context.Context) (err error) {
		u, err = r.client.GetUpload(ctx, j.it.Upload.Remote)
		return err
	})
	return u, err
}

// outcome is what an upload has come to. Its record need not say: it may stay complete, or
// in any other status, with the id of an asset that is there and complete. Of a model no more is
// known than that its id is final.
func (r *remote) outcome(ctx context.Context, it ledger.Item, up *scenario.Upload) (scenario.Outcome, error) {
	says := up.Outcome()
	if says == scenario.Imported || up.EntityID == "" {
		return says, nil
	}
	if it.Kind == "model" {
		if says == scenario.Failed {
			return says, nil
		}
		return scenario.Imported, nil
	}
	var asset *scenario.Asset
	err := r.ask(ctx, func(ctx context.Context) (err error) {
		asset, err = r.client.GetAsset(ctx, up.EntityID)
		return err
	})
	switch {
	case err == nil && asset.Status == "success" && asset.DeletedAt.IsZero():
		return scenario.Imported, nil
	case err == nil && asset.Status == "error" && says == scenario.Working:
		up.ErrorMessage = cmp.Or(up.ErrorMessage, "its asset "+up.EntityID+" has an error")
		return scenario.Failed, nil
	case guard.After(err) == guard.NotAllowed && says == scenario.Working:
		return scenario.Imported, nil // an id that is given is final, and no more can be asked
	case err == nil, guard.After(err) == guard.Gone, guard.After(err) == guard.NotAllowed:
		return says, nil
	}
	return says, err
}

// assetGone asks whether an asset is not at Scenario any more.
func (r *remote) assetGone(ctx context.Context, id string) (gone bool, err error) {
	err = r.ask(ctx, func(ctx context.Context) error {
		a, err := r.client.GetAsset(ctx, id)
		gone = err == nil && !a.DeletedAt.IsZero()
		return err
	})
	if guard.After(err) == guard.Gone {
		return true, nil
	}
	return gone, err
}
