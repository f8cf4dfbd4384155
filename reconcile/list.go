package reconcile

import (
	"errors"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// list is what was read of one list of assets. Catalog.mu guards it.
type list struct {
	named map[string][]*entry // by name
	sized map[int64][]*entry
	ids   map[string]bool
	kept  int                    // assets that named and sized have
	sets  map[setKey]*candidates // those that somebody asked for

	begun    time.Time // when the reading that saw the newest began, by our clock; zero: none has ended
	reach    time.Time // all that were made since are read; zero: it cannot be told
	complete bool      // all are read
	cut      bool      // it was not read to its end, since it is too long
	hidden   bool      // hidden assets are among them
	gone     bool      // there is no such collection
	why      string    // why there is no list; "" when there is
	expires  time.Time // when to try again then
}

type entry struct {
	id   string
	name string
	size int64 // 0: not told
	at   int64 // when it was made, Unix seconds; 0: not told
}

func newList() *list {
	return &list{named: map[string][]*entry{}, sized: map[int64][]*entry{}, ids: map[string]bool{}, sets: map[setKey]*candidates{}}
}

// serves reports whether a need is met by what was read so far.
func (l *list) serves(n need, now time.Time) bool {
	if l.why != "" {
		return now.Before(l.expires)
	}
	return !l.begun.IsZero() && !l.begun.Before(n.fresh) && (l.reaches(n.since) || l.cut)
}

// reaches reports whether all assets made since a moment are read.
func (l *list) reaches(since time.Time) bool {
	return l.complete || !l.reach.IsZero() && !since.Before(l.reach)
}

// unlisted says why not all assets made since a moment could be checked; "" when they
// could.
func (l *list) unlisted(since time.Time) string {
	switch {
	case l.why != "":
		return l.why
	case !l.reaches(since):
		return ErrTooLong.Error()
	}
	return ""
}

// reading is a reading of a list under way, from the newest on.
type reading struct {
	c       *Catalog
	l       *list
	id      string
	need    need
	begun   time.Time
	ordered bool      // so far the newest came first
	last    time.Time // when the asset before was made
	met     bool      // one that an earlier reading saw; all after it are known, as far as that one reached
	first   bool      // nobody has read this list yet
}

func (c *Catalog) begin(id string, n need) *reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lists[id]
	now := c.Now()
	if l == nil || l.why != "" {
		if l != nil {
			c.entries -= l.kept
		}
		l = newList()
		c.lists[id] = l
	}
	return &reading{c: c, l: l, id: id, need: n, begun: now, ordered: true, first: l.begun.IsZero()}
}

// add takes a page, or why there is none, and reports whether that is all that is needed.
func (r *reading) add(page scenario.AssetPage, why string, err error) (done bool) {
	l, now := r.l, r.c.Now()
	switch {
	case errors.Is(err, ErrTooLong):
		l.cut, l.begun = true, r.begun
		return true
	case why != "":
		l.gone = r.id != "" && guard.After(err) == guard.Gone
		l.why, l.expires = why, now.Add(keepRefusals)
		return true
	}
	for _, a := range page.Assets {
		r.ordered = r.ordered && !a.CreatedAt.IsZero() && (r.last.IsZero() || !a.CreatedAt.After(r.last))
		r.last = a.CreatedAt
		if l.ids[a.ID] {
			r.met = r.met || !r.first
			continue
		}
		r.c.keep(l, a)
	}
	if page.Next == "" {
		l.complete, l.begun = true, r.begun
		return true
	}
	r.reached(page.ServerDate, now)
	want := r.need
	if n, ok := r.c.needs[r.id]; ok { // others may need more by now
		want = want.and(n)
	}
	switch {
	case l.begun.Equal(r.begun) && l.reaches(want.since):
		return true
	case r.c.entries >= maxListed:
		l.cut, l.begun = true, r.begun
		return true
	}
	return false
}

// reached notes how far the list is read after a page. Only where the newest come first
// can that be told before its end.
func (r *reading) reached(serverDate, now time.Time) {
	l := r.l
	switch {
	case !r.ordered:
		if l.begun.Equal(r.begun) { // it looked so at first
			l.begun, l.reach = time.Time{}, time.Time{}
		}
		return
	case r.last.IsZero():
		return // a page of nothing
	}
	reached := r.last
	if !serverDate.IsZero() {
		reached = reached.Add(now.Sub(serverDate)) // by our clock
	}
	since := r.need.since
	if !r.first && !r.met && !(reached.Before(since) && !l.complete) {
		return // what lies between these and those that are known is still to come
	}
	l.begun = r.begun // whoever needs no more than that is served already
	if l.reach.IsZero() || reached.Before(l.reach) || !r.first && !r.met {
		l.reach = reached
	}
}

// end takes back the need that was met.
func (r *reading) end() {
	if n, ok := r.c.needs[r.id]; ok && r.l.serves(n, r.c.Now()) {
		delete(r.c.needs, r.id)
	}
}

// keep adds an asset to a list.
func (c *Catalog) keep(l *list, a scenario.Asset) {
	l.ids[a.ID] = true
	if !a.DeletedAt.IsZero() {
		return
	}
	l.hidden = l.hidden || a.Hidden
	e := &entry{id: a.ID, name: norm.NFC.String(a.Name), size: a.Size}
	if !a.CreatedAt.IsZero() {
		e.at = a.CreatedAt.Unix()
	}
	l.named[e.name] = append(l.named[e.name], e)
	l.sized[e.size] = append(l.sized[e.size], e)
	for _, key := range []setKey{{e.name, e.size}, {"", e.size}} {
		if s := l.sets[key]; s != nil {
			s.pending, s.checked = append(s.pending, e), false
		}
	}
	l.kept++
	c.entries++
}
