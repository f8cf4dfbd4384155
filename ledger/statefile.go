package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scenario-drop/file"
)

// A small file beside the ledger says that there is, or was, one, and whether whoever
// wrote it last came to a good end. A ledger that is missing although this file is there
// was lost, and one that was left in use is checked throughout before it is used again.
// After "closed" a second line may say what the database was then, and when it was last
// checked. The last line says which generation of the ledger it is about.
const (
	stateInUse  = "in use\n"
	stateClosed = "closed\n"
)

func statePath(path string) string { return path + "-state" }

// state is what the state file says; the zero state that there is none.
type state struct {
	known  bool // there is, or was, a ledger
	closed bool // whoever wrote it last came to a good end

	// The database as it was when it was closed, and when it was last checked, in
	// Unix milliseconds. There is no telling where looked is 0.
	size, modified, changed int64
	checkedLast             int64

	generation int64 // see generation; 0: an older version wrote this
}

func (s state) text() string {
	if s.generation == 0 {
		return s.closing()
	}
	return s.closing() + fmt.Sprintf("generation %d\n", s.generation)
}

// closing is the text without the generation.
func (s state) closing() string {
	switch {
	case !s.closed:
		return stateInUse
	case s.checkedLast == 0:
		return stateClosed
	}
	return stateClosed + fmt.Sprintln(s.size, s.modified, s.changed, s.checkedLast)
}

func readState(path string) (state, error) {
	b, err := os.ReadFile(statePath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("read the local database's state: %w", err)
	}
	// Whatever fails to be read here is no text of a state.
	s := state{known: true}
	text := string(b)
	if at := strings.Index(text, "generation "); at >= 0 {
		_, _ = fmt.Sscanf(text[at:], "generation %d\n", &s.generation)
	}
	for range 2 { // in use, closed, or closed with more to say
		if text == s.text() {
			return s, nil
		}
		s.closed = true
	}
	_, _ = fmt.Sscanf(text, stateClosed+"%d %d %d %d\n", &s.size, &s.modified, &s.changed, &s.checkedLast)
	if text == s.text() {
		return s, nil
	}
	return state{known: true}, nil
}

// stampsApart is how long after a change to a file the next one has another time for
// certain: systems count time in steps of up to 10 ms.
const stampsApart = 20 * time.Millisecond

// closedState is the state of a ledger that was just closed well, and checked at
// the time given. It waits until nobody can change the database any more without a change of
// its times. Where those tell too little (Windows has no change time, and some
// filesystems keep whole seconds), it says no more than that it was closed.
func closedState(path string, checkedLast time.Time) state {
	s := state{known: true, closed: true}
	info, err := os.Stat(path)
	if err != nil || checkedLast.IsZero() || holdsData(path+"-wal") || exists(path+"-journal") {
		return s
	}
	fp := file.FromInfo(info)
	if fp.ChangeTime == 0 || fp.WholeSeconds() {
		return s
	}
	switch wait := time.Until(time.Unix(0, max(fp.ModTime, fp.ChangeTime)).Add(stampsApart)); {
	case wait > stampsApart: // a clock was put back
		return s
	case wait > 0:
		time.Sleep(wait)
	}
	s.size, s.modified, s.changed, s.checkedLast = fp.Size, fp.ModTime, fp.ChangeTime, checkedLast.UnixMilli()
	return s
}

// checkedAt returns when the database at path, which nobody has open, was last looked
// through; the zero time when it may have changed since it was closed.
func (s state) checkedAt(path string) time.Time {
	if s.checkedLast == 0 || holdsData(path+"-wal") || exists(path+"-journal") {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	was := file.Fingerprint{Size: s.size, ModTime: s.modified, ChangeTime: s.changed}
	if !was.SameVersion(file.FromInfo(info)) {
		return time.Time{}
	}
	return time.UnixMilli(s.checkedLast)
}

// holdsData reports whether there is a file with anything in it.
func holdsData(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// writeState writes the state file durably. An existing one is written over in place,
// which works on a full disk too; any half of it reads as "in use", or as no more than
// "closed", which it is by then.
func writeState(path string, s state) (err error) {
	text := s.text()
	name := statePath(path)
	f, err := file.OpenOwn(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("write the local database's state: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil || string(before) == text {
		return err
	}
	if _, err = f.WriteAt([]byte(text), 0); err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil && len(before) == 0 {
		err = file.SyncDir(filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("write the local database's state: %w", err)
	}
	return nil
}
