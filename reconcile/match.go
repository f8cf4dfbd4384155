package reconcile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/drop"
)

// Found is what Scenario has that a file may be.
type Found struct {
	mu     *sync.Mutex                    // guards what the hashes hold, which may become more
	hashes []map[[sha256.Size]byte]string // of candidates, to their assets

	Unproven []string // assets of its name and size whose bytes cannot be had, the newest first
	Why      string   // why not
	NameOnly bool     // Scenario tells no size of them
	SameSize string   // one whose bytes cannot be had, of its size but of another name; only if a ledger was lost
	Place    string   // where it was looked for, in words
	Unlisted string   // why not everything there could be checked; "" when it could

	Needed time.Time // since when a list is missing, where that is why nothing is known yet
}

// Bytes reports whether the file's bytes tell anything: there are candidates whose bytes
// are known.
func (f Found) Bytes() bool { return len(f.hashes) > 0 }

// Match returns the asset that is, byte for byte, a content; "" if none is known to be.
func (f Found) Match(sum []byte) string {
	if len(sum) != sha256.Size || !f.Bytes() {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, hashes := range f.hashes {
		if asset := hashes[[sha256.Size]byte(sum)]; asset != "" {
			return asset
		}
	}
	return ""
}

// Asks reports whether a file that is no Match must not be sent without a person's word.
// lost is Query.Lost.
//
//	its name and size, the bytes cannot be had           yes
//	its name, neither size nor bytes can be had          if a ledger was lost
//	its size under another name, no bytes can be had     if a ledger was lost
//	not everything could be checked                    if a ledger was lost
//	nothing like it, or other bytes                      no
func (f Found) Asks(lost bool) bool {
	return len(f.Unproven) > 0 && (lost || !f.NameOnly) || lost && (f.SameSize != "" || f.Unlisted != "")
}

// Detail says what a file may be.
func (f Found) Detail(lost bool) (d drop.Detail) {
	if lost {
		d = drop.TextDatabaseLost.With()
	}
	switch {
	case len(f.Unproven) > 0:
		d = d.And(f.Likeliest())
		if f.Why != "" {
			d = d.And(drop.TextCannotCompare.With("why", strings.TrimSuffix(f.Why, ".")))
		}
		return d
	case f.SameSize != "":
		return d.And(drop.TextSizedLikeExisting.With("asset", f.SameSize))
	}
	return d.And(drop.TextCannotList.With("why", strings.TrimSuffix(f.Unlisted, ".")))
}

// Likeliest names the likeliest asset, and says how it is like the file.
func (f Found) Likeliest() drop.Detail {
	count := ""
	if n := len(f.Unproven); n > 1 {
		count = strconv.Itoa(n)
	}
	like := drop.TextLikeExisting
	if f.NameOnly {
		like = drop.TextNamedLikeExisting
	}
	return like.With("asset", f.Unproven[0], "place", f.Place, "count", count)
}

// maxUnproven bounds the assets that one file may be.
const maxUnproven = 16

// setKey names the assets of one name and size. No name: those of any; size 0: those whose
// size is not told.
type setKey struct {
	name string
	size int64
}

// candidates are the assets of one name and size in a list, of whose content the ledger
// does not know. Files of the same name and size share them, so that each asset is looked
// at once however many those are.
type candidates struct {
	pending  []*entry // not known yet whether the ledger knows them, or what their bytes are
	hashes   map[[sha256.Size]byte]string
	unproven []*entry // whose bytes cannot be had
	why      string
	asked    int  // for how many the bytes were asked
	checked  bool // the ledger was asked about all that are pending
}

// set returns the candidates of a name and size.
func (l *list) set(key setKey) *candidates {
	s := l.sets[key]
	if s == nil {
		s = &candidates{hashes: map[[sha256.Size]byte]string{}}
		of := l.named[key.name]
		if key.name == "" {
			of = l.sized[key.size]
		}
		for _, e := range of {
			if e.size == key.size {
				s.pending = append(s.pending, e)
			}
		}
		l.sets[key] = s
	}
	return s
}

// sets returns which candidates a file has in a list, the likeliest first.
func (q Query) sets() []setKey {
	name := norm.NFC.String(q.Name)
	bare := strings.TrimSuffix(name, filepath.Ext(name)) // the name may be kept without its extension
	keys := []setKey{{name, q.Size}}
	if bare != name && bare != "" {
		keys = append(keys, setKey{bare, q.Size})
	}
	if q.Lost {
		keys = append(keys, setKey{name, 0})
		if bare != name && bare != "" {
			keys = append(keys, setKey{bare, 0})
		}
		keys = append(keys, setKey{"", q.Size})
	}
	return keys
}

// compare adds what a list has that a file may be. settled is false while the bytes of
// some candidates are not known yet.
func (c *Catalog) compare(ctx context.Context, l *list, q Query, found *Found) (settled bool, err error) {
	settled = true
	for _, key := range q.sets() {
		s := l.set(key)
		if err := c.settle(ctx, s); err != nil {
			return false, err
		}
		settled = settled && len(s.pending) == 0
		found.mu = &c.mu
		if len(s.hashes) > 0 {
			found.hashes = append(found.hashes, s.hashes)
		}
		if err := c.pruneKnown(ctx, s); err != nil {
			return false, err
		}
		found.mayBe(key, s.unproven, s.why)
	}
	return settled, nil
}

// list is compare where no bytes are fetched.
func (c *Catalog) list(ctx context.Context, l *list, q Query, found *Found) error {
	for _, key := range q.sets() {
		s := l.set(key)
		if !s.checked {
			if err := c.dropKnown(ctx, s); err != nil {
				return err
			}
			s.checked = true
		}
		found.mayBe(key, s.pending, "")
	}
	return nil
}

// mayBe adds assets that a file may be, unless there are likelier ones.
func (f *Found) mayBe(key setKey, unproven []*entry, why string) {
	if len(unproven) == 0 {
		return
	}
	newest := slices.SortedStableFunc(slices.Values(unproven), func(a, b *entry) int { return cmp.Compare(b.at, a.at) })
	if key.name == "" {
		if f.SameSize == "" {
			f.SameSize = newest[0].id
		}
		return
	}
	nameOnly := key.size == 0
	if len(f.Unproven) > 0 && nameOnly && !f.NameOnly {
		return
	}
	f.NameOnly = nameOnly
	if f.Why == "" {
		f.Why = why
	}
	for _, e := range newest {
		if len(f.Unproven) < maxUnproven && !slices.Contains(f.Unproven, e.id) {
			f.Unproven = append(f.Unproven, e.id)
		}
	}
}
