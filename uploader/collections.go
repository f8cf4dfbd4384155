package uploader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// collectionNames lets one file at a time look up or make collections by name, so that
// a name which many files need at once is made once.
type collectionNames struct {
	mu sync.Mutex
	// What Scenario's list had when it was last read.
	names map[string]bool
	read  time.Time
}

// listKept is for how long a name that was not in Scenario's list is not searched for again,
// where it may not be made.
const listKept = time.Minute

// lacks reports whether Scenario's list, read lately, did not have a name.
func (c *collectionNames) lacks(name string, now time.Time) bool {
	since := now.Sub(c.read)
	return c.names != nil && !c.names[name] && since >= 0 && since < listKept
}

// collections returns the ids of the collections that the item's file joins, those
// named by name included: remembered, or found in Scenario's list, or made.
func (f *folders) collections(ctx context.Context, j *job) ([]string, error) {
	ids := slices.Clone(j.rule.CollectionIDs)
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, name := range j.rule.Collections {
		id, err := f.collectionID(ctx, collectionName(name), nil)
		if err != nil {
			return nil, f.cannotMake(ctx, j, settingCollections, name, err)
		}
		add(id)
	}
	if sub := j.rule.subfolder(j.it.Path); sub != "" {
		id, err := f.subfolderCollection(ctx, j.rule, sub)
		if err != nil {
			return nil, f.cannotMake(ctx, j, settingSubfolders, sub, err)
		}
		add(id)
	}
	return ids, nil
}

// collectionName is the form in which a collection's name goes to Scenario and is
// remembered.
func collectionName(name string) string { return norm.NFC.String(fileName(name)) }

// errTooManyCollections says that no more are made for a folder's subfolders unasked.
var errTooManyCollections = errors.New("too many collections would be made")

// subfolderCollection returns the collection of a subfolder. Of those that are not there
// yet, as many are made as the folder's rule allows.
func (f *folders) subfolderCollection(ctx context.Context, rule Rule, name string) (string, error) {
	return f.collectionID(ctx, collectionName(name), &rule)
}

// collectionID returns the id of the collection of a name. within is the rule of the
// folder whose subfolder it is for; nil: the config names it.
func (f *folders) collectionID(ctx context.Context, name string, within *Rule) (string, error) {
	if id, ok, err := f.ledger.CollectionID(ctx, f.scope, name); err != nil || ok {
		return id, err
	}
	f.names.mu.Lock()
	defer f.names.mu.Unlock()
	if id, ok, err := f.ledger.CollectionID(ctx, f.scope, name); err != nil || ok {
		return id, err
	}
	root, full := "", false
	if within != nil {
		made, err := f.ledger.CollectionsMade(ctx, f.scope, within.Root)
		if err != nil {
			return "", err
		}
		root, full = within.Root, made >= within.MaxNewCollections
	}
	if full && f.names.lacks(name, f.now()) {
		return "", errTooManyCollections
	}
	// The list comes before the making, also when a making's answer was lost.
	for tries := 1; ; tries++ {
		id, err := f.listed(ctx, name)
		if err != nil || id != "" {
			return id, err
		}
		if full {
			return "", errTooManyCollections
		}
		var made *scenario.Collection
		err = f.remote.api.Once(ctx, func(ctx context.Context) (err error) {
			made, err = f.remote.client.CreateCollection(ctx, name)
			return err
		})
		if err == nil {
			f.log.Info("collection made", "name", name, "id", made.ID)
			return made.ID, f.ledger.CollectionMade(afterwards(ctx), f.scope, root, name, made.ID)
		}
		if ctx.Err() != nil || guard.Decide(err, tries) != guard.Retry {
			return "", err
		}
	}
}

// needsRefusedCollection reports whether the item may need a collection for its subfolder
// that was not to be made lately.
func (f *folders) needsRefusedCollection(j *job) bool {
	if j.rule.subfolder(j.it.Path) == "" {
		return false
	}
	_, full := f.troubles.find(j.it.Root, settingMaxNew)
	_, refused := f.troubles.find(j.it.Root, settingSubfolders)
	return full || refused
}

// cannotMake says what it means for the item that there is no collection of a name and none
// is made. What Scenario has against making one that the config names is the folder's trouble.
func (f *folders) cannotMake(ctx context.Context, j *job, setting, name string, err error) error {
	t := ledger.FolderTrouble{Setting: setting, Value: name, Waits: setting == settingCollections}
	action := guard.After(err)
	switch {
	case errors.Is(err, errTooManyCollections):
		t.Setting, t.Value, t.Name = settingMaxNew, strconv.Itoa(j.rule.MaxNewCollections), name
		t.Detail = drop.TextTooManyCollections.With("folder", j.it.Root, "name", name, "max", t.Value)
	case action == guard.NotAllowed, action == guard.Fail && t.Waits:
		text := drop.TextCannotMakeCollection
		if !t.Waits {
			text = drop.TextCannotMakeSubfolderCollection
		}
		t.Detail = text.With("name", name, "folder", j.it.Root, "setting", setting, "words", words(err))
	default:
		return fmt.Errorf("collection %q: %w", name, err)
	}
	return f.folderInTrouble(ctx, j.it.Root, t)
}

// listed reads Scenario's list of collections, remembers them all, and returns the id
// of the one with the name; "" if there is none. Of several with one name the first
// listed counts.
func (f *folders) listed(ctx context.Context, name string) (string, error) {
	ids := map[string]string{}
	more := map[string][]string{} // further ones of the same name
	err := f.remote.ask(ctx, func(ctx context.Context) error {
		clear(ids)
		clear(more)
		for c, err := range f.remote.client.Collections(ctx) {
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
	f.names.names, f.names.read = make(map[string]bool, len(ids)), f.now()
	for key := range ids {
		f.names.names[key] = true
	}
	if len(more[name]) > 0 {
		f.log.Warn("several collections have one name, and files join the first; name the one you mean by its id in collection_ids, or rename the others at Scenario",
			"name", name, "used", ids[name], "others", more[name])
	}
	for other := range more {
		if other != name {
			delete(ids, other) // is said when it is asked for
		}
	}
	return ids[name], f.ledger.RememberCollections(ctx, f.scope, ids)
}

// checkCollections finds a collection that is no longer there, after an upload that
// names some was refused. It is an error that says what that means; one that was remembered by
// name is forgotten, so that the next try searches for its name again. Of the files of a folder
// that are refused together one asks.
func (f *folders) checkCollections(ctx context.Context, j *job, ids []string) error {
	f.troubles.checking.Lock()
	defer f.troubles.checking.Unlock()
	if t, known := f.troubles.find(j.it.Root, settingCollectionIDs); known && slices.Contains(j.rule.CollectionIDs, t.Value) {
		return &folderError{t.Detail}
	}
	for _, id := range ids {
		err := f.remote.ask(ctx, func(ctx context.Context) error {
			_, err := f.remote.client.GetCollection(ctx, id)
			return err
		})
		switch action := guard.After(err); {
		case action == guard.Gone:
			return f.collectionGone(ctx, j, id)
		case action == guard.NotAllowed: // which tells nothing of the collection
		case err != nil:
			return err
		}
	}
	return nil
}

// collectionGone forgets a collection and returns what that means for the item: the
// folder's trouble where it is the config that names it; else trying again helps.
func (f *folders) collectionGone(ctx context.Context, j *job, id string) error {
	if err := f.ledger.ForgetCollection(ctx, f.scope, id); err != nil {
		return err
	}
	if slices.Contains(j.rule.CollectionIDs, id) {
		return f.collectionMissing(ctx, j, id)
	}
	return fmt.Errorf("the collection %s was deleted at Scenario; its name is searched for again", id)
}
