package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Op names of requests, as used by Fault and by the Account's counts.
const (
	OpCreate           = "create"            // POST /uploads
	OpPart             = "part"              // PUT of a part to this server's own storage
	OpComplete         = "complete"          // POST /uploads/{id}/action
	OpGet              = "get"               // GET /uploads/{id}
	OpAsset            = "asset"             // GET /assets/{id}
	OpAssets           = "assets"            // GET /assets
	OpAssetsBulk       = "assets-bulk"       // POST /assets/get-bulk
	OpModel            = "model"             // GET /models/{id}
	OpCollections      = "collections"       // GET /collections
	OpCollection       = "collection"        // GET /collections/{id}
	OpCollectionCreate = "collection-create" // POST /collections
	OpLink             = "link"              // PUT /collections/{id}/assets and …/models
	OpTags             = "tags"              // PUT /assets/{id}/tags and /models/{id}/tags
	OpJob              = "job"               // GET /jobs/{id}
	OpTeams            = "teams"             // GET /teams
	OpDownload         = "download"          // GET of an asset's own url; its faults trigger before the work, whatever their When
)

func ops() []string {
	return []string{OpCreate, OpPart, OpComplete, OpGet, OpAsset, OpAssets, OpAssetsBulk, OpModel, OpCollections,
		OpCollection, OpCollectionCreate, OpLink, OpTags, OpJob, OpTeams, OpDownload}
}

// Moments of a Fault.
const (
	Before = "before" // nothing of the request's work is done, for a part not a byte is read
	Middle = "middle" // half of a part's or an image's body is read; of other requests the work is done and half the answer written
	After  = "after"  // the work is done, nothing is answered yet
)

// What a Fault does.
const (
	DoStatus  = "status"  // answer Status, with RetryAfter if given; 3xx point at a trap (see Violation)
	DoDrop    = "drop"    // close the connection (Reset: with a TCP reset)
	DoDelay   = "delay"   // go on after Delay
	DoStall   = "stall"   // never answer, until the client gives up, ClearFaults, or the end of Run
	DoGarbage = "garbage" // answer 200 with JSON that is cut short
	DoHTML    = "html"    // answer 200 with a web page, as a captive portal does
	DoCall    = "call"    // call Call, then drop once the client is gone or some time has passed; only within this process
)

// Fault is one way of going wrong, struck by requests in the order they arrive. Of
// several faults that fit a request, the first injected triggers.
type Fault struct {
	Op    string `json:"op,omitempty"`   // "" is any
	When  string `json:"when,omitempty"` // "" is Before
	Do    string `json:"do"`
	Part  int    `json:"part,omitempty"`  // OpPart only: this part number; 0 any
	Kind  string `json:"kind,omitempty"`  // OpCreate only: uploads of this kind; "" any
	Skip  int    `json:"skip,omitempty"`  // this many fitting requests pass first
	Times int    `json:"times,omitempty"` // triggers so often; 0 is once, below zero without end

	Status     int           `json:"status,omitempty"`
	RetryAfter string        `json:"retryAfter,omitempty"` // header value, as it is
	Body       string        `json:"body,omitempty"`       // of DoStatus at the API, word for word, such as PlanLimitReached; "": the form that is played
	Delay      time.Duration `json:"delay,omitempty"`      // nanoseconds in JSON
	Reset      bool          `json:"reset,omitempty"`

	// Call is what DoCall calls, such as the sudden end of the client. It has no form in
	// JSON: nobody can ask a stand-in that runs as a program for it.
	Call func() `json:"-"`
}

// check refuses what could not trigger, so that no test passes for want of its fault.
func (f Fault) check() error {
	if f.Op != "" && !slices.Contains(ops(), f.Op) {
		return fmt.Errorf("fault: unknown op %q", f.Op)
	}
	if !slices.Contains([]string{"", Before, Middle, After}, f.When) {
		return fmt.Errorf("fault: unknown moment %q", f.When)
	}
	if f.Skip < 0 {
		return errors.New("fault: skip is below zero")
	}
	if f.Part != 0 && f.Op != OpPart {
		return errors.New("fault: a part number goes with op part only")
	}
	if f.Kind != "" && f.Op != OpCreate {
		return errors.New("fault: a kind goes with op create only")
	}
	if f.Body != "" && (f.Do != DoStatus || f.Op == OpPart || f.Op == OpDownload || !json.Valid([]byte(f.Body))) {
		return errors.New("fault: a body goes with the status of a call to the API only, and is JSON")
	}
	answers := false
	switch f.Do {
	case DoStatus:
		answers = true
		if f.Status < 300 || f.Status > 599 {
			return fmt.Errorf("fault: status %d is none of 300 to 599", f.Status)
		}
	case DoGarbage, DoHTML:
		answers = true
	case DoDelay:
		if f.Delay <= 0 {
			return errors.New("fault: a delay needs a duration")
		}
	case DoCall:
		if f.Call == nil {
			return errors.New("fault: there is nothing to call")
		}
	case DoDrop, DoStall:
	default:
		return fmt.Errorf("fault: cannot do %q", f.Do)
	}
	if answers && f.When == Middle && f.Op != OpPart {
		return fmt.Errorf("fault: %s in the middle works for the op part only", f.Do)
	}
	return nil
}

// faults holds what is to go wrong.
type faults struct {
	mu    sync.Mutex
	list  []*armed
	fired int
	gen   chan struct{} // closed by clear, to let stalls go
}

// byKind reports whether any fault triggers uploads of one kind only.
func (f *faults) byKind() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.list, func(a *armed) bool { return a.Kind != "" })
}

type armed struct {
	Fault
	skip, left int // left below zero: without end
}

func newFaults() *faults { return &faults{gen: make(chan struct{})} }

func (f *faults) add(fault Fault) {
	left := fault.Times
	if left == 0 {
		left = 1
	}
	if fault.When == "" {
		fault.When = Before
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &armed{Fault: fault, skip: fault.Skip, left: left})
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
	close(f.gen)
	f.gen = make(chan struct{})
}

// take returns the fault that triggers this request, or nil, and the channel that is
// closed when faults are cleared.
func (f *faults) take(op string, part int, kind string) (*Fault, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, a := range f.list {
		if a.Op != "" && a.Op != op || a.Part != 0 && a.Part != part || a.Kind != "" && a.Kind != kind {
			continue
		}
		if a.skip > 0 {
			a.skip--
			continue
		}
		if a.left > 0 {
			a.left--
		}
		if a.left == 0 {
			f.list = slices.Delete(f.list, i, i+1)
		}
		f.fired++
		struck := a.Fault
		return &struck, f.gen
	}
	return nil, f.gen
}

func (f *faults) firedCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired
}

// Inject arms a fault. It panics on one that could never trigger or makes no sense, since
// a test that waits for it would prove nothing.
func (s *Server) Inject(f Fault) {
	if err := s.checkFault(f); err != nil {
		panic("standin: " + err.Error())
	}
	s.faults.add(f)
}

func (s *Server) checkFault(f Fault) error {
	if s.o.Objects != nil && f.Op == OpPart {
		return errors.New("fault: parts go to another server, past this one")
	}
	return f.check()
}

// ClearFaults disarms all faults and lets stalled requests go (their connections are
// closed).
func (s *Server) ClearFaults() { s.faults.clear() }

// at reports whether the fault, which may be nil, triggers at this moment.
func (f *Fault) at(when string) bool { return f != nil && f.When == when }

// statusText is the reason that goes with the answer of DoStatus.
func (f *Fault) statusText() string {
	if t := http.StatusText(f.Status); t != "" {
		return t
	}
	return "Fault"
}
