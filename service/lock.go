package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"scenario-drop/file"
)

// Holder is who holds the lock of a data directory.
type Holder struct {
	PID   int       `json:"pid"`
	Doing string    `json:"doing"` // "run", "once" or "demo"
	Since time.Time `json:"since"`

	// In is the data directory that it works in, where that is another; see Daemon.keepNext.
	In string `json:"in,omitempty"`
}

// LockedError says that another process works on the same data directory.
type LockedError struct {
	Dir    string
	Holder Holder // zero when unknown
}

func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another scenario-drop is working in %s; stop it first, or give this one a data_dir of its own", e.Dir)
	}
	return fmt.Sprintf("scenario-drop %s (process %d, since %s) is working in %s; stop it first, or give this one a data_dir of its own",
		e.Holder.Doing, e.Holder.PID, e.Holder.Since.Format("2006-01-02 15:04"), e.Dir)
}

// lock keeps a data directory for one process. The operating system gives it up when
// the process ends, however it ends.
type lock struct {
	dir    string
	flock  *flock.Flock
	holder string // file
}

// A lock that is held is tried so many times, with a pause between.
const (
	lockTries = 20
	lockPause = 10 * time.Millisecond
)

// lockDir locks a data directory, which is made (0700) if it is not there. It fails
// with a *LockedError when somebody else holds it.
func lockDir(dir, doing string) (*lock, error) { return lockAs(dir, Holder{Doing: doing}) }

// lockAs is lockDir for a holder that has more to say.
func lockAs(dir string, h Holder) (*lock, error) {
	l, err := takeLock(dir, h)
	if err != nil {
		return nil, explainDir(err, dir)
	}
	return l, nil
}

func takeLock(dir string, h Holder) (*lock, error) {
	if err := RefuseExposed(dir); err != nil {
		return nil, err
	}
	if err := file.MakeDir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	if err := RefuseExposed(dir); err != nil { // somebody may have been quicker
		return nil, err
	}
	if err := file.CheckOwn(filepath.Join(dir, "lock")); err != nil {
		return nil, err
	}
	// The holder's name has a file of its own: on Windows nobody can read a locked one.
	l := &lock{dir: dir, flock: flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDONLY|file.NoFollow)), holder: filepath.Join(dir, "lock-holder.json")}
	got, err := l.flock.TryLock()
	for tries := 1; err == nil && !got && tries < lockTries; tries++ { // LockHolder holds it shared for a moment
		time.Sleep(lockPause)
		got, err = l.flock.TryLock()
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !got {
		e := &LockedError{Dir: dir}
		if data, err := os.ReadFile(l.holder); err == nil {
			if json.Unmarshal(data, &e.Holder) != nil {
				e.Holder = Holder{}
			}
		}
		return nil, e
	}
	h.PID, h.Since = os.Getpid(), time.Now()
	data, err := json.Marshal(h)
	if err == nil {
		err = file.WriteOwn(l.holder, data)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write who holds the lock: %w", err), l.flock.Unlock())
	}
	return l, nil
}

func (l *lock) release() error {
	err := os.Remove(l.holder)
	if file.InUse(err) { // Windows, while somebody reads it: without the lock it means nothing
		err = nil
	}
	return errors.Join(err, l.flock.Unlock())
}
