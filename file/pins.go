package file

import (
	"fmt"
	"os"
	"sync"
	"time"

	"scenario-drop/drop"
)

// SwappedError says that a folder is not used, since another account can put another one
// in its place, or did.
type SwappedError struct {
	Path   string
	By     *Exposure // through what
	System bool      // we run as root or SYSTEM, which never uses such a folder
}

// Error implements error.
func (e *SwappedError) Error() string {
	if e.System {
		return fmt.Sprintf("the folder %q is not used, since %s", e.Path, e.By)
	}
	return fmt.Sprintf("the folder %q is another one than at the start, since %s", e.Path, e.By)
}

// Detail says it for people.
func (e *SwappedError) Detail() drop.Detail {
	text := drop.TextFolderReplaced
	if e.System {
		text = drop.TextFolderUnsafe
	}
	return text.With("folder", e.Path, "by", e.By.String())
}

// exposedFor is how long it holds what was found out about the folders above a path.
const exposedFor = 30 * time.Second

// Pins remember which folders the paths were at their first use, for those paths where an
// account that is not ours can put another folder. All others may be replaced at any
// time: disks and shares are. The nil *Pins finds everything well. It is safe for concurrent use.
type Pins struct {
	system bool
	now    func() time.Time

	mu   sync.Mutex
	seen map[string]pin
}

type pin struct {
	by      *Exposure // nil: nobody can
	checked time.Time
	first   os.FileInfo // nil: it was not there yet
}

// NewPins returns Pins for a process that runs as root or SYSTEM, or not. now may be nil for time.Now.
func NewPins(system bool, now func() time.Time) *Pins {
	if now == nil {
		now = time.Now
	}
	return &Pins{system: system, now: now, seen: map[string]pin{}}
}

// Check is a *SwappedError for a folder that is not to be used. One that is not there is
// well: whoever uses it will see.
func (p *Pins) Check(path string) error {
	if p == nil {
		return nil
	}
	now := p.now()
	p.mu.Lock()
	known := p.seen[path]
	p.mu.Unlock()
	if known.checked.IsZero() || now.Sub(known.checked).Abs() > exposedFor {
		known.by, known.checked = ExposedAbove(path), now
		p.keep(path, known)
	}
	if known.by == nil {
		return nil
	}
	if p.system {
		return &SwappedError{Path: path, By: known.by, System: true}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if known.first == nil {
		known.first = info
		os.SameFile(info, info) // on Windows it is only now found out which folder that is
		p.keep(path, known)
		return nil
	}
	if !os.SameFile(known.first, info) {
		return &SwappedError{Path: path, By: known.by}
	}
	return nil
}

func (p *Pins) keep(path string, known pin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before := p.seen[path]; before.first != nil {
		known.first = before.first
	}
	p.seen[path] = known
}
