// Package itemstest is the suite that everything passes which keeps the items: what the uploader
// relies on, whatever keeps them. The ledger passes it with SQLite on the disk.
package itemstest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/uploader"
)

// Store keeps items.
type Store interface {
	uploader.Items
	Admit(ctx context.Context, seen []ledger.Observation) (queued int, err error)
	Item(ctx context.Context, id int64) (ledger.Item, error)
	Find(ctx context.Context, path string) (ledger.Item, error) // the newest of a path
	ReleaseAll(ctx context.Context) error
	Close() error
}

// Opener opens a store: the first time a new one, and from then on the same. now is its clock, and
// publish is told of every move once it is durable.
type Opener func(t *testing.T, now func() time.Time, publish func(...drop.EventData)) Store

// Run runs the suite against stores that are made by the openers that opener returns.
func Run(t *testing.T, opener func(t *testing.T) Opener) {
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"claims are exclusive and lapse", claims},
		{"claims are for what is asked for", claimsByKind},
		{"nobody claims the same twice at once", claimsAtOnce},
		{"states move along the diagram only", diagram},
		{"a move that cannot be made changes nothing", refusedMoves},
		{"one content becomes one asset", oneAsset},
		{"a content is claimed once, however many ask", contentAtOnce},
		{"of two that announce a content one sees the other", announced},
		{"receipts are of the item's own upload", receipts},
		{"retries come when they are due", retries},
		{"a newer version waits, or takes the place", versions},
		{"what is not allowed is held, and let on", notAllowed},
		{"what Scenario holds is linked once", existing},
		{"an asset that is gone is made again", assetGone},
		{"collections and tags are remembered", memberships},
		{"the cleanup is written down before it begins", cleanup},
		{"settings at fault are remembered", folderTroubles},
		{"events come after the commit, in order", events},
		{"a context that ended changes nothing", endedContext},
		{"reopening keeps all", reopening},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &suite{T: t, opener: opener(t)}
			s.at.Store(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).UnixMilli())
			s.open()
			t.Cleanup(func() { s.must(s.Store.Close()) })
			test.run(s)
		})
	}
}

// suite is one test with a store of its own.
type suite struct {
	*testing.T
	Store
	opener Opener
	at     atomic.Int64 // the clock, in Unix milliseconds; it goes only when told to
	made   int64        // files so far

	mu     sync.Mutex
	events []drop.EventData
}

func (s *suite) open() { s.Store = s.opener(s.T, s.now, s.publish) }

func (s *suite) reopen() {
	s.Helper()
	s.must(s.Store.Close())
	s.open()
}

func (s *suite) now() time.Time               { return time.UnixMilli(s.at.Load()) }
func (s *suite) advance(d time.Duration)      { s.at.Add(d.Milliseconds()) }
func (s *suite) in(d time.Duration) time.Time { return s.now().Add(d) }

func (s *suite) publish(all ...drop.EventData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, all...)
}

// published returns what was told since it was asked for last.
func (s *suite) published() []drop.EventData {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.events = nil }()
	return s.events
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// notMoved checks that an error says that somebody else moved the item.
func (s *suite) notMoved(what string, err error) {
	s.Helper()
	if !errors.Is(err, ledger.ErrNotMoved) {
		s.Errorf("%s: %v, want that the item has moved on", what, err)
	}
}

func must[T any](s *suite) func(v T, err error) T {
	return func(v T, err error) T {
		s.Helper()
		s.must(err)
		return v
	}
}

const (
	me, other = "worker 1", "worker 2" // owners
	scope     = "host#project"
	lease     = time.Minute
)

// root is a watch folder, which needs not be there.
var root = filepath.FromSlash("/drop")

// seen is a new version of a file, to be queued.
func (s *suite) seen(path string) ledger.Observation {
	s.made++
	return ledger.Observation{Root: root, Path: filepath.Join(root, path), State: drop.Queued,
		Fingerprint: file.Fingerprint{Size: 1000 + s.made, ModTime: 1e18 + s.made, ChangeTime: 1e18 + s.made, ID: file.ID{Dev: 1, Ino: 1<<63 + uint64(s.made)}}}
}

// admit takes a version in and returns its item.
func (s *suite) admit(v ledger.Observation) ledger.Item {
	s.Helper()
	must[int](s)(s.Admit(s.Context(), []ledger.Observation{v}))
	return must[ledger.Item](s)(s.Find(s.Context(), v.Path))
}

// queued is the item of a new file.
func (s *suite) queued() ledger.Item {
	s.Helper()
	return s.admit(s.seen(fmt.Sprintf("%d.png", s.made)))
}

// item reads an item as it stands.
func (s *suite) item(id int64) ledger.Item {
	s.Helper()
	return must[ledger.Item](s)(s.Item(s.Context(), id))
}

// all claims everything there is to do.
func all(owner string, until time.Time) ledger.Claim {
	return ledger.Claim{Owner: owner, Until: until, MaxSize: 1 << 62, NoBody: true, Limit: 1000}
}

func (s *suite) claim(owner string) []ledger.Item {
	s.Helper()
	return must[[]ledger.Item](s)(s.Claim(s.Context(), all(owner, s.in(lease))))
}

// claimed is a new file's item in the hands of an owner.
func (s *suite) claimed(owner string) ledger.Item {
	s.Helper()
	id := s.queued().ID
	for _, it := range s.claim(owner) {
		if it.ID == id {
			return it
		}
	}
	s.Fatalf("item %d was not claimed", id)
	return ledger.Item{}
}

// because is a reason with some details.
func because(r drop.Reason) drop.Why { return r.With(drop.TextError.With("why", "the test says so")) }

// release gives a claimed item back until a time.
func (s *suite) release(it ledger.Item, owner string, until time.Time, spent bool) error {
	return s.Release(s.Context(), it, owner, until, spent, because(drop.ReasonServerFault))
}

func (s *suite) end(it ledger.Item, owner string, to drop.State) error {
	return s.End(s.Context(), it, owner, to, because(drop.ReasonRefused))
}

// contentOf is the content of a file; those of the same number are equal.
func contentOf(n byte) ledger.Content {
	return ledger.Content{Scope: scope, Kind: "image", Size: 1000, Sample: []byte{n}, SHA256: []byte{n, n}}
}

func upload(n int64) ledger.Upload {
	return ledger.Upload{Remote: fmt.Sprintf("upload_%d", n), PartSize: 600, Parts: 2, Note: "without its parent"}
}

// uploading is a claimed item whose upload was made.
func (s *suite) uploading(owner string) ledger.Item {
	s.Helper()
	it := s.claimed(owner)
	it.Scope, it.Kind = scope, "image"
	must[ledger.Upload](s)(s.UploadCreated(s.Context(), it, owner, upload(it.ID)))
	return s.item(it.ID)
}

// content is one that no other item of the test has.
func (s *suite) content(it ledger.Item) ledger.Content { return contentOf(byte(100 + it.ID)) }

// completing is a claimed item that was sent and is about to be completed.
func (s *suite) completing(owner string) ledger.Item {
	s.Helper()
	it := s.claimed(owner)
	_, who, err := s.CompletingOnePart(s.Context(), it, owner, upload(it.ID), s.content(it))
	s.must(err)
	if !who.Mine() {
		s.Fatalf("the content of item %d is that of %+v", it.ID, who)
	}
	return s.item(it.ID)
}

func assetOf(it ledger.Item) string { return fmt.Sprintf("asset_%d", it.ID) }

// linking is a claimed item that has its asset.
func (s *suite) linking(owner string) ledger.Item {
	s.Helper()
	it := s.completing(owner)
	s.must(s.AssetMade(s.Context(), it, owner, assetOf(it)))
	return s.item(it.ID)
}

// in brings a new file's item to a state, claimed where it is active.
func (s *suite) inState(state drop.State, owner string) ledger.Item {
	s.Helper()
	var it ledger.Item
	switch state {
	case drop.Held, drop.Ignored:
		v := s.seen(fmt.Sprintf("%d.png", s.made))
		v.State, v.Reason, v.Detail = state, drop.ReasonLooksCutOff, because(drop.ReasonLooksCutOff).Detail
		it = s.admit(v)
	case drop.Queued:
		it = s.queued()
	case drop.Preparing:
		it = s.claimed(owner)
	case drop.Uploading:
		it = s.uploading(owner)
	case drop.Completing:
		it = s.completing(owner)
	case drop.Importing:
		it = s.completing(owner)
		s.must(s.Importing(s.Context(), it, owner, s.in(lease)))
	case drop.Linking:
		it = s.linking(owner)
	case drop.CleaningUp:
		it = s.linking(owner)
		s.must(s.CleaningUp(s.Context(), it, owner))
	case drop.Imported:
		it = s.linking(owner)
		s.must(s.Done(s.Context(), it, owner, drop.Why{}))
	case drop.Failed, drop.Superseded, drop.Gone:
		it = s.claimed(owner)
		s.must(s.end(it, owner, state))
	}
	if it = s.item(it.ID); it.State != state {
		s.Fatalf("item %d is %s, not %s", it.ID, it.State, state)
	}
	return it
}

// same checks that an item is as it was.
func (s *suite) same(what string, was ledger.Item) {
	s.Helper()
	if is := s.item(was.ID); !reflect.DeepEqual(is, was) {
		s.Errorf("%s: the item was\n%+v\nand is\n%+v", what, was, is)
	}
}

func ids(items []ledger.Item) (all []int64) {
	for _, it := range items {
		all = append(all, it.ID)
	}
	slices.Sort(all)
	return all
}

func (s *suite) equal(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s: %v, want %v", what, got, want)
	}
}
