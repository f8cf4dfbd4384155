package uploader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/scenario"
)

// RecogniserOptions are what a Recogniser works with. All are needed.
type RecogniserOptions struct {
	API *scenario.Client
	// Ask makes a request, again where that may help.
	Ask func(ctx context.Context, request func(context.Context) error) error
	// Known reports whether it is known of which content an asset is. Such an asset is
	// told from others by its content, not by its name.
	Known func(ctx context.Context, asset string) (bool, error)
	// Lost is true when a ledger is known to be lost: likeness then counts that would be
	// chance otherwise.
	Lost bool
	Now  func() time.Time
}

// Recogniser finds out whether Scenario holds files already that no ledger knows of, by
// what it lists: their names and sizes. It reads a list when it is first needed and keeps
// it for all files; what the lists say does not grow with the files. It is safe for
// concurrent use.
type Recogniser struct {
	RecogniserOptions
	turn chan struct{} // holds a token while somebody looks; guards what follows

	lists       map[string]*listing // by collection; "" is the whole project
	collections map[string][]string // ids by name; nil: not read yet
	entries     int                 // in all lists
	used        time.Time
}

// Bounds of a Recogniser.
const (
	mostListed     = 200_000          // assets kept, some 40 MB
	mostCandidates = 16               // assets that one file may be
	mostCompared   = 200              // assets of one name that a file is compared with
	keepLists      = 10 * time.Minute // after the last use
	keepRefusals   = time.Minute      // before a list that was refused is asked for again
)

// listing is what was read of one list of assets.
type listing struct {
	named   map[string][]listed // by name
	sized   map[int64][]string  // ids by size; only if a ledger was lost
	hidden  bool                // hidden assets are among them
	gone    bool                // there is no such collection
	why     string              // why it is not the whole list; "" when it is
	expires time.Time           // when to try again; zero: not
}

type listed struct {
	id   string
	size int64 // 0: not told
	at   int64 // when it was made, Unix seconds; 0: not told
}

// NewRecogniser returns a Recogniser. It asks nothing yet.
func NewRecogniser(o RecogniserOptions) *Recogniser {
	r := &Recogniser{RecogniserOptions: o, turn: make(chan struct{}, 1)}
	r.forget()
	return r
}

func (r *Recogniser) forget() {
	r.lists, r.collections, r.entries = map[string]*listing{}, nil, 0
}

// Rest lets go of the lists when they were not needed for a while. It never blocks.
func (r *Recogniser) Rest() {
	select {
	case r.turn <- struct{}{}:
		if r.Now().Sub(r.used) > keepLists {
			r.forget()
		}
		<-r.turn
	default: // in use
	}
}

// Look compares a file with what Scenario lists: in the collections that the rule puts
// it into, if Scenario has them all, else in the whole project. Its error says that
// Scenario, or the ledger, cannot be asked now; that there is no list to be had is told
// in the Likeness.
func (r *Recogniser) Look(ctx context.Context, rule Rule, path string, size int64) (like Likeness, err error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return like, ctx.Err()
	}
	defer func() { r.used = r.Now() }()
	where, lists, err := r.places(ctx, rule, path)
	if err != nil {
		return like, err
	}
	like.Place = where
	for _, l := range lists {
		if err := r.compare(ctx, l, path, size, &like); err != nil {
			return like, err
		}
		switch {
		case l.why != "":
			like.Unlisted = l.why
		case rule.Hide && !l.hidden:
			like.Unlisted = "the assets of this folder are hidden, and Scenario lists no hidden ones"
		}
	}
	return like, nil
}

// compare adds what a list has that a file may be.
func (r *Recogniser) compare(ctx context.Context, l *listing, path string, size int64, like *Likeness) error {
	name := norm.NFC.String(fileName(path))
	found, err := r.unknown(ctx, l.named[name], size)
	if err == nil && len(found) == 0 {
		// The name may be kept without its extension.
		found, err = r.unknown(ctx, l.named[strings.TrimSuffix(name, filepath.Ext(name))], size)
	}
	if err != nil {
		return err
	}
	for _, a := range found {
		if len(like.Assets) < mostCandidates && !slices.Contains(like.Assets, a.id) {
			like.Assets = append(like.Assets, a.id)
			like.NameOnly = a.size == 0
		}
	}
	for same := l.sized[size]; len(same) > 0 && len(like.Assets) == 0; same = same[:len(same)-1] {
		// What is known now stays known, and is not looked at again.
		l.sized[size] = same
		known, err := r.Known(ctx, same[len(same)-1])
		if err != nil {
			return err
		}
		if !known {
			like.SameSize = same[len(same)-1]
			return nil
		}
		if len(same) == 1 {
			delete(l.sized, size)
		}
	}
	return nil
}

// unknown returns those of some assets that have the size, or, if there are none and a
// ledger was lost, those whose size is not told, newest first. Assets whose content is
// known are left out.
func (r *Recogniser) unknown(ctx context.Context, all []listed, size int64) ([]listed, error) {
	like := ofSize(all, size)
	if len(like) == 0 && r.Lost {
		like = ofSize(all, 0)
	}
	slices.SortStableFunc(like, func(a, b listed) int { return cmp.Compare(b.at, a.at) })
	like = like[:min(len(like), mostCompared)]
	var unknown []listed
	for _, a := range like {
		known, err := r.Known(ctx, a.id)
		if err != nil {
			return nil, err
		}
		if !known {
			unknown = append(unknown, a)
		}
	}
	return unknown, nil
}

func ofSize(all []listed, size int64) []listed {
	return slices.DeleteFunc(slices.Clone(all), func(a listed) bool { return a.size != size })
}

// places returns the lists to look for a file in, and says in words what they are of.
func (r *Recogniser) places(ctx context.Context, rule Rule, path string) (where string, lists []*listing, err error) {
	var texts []string
	add := func(id, text string) (gone bool, err error) {
		l, err := r.list(ctx, id)
		if err == nil && !l.gone {
			lists, texts = append(lists, l), append(texts, text)
		}
		return err == nil && l.gone, err
	}
	whole := func() (string, []*listing, error) {
		l, err := r.list(ctx, "")
		return "in the project", []*listing{l}, err
	}
	for _, id := range rule.CollectionIDs {
		if gone, err := add(id, id); err != nil {
			return "", nil, err
		} else if gone {
			return whole()
		}
	}
	for _, name := range rule.collectionNames(path) {
		ids, err := r.collectionIDs(ctx, norm.NFC.String(fileName(name)))
		if err != nil {
			return "", nil, err
		}
		missing := len(ids) == 0
		for _, id := range ids {
			gone, err := add(id, fmt.Sprintf("%q", name))
			if err != nil {
				return "", nil, err
			}
			missing = missing || gone
		}
		if missing {
			return whole()
		}
	}
	switch len(lists) {
	case 0:
		return whole()
	case 1:
		return "in the collection " + texts[0], lists, nil
	}
	return "in the collections " + strings.Join(slices.Compact(texts), ", "), lists, nil
}

// collectionIDs returns the collections of a name; none also where collections cannot
// be listed.
func (r *Recogniser) collectionIDs(ctx context.Context, name string) ([]string, error) {
	if r.collections == nil {
		byName := map[string][]string{}
		err := r.Ask(ctx, func(ctx context.Context) error {
			clear(byName)
			for c, err := range r.API.Collections(ctx) {
				if err != nil {
					return err
				}
				key := norm.NFC.String(c.Name)
				byName[key] = append(byName[key], c.ID)
			}
			return nil
		})
		if _, no := cannotList(err); err != nil && !no {
			return nil, err
		}
		r.collections = byName
	}
	return r.collections[name], nil
}

// list returns the assets of a collection, or ("") of the project, read before or now.
func (r *Recogniser) list(ctx context.Context, collection string) (*listing, error) {
	if l := r.lists[collection]; l != nil && (l.expires.IsZero() || r.Now().Before(l.expires)) {
		return l, nil
	}
	l := &listing{named: map[string][]listed{}, sized: map[int64][]string{}}
	for page, err := range assetPages(ctx, r.API, r.Ask, scenario.AssetFilter{CollectionID: collection}) {
		if errors.Is(err, errListTooLong) {
			l.why = err.Error()
			break
		}
		if why, no := cannotList(err); no {
			l.gone = collection != "" && scenario.ClassOf(err) == scenario.NotFound
			l.why, l.expires = why, r.Now().Add(keepRefusals)
			break
		} else if err != nil {
			return nil, err
		}
		for _, a := range page.Assets {
			r.keep(l, a)
		}
		if page.Next != "" && r.entries >= mostListed {
			l.why = errListTooLong.Error()
			break
		}
	}
	r.lists[collection] = l
	return l, nil
}

func (r *Recogniser) keep(l *listing, a scenario.Asset) {
	if !a.DeletedAt.IsZero() {
		return
	}
	l.hidden = l.hidden || a.Hidden
	e := listed{id: a.ID, size: a.Size}
	if !a.CreatedAt.IsZero() {
		e.at = a.CreatedAt.Unix()
	}
	name := norm.NFC.String(a.Name)
	l.named[name] = append(l.named[name], e)
	if r.Lost && a.Size > 0 {
		l.sized[a.Size] = append(l.sized[a.Size], a.ID)
	}
	r.entries++
}
