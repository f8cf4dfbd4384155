package uploader

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/scenario"
)

// collectionNames lets one file at a time look up or make collections by name, so that
// a name which many files need at once is made once.
type collectionNames struct{ mu sync.Mutex }

// collections returns the ids of the collections that the item's file joins, those
// named by name included: remembered, or found in Scenario's list, or made.
func (w *worker) collections(ctx context.Context) ([]string, error) {
	ids := slices.Clone(w.rule.CollectionIDs)
	for _, name := range w.rule.collectionNames(w.it.Path) {
		id, err := w.collectionID(ctx, collectionName(name))
		if err != nil {
			return nil, fmt.Errorf("collection %q: %w", name, err)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// collectionName is the form in which a collection's name goes to Scenario and is
// remembered.
func collectionName(name string) string { return norm.NFC.String(fileName(name)) }

func (w *worker) collectionID(ctx context.Context, name string) (string, error) {
	if id, ok, err := w.Ledger.CollectionID(ctx, w.Scope, name); err != nil || ok {
		return id, err
	}
	w.names.mu.Lock()
	defer w.names.mu.Unlock()
	if id, ok, err := w.Ledger.CollectionID(ctx, w.Scope, name); err != nil || ok {
		return id, err
	}
	// The list comes before the making, also when a making's answer was lost.
	for tries := 1; ; tries++ {
		id, err := w.listed(ctx, name)
		if err != nil || id != "" {
			return id, err
		}
		var made *scenario.Collection
		err = w.paced(ctx, func(ctx context.Context) (err error) {
			made, err = w.API.CreateCollection(ctx, name)
			return err
		})
		if err == nil {
			w.Log.Info("collection made", "name", name, "id", made.ID)
			return made.ID, w.Ledger.RememberCollections(ctx, w.Scope, map[string]string{name: made.ID})
		}
		if ctx.Err() != nil || decide(err, tries) != tryAgain {
			return "", err
		}
	}
}

// listed reads Scenario's list of collections, remembers them all, and returns the id
// of the one with the name; "" if there is none. Of several with one name the first
// listed counts.
func (w *worker) listed(ctx context.Context, name string) (string, error) {
	ids := map[string]string{}
	more := map[string][]string{} // further ones of the same name
	err := w.ask(ctx, func(ctx context.Context) error {
		clear(ids)
		clear(more)
		for c, err := range w.API.Collections(ctx) {
			if err != nil {
				return err
			}
			key := norm.NFC.String(c.Name)
			if _, seen := ids[key]; seen {
				more[key] = append(more[key], c.ID)
			} else {
				ids[key] = c.ID
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(more[name]) > 0 {
		w.Log.Warn("several collections have one name, and files join the first; name the one you mean by its id in collection_ids, or rename the others at Scenario",
			"name", name, "used", ids[name], "others", more[name])
	}
	for other := range more {
		if other != name {
			delete(ids, other) // is said when it is asked for
		}
	}
	return ids[name], w.Ledger.RememberCollections(ctx, w.Scope, ids)
}

// checkCollections looks for a collection that is no longer there, after an upload that
// names some was refused. It is an error that says which; one that was remembered by
// name is forgotten, so that the next try looks its name up again.
func (w *worker) checkCollections(ctx context.Context, ids []string) error {
	for _, id := range ids {
		err := w.ask(ctx, func(ctx context.Context) error {
			_, err := w.API.GetCollection(ctx, id)
			return err
		})
		switch {
		case scenario.ClassOf(err) == scenario.NotFound:
			return w.collectionGone(ctx, id, err)
		case err != nil:
			return err
		}
	}
	return nil
}

// collectionGone forgets a collection and returns what that means for the item: with a
// class where it is the config that names it, without one where trying again helps.
func (w *worker) collectionGone(ctx context.Context, id string, err error) error {
	if err := w.Ledger.ForgetCollection(ctx, w.Scope, id); err != nil {
		return err
	}
	if slices.Contains(w.rule.CollectionIDs, id) {
		return fmt.Errorf("the collection %s, which the config names, does not exist: %w", id, err)
	}
	return fmt.Errorf("the collection %s was deleted at Scenario; its name is looked up again", id)
}
