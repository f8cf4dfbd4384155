// Package fakescenario is Scenario in memory, for tests that need no network: what package
// scenario's Client and Storage answer, as values. Package scenariotest holds it to the same
// suite as the test server.
package fakescenario

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"scenario-drop/scenario"
)

// Operations, for Failure and Scenario.Calls.
const (
	Create           = "create"
	Part             = "part"
	Complete         = "complete"
	Get              = "get"
	Asset            = "asset"
	Assets           = "assets"
	Model            = "model"
	Collections      = "collections"
	Collection       = "collection"
	CollectionCreate = "collection-create"
	Link             = "link"
	Tags             = "tags"
	Download         = "download"
)

// Options say how to act where Scenario's behaviour is not known. The zero value is the
// friendliest reading: imported as soon as completed.
type Options struct {
	Working         int  // so many checks of a completed upload find it still being imported
	EarlyEntityID   bool // its entityId shows from the beginning
	StaysComplete   bool // it is never said to be imported, but stays "complete" with its entityId
	NoPartsOnGet    bool // GetUpload tells no URLs
	AddTwiceRefused bool // adding to a collection what it holds is refused
	NoModelTags     bool // models take no tags
	Expired         bool // URLs have expired when they are handed out
	KeyRefused      bool // no call works with the key: what Forbids says
}

// Failure is one way for a call to go wrong, or to be interrupted. Of several that fit the first
// that was given strikes.
type Failure struct {
	Op    string
	Err   error  // in place of an answer; nil: the answer is given
	Done  bool   // the work is done all the same: only the answer is lost
	Call  func() // is called when the work is done, or was not, before the call returns
	Skip  int    // so many calls pass before
	Times int    // so often; 0: once; below zero: always
}

// Scenario is a Scenario. It is safe for concurrent use, but for its fields while calls are made.
type Scenario struct {
	Options

	mu          sync.Mutex
	failures    []*Failure
	calls       []string
	uploads     map[string]*upload
	assets      []*asset
	models      []*scenario.Model
	collections []*scenario.Collection
	tags        map[string][]string // of models
	made        int
}

type upload struct {
	scenario.Upload
	options scenario.AssetOptions
	parts   map[int][]byte
	checks  int
}

type asset struct {
	scenario.Asset
	bytes []byte
}

// New returns an empty one.
func New(o Options) *Scenario {
	return &Scenario{Options: o, uploads: map[string]*upload{}, tags: map[string][]string{}}
}

// Fail has calls go wrong.
func (s *Scenario) Fail(all ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range all {
		if f.Times == 0 {
			f.Times = 1
		}
		s.failures = append(s.failures, &f)
	}
}

// Heal has no call go wrong any more.
func (s *Scenario) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = nil
}

// Calls are the operations that were asked for, in their order.
func (s *Scenario) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Count is how often an operation was asked for.
func (s *Scenario) Count(op string) (n int) {
	for _, c := range s.Calls() {
		if c == op {
			n++
		}
	}
	return n
}

// Held returns the assets there are, with the bytes of each, and the models.
func (s *Scenario) Held() (assets []scenario.Asset, bytes [][]byte, models []scenario.Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.assets {
		assets, bytes = append(assets, a.Asset), append(bytes, a.bytes)
	}
	for _, m := range s.models {
		models = append(models, *m)
	}
	return assets, bytes, models
}

// Delete deletes an asset, model or collection, or forgets an upload.
func (s *Scenario) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.uploads, id)
	s.assets = slices.DeleteFunc(s.assets, func(a *asset) bool { return a.ID == id })
	s.models = slices.DeleteFunc(s.models, func(m *scenario.Model) bool { return m.ID == id })
	s.collections = slices.DeleteFunc(s.collections, func(c *scenario.Collection) bool { return c.ID == id })
}

// Change changes an upload's record as Scenario itself may.
func (s *Scenario) Change(upload string, change func(*scenario.Upload)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.uploads[upload].Upload)
}

// ChangeAsset changes an asset as Scenario itself, or a person, may.
func (s *Scenario) ChangeAsset(id string, change func(*scenario.Asset)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.asset(id).Asset)
}

// AddAsset puts an asset there that somebody else made, and returns its id.
func (s *Scenario) AddAsset(a scenario.Asset, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.ID, a.Size = s.id("asset"), int64(len(content))
	s.assets = append(s.assets, &asset{a, content})
	return a.ID
}

// id needs mu.
func (s *Scenario) id(kind string) string {
	s.made++
	return fmt.Sprintf("%s_%d", kind, s.made)
}

// call makes one call: work does it, with mu held.
func (s *Scenario) call(ctx context.Context, op string, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	s.calls = append(s.calls, op)
	f := s.strikes(op)
	var err error
	if f == nil || f.Err == nil || f.Done {
		err = work()
	}
	s.mu.Unlock()
	if f == nil {
		return err
	}
	if f.Call != nil {
		f.Call()
	}
	if f.Err != nil {
		return f.Err
	}
	return err
}

// strikes needs mu.
func (s *Scenario) strikes(op string) *Failure {
	for i, f := range s.failures {
		if f.Op != op {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			return nil
		}
		if f.Times--; f.Times == 0 {
			s.failures = slices.Delete(s.failures, i, i+1)
		}
		return f
	}
	return nil
}

// Status is the error of an answer of Scenario's API, or, for Part and Download, of storage. For what
// each status means see package scenario.
func Status(op string, status int) *scenario.Error {
	e := &scenario.Error{Op: "asking for " + op, Status: status, Message: "asked for by the test"}
	switch {
	case status == 429:
		e.Class = scenario.RateLimited
	case status >= 500:
		e.Class = scenario.ServerFault
	case status == 404:
		e.Class = scenario.NotFound
	case (op == Part || op == Download) && (status == 401 || status == 403):
		e.Class = scenario.Expired
	case status == 401:
		e.Class = scenario.Refused
	case status == 403:
		e.Class = scenario.Forbidden
	case status < 400:
		e.Class = scenario.Garbled
	default:
		e.Class = scenario.Rejected
	}
	return e
}

// Lost is the error of a call whose answer never came.
func Lost(op string) *scenario.Error {
	return &scenario.Error{Op: "asking for " + op, Class: scenario.Network, Message: "the connection broke"}
}

// PlanLimit is the error of a call that a limit of the plan stands against.
func PlanLimit(op string) *scenario.Error {
	return &scenario.Error{Op: "asking for " + op, Class: scenario.PlanLimit, Status: 429, Code: "PlanLimitReachedError", Message: "You have reached your plan's limit."}
}

func notFound(op, what string) error {
	e := Status(op, 404)
	e.Message = what + " not found"
	return e
}

func rejected(op, why string) error {
	e := Status(op, 400)
	e.Message = why
	return e
}

// lifetime of part URLs; a test's virtual time may go on for hours.
const lifetime = 100 * 24 * time.Hour
