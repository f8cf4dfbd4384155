package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/scenario"
)

// places returns the collections to look for a file in ("" for the project), and says in
// words what they are. ready is false if a list, or which collections there are, has to
// be read first, which is noted.
func (c *Catalog) places(q Query, n need) (where string, ids []string, ready bool) {
	var texts []string
	ready, missing := true, false
	add := func(id, text string) {
		there := c.has(id, n)
		ready = ready && there
		if there && c.lists[id].gone {
			missing = true
		}
		ids, texts = append(ids, id), append(texts, text)
	}
	for _, id := range q.CollectionIDs {
		add(id, id)
	}
	for _, name := range q.Collections {
		if c.names == nil {
			if !c.needIDs {
				c.needIDs, c.needIDsAt = true, c.Now()
			}
			return "", nil, false
		}
		named := c.names[norm.NFC.String(name)]
		missing = missing || len(named) == 0
		for _, id := range named {
			add(id, fmt.Sprintf("%q", name))
		}
	}
	switch {
	case missing || len(ids) == 0:
		for _, id := range ids { // they are not needed
			delete(c.needs, id)
		}
		return "in the project", []string{""}, c.has("", n)
	case len(ids) == 1:
		return "in the collection " + texts[0], ids, ready
	}
	return "in the collections " + strings.Join(slices.Compact(texts), ", "), ids, ready
}

// has reports whether a list is read as far as needed, and notes the need otherwise.
func (c *Catalog) has(id string, n need) bool {
	l := c.lists[id]
	if l != nil && l.serves(n, c.Now()) {
		return true
	}
	n.noted = c.Now()
	if before, ok := c.needs[id]; ok {
		n = before.and(n)
	}
	c.needs[id] = n
	return false
}

// needed returns since when the longest needed list is missing; the zero time if none is.
func (c *Catalog) needed() (at time.Time) {
	if c.needIDs {
		at = c.needIDsAt
	}
	for _, n := range c.needs {
		if at.IsZero() || n.noted.Before(at) {
			at = n.noted
		}
	}
	return at
}

// and is the need of two, of which n was noted first.
func (n need) and(other need) need {
	if other.since.Before(n.since) {
		n.since = other.since
	}
	if other.fresh.After(n.fresh) {
		n.fresh = other.fresh
	}
	return n
}

// readNames reads which collections there are. Where they cannot be listed there are none.
func (c *Catalog) readNames(ctx context.Context) error {
	byName := map[string][]string{}
	err := c.Ask(ctx, func(ctx context.Context) error {
		clear(byName)
		for found, err := range c.API.Collections(ctx) {
			if err != nil {
				return err
			}
			key := norm.NFC.String(found.Name)
			byName[key] = append(byName[key], found.ID)
		}
		return nil
	})
	if _, no := CannotList(err); err != nil && !no {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = byName
	return nil
}

// readAll reads every list that is needed.
func (c *Catalog) readAll(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		c.mu.Lock()
		names := c.needIDs
		c.needIDs = false
		id, n, any := "", need{}, false
		for id, n = range c.needs {
			any = true
			break
		}
		c.mu.Unlock()
		var err error
		switch {
		case names:
			err = c.readNames(ctx)
		case any:
			err = c.readList(ctx, id, n)
		default:
			return nil
		}
		if err != nil {
			if names {
				c.mu.Lock()
				c.needIDs = true
				c.mu.Unlock()
			}
			return err
		}
		c.changed()
	}
}

func (c *Catalog) changed() {
	if c.Changed != nil {
		c.Changed()
	}
}

// readList reads a list as far as needed, and tells after each page what is served by then.
func (c *Catalog) readList(ctx context.Context, id string, n need) error {
	r := c.begin(id, n)
	for page, err := range Pages(ctx, c.API, c.Ask, scenario.AssetFilter{CollectionID: id, Newest: true, Originals: true}) {
		why, no := CannotList(err)
		if err != nil && !no {
			return err
		}
		c.mu.Lock()
		done := r.add(page, why, err)
		c.mu.Unlock()
		if done {
			break
		}
		c.changed()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r.end()
	return nil
}
