package fakescenario

import (
	"context"
	"crypto/sha256"
	"iter"
	"slices"
	"strconv"
	"strings"

	"scenario-drop/scenario"
)

// asset, model and collection need mu.
func (s *Scenario) asset(id string) *asset {
	return find(s.assets, func(a *asset) bool { return a.ID == id })
}

func (s *Scenario) model(id string) *scenario.Model {
	return find(s.models, func(m *scenario.Model) bool { return m.ID == id })
}

func (s *Scenario) collection(id string) *scenario.Collection {
	return find(s.collections, func(c *scenario.Collection) bool { return c.ID == id })
}

func find[T any](all []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// GetAsset is that of scenario.Client.
func (s *Scenario) GetAsset(ctx context.Context, id string) (got *scenario.Asset, err error) {
	err = s.call(ctx, Asset, func() error {
		a := s.asset(id)
		if a == nil {
			return notFound(Asset, "asset "+id)
		}
		one := a.Asset
		one.CollectionIDs, one.Tags = slices.Clone(one.CollectionIDs), slices.Clone(one.Tags)
		got = &one
		return nil
	})
	return got, err
}

// GetModel is that of scenario.Client.
func (s *Scenario) GetModel(ctx context.Context, id string) (got *scenario.Model, err error) {
	err = s.call(ctx, Model, func() error {
		m := s.model(id)
		if m == nil {
			return notFound(Model, "model "+id)
		}
		one := *m
		one.CollectionIDs = slices.Clone(one.CollectionIDs)
		got = &one
		return nil
	})
	return got, err
}

// AddAssetTags is that of scenario.Client.
func (s *Scenario) AddAssetTags(ctx context.Context, id string, tags []string) error {
	return s.call(ctx, Tags, func() error {
		a := s.asset(id)
		if a == nil {
			return notFound(Tags, "asset "+id)
		}
		a.Tags = union(a.Tags, tags)
		return nil
	})
}

// AddModelTags is that of scenario.Client.
func (s *Scenario) AddModelTags(ctx context.Context, id string, tags []string) error {
	return s.call(ctx, Tags, func() error {
		if s.model(id) == nil || s.NoModelTags {
			return notFound(Tags, "model "+id)
		}
		s.tags[id] = union(s.tags[id], tags)
		return nil
	})
}

func union(all, more []string) []string {
	for _, one := range more {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// Collections is that of scenario.Client.
func (s *Scenario) Collections(ctx context.Context) iter.Seq2[scenario.Collection, error] {
	return func(yield func(scenario.Collection, error) bool) {
		var all []scenario.Collection
		err := s.call(ctx, Collections, func() error {
			for _, c := range s.collections {
				all = append(all, *c)
			}
			return nil
		})
		if err != nil {
			yield(scenario.Collection{}, err)
			return
		}
		for _, c := range all {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// GetCollection is that of scenario.Client.
func (s *Scenario) GetCollection(ctx context.Context, id string) (got *scenario.Collection, err error) {
	err = s.call(ctx, Collection, func() error {
		c := s.collection(id)
		if c == nil {
			return notFound(Collection, "collection "+id)
		}
		one := *c
		got = &one
		return nil
	})
	return got, err
}

// CreateCollection is that of scenario.Client.
func (s *Scenario) CreateCollection(ctx context.Context, name string) (made *scenario.Collection, err error) {
	err = s.call(ctx, CollectionCreate, func() error {
		if name == "" {
			return rejected(CollectionCreate, "name is required")
		}
		c := &scenario.Collection{ID: s.id("collection"), Name: name}
		s.collections = append(s.collections, c)
		one := *c
		made = &one
		return nil
	})
	return made, err
}

// AddAssets is that of scenario.Client.
func (s *Scenario) AddAssets(ctx context.Context, collectionID string, ids []string) error {
	return s.add(ctx, collectionID, ids, func(id string, c *scenario.Collection) (in *[]string, count *int64) {
		if a := s.asset(id); a != nil {
			return &a.CollectionIDs, &c.AssetCount
		}
		return nil, nil
	})
}

// AddModels is that of scenario.Client.
func (s *Scenario) AddModels(ctx context.Context, collectionID string, ids []string) error {
	return s.add(ctx, collectionID, ids, func(id string, c *scenario.Collection) (in *[]string, count *int64) {
		if m := s.model(id); m != nil {
			return &m.CollectionIDs, &c.ModelCount
		}
		return nil, nil
	})
}

// add puts things into a collection; of returns which ones each is in, and the collection's count of them.
func (s *Scenario) add(ctx context.Context, collection string, ids []string, of func(string, *scenario.Collection) (*[]string, *int64)) error {
	return s.call(ctx, Link, func() error {
		c := s.collection(collection)
		if c == nil {
			return notFound(Link, "collection "+collection)
		}
		for _, id := range ids {
			in, count := of(id, c)
			switch {
			case in == nil:
				return notFound(Link, id)
			case !slices.Contains(*in, collection):
				*in = append(*in, collection)
				*count++
			case s.AddTwiceRefused:
				return rejected(Link, id+" is in the collection already")
			}
		}
		return nil
	})
}

// pageSize is how many assets a page has.
const pageSize = 100

// AssetPage is that of scenario.Client.
func (s *Scenario) AssetPage(ctx context.Context, f scenario.AssetFilter) (page scenario.AssetPage, err error) {
	err = s.call(ctx, Assets, func() error {
		if f.CollectionID != "" && s.collection(f.CollectionID) == nil {
			return notFound(Assets, "collection "+f.CollectionID)
		}
		var all []scenario.Asset
		for _, a := range s.assets {
			if f.CollectionID == "" || slices.Contains(a.CollectionIDs, f.CollectionID) {
				all = append(all, a.Asset)
			}
		}
		if f.Newest {
			slices.Reverse(all)
		}
		from, err := 0, error(nil)
		if f.Token != "" {
			if from, err = strconv.Atoi(f.Token); err != nil || from > len(all) {
				return rejected(Assets, "paginationToken is not valid")
			}
		}
		to := min(from+pageSize, len(all))
		if page.Assets = all[from:to]; to < len(all) {
			page.Next = strconv.Itoa(to)
		}
		return nil
	})
	return page, err
}

// AssetURL is that of scenario.Client.
func (s *Scenario) AssetURL(ctx context.Context, id string) (url string, err error) {
	err = s.call(ctx, Asset, func() error {
		if s.asset(id) == nil {
			return notFound(Asset, "asset "+id)
		}
		url = "https://storage.invalid/" + id
		return nil
	})
	return url, err
}

// Sum is that of scenario.Storage.
func (s *Scenario) Sum(ctx context.Context, d scenario.Download) (sum [sha256.Size]byte, size int64, err error) {
	err = s.call(ctx, Download, func() error {
		a := s.asset(strings.TrimPrefix(d.URL, "https://storage.invalid/"))
		if a == nil {
			return notFound(Download, "the asset")
		}
		sum, size = sha256.Sum256(a.bytes), int64(len(a.bytes))
		return nil
	})
	return sum, size, err
}

// Forbids is that of scenario.Client.
func (s *Scenario) Forbids(_ context.Context, err error) error {
	if s.KeyRefused && scenario.ClassOf(err) == scenario.Forbidden {
		return Status("teams", 401)
	}
	return err
}
