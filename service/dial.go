package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"scenario-drop/file"
	"scenario-drop/status"
)

// Dial returns a client for the daemon of a data directory; status.ErrNotRunning if
// nobody works there. After one was killed its address is still written there, and may
// be anybody's: the lock is gone with the process.
func Dial(dataDir string) (*status.Client, error) {
	h, held, err := LockHolder(dataDir)
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, status.ErrNotRunning
	}
	if h.In != "" {
		dataDir = h.In
	}
	c, err := status.Dial(dataDir)
	return c, ExplainAccount(err, dataDir)
}

// LockHolder tells who works in a data directory; held is false when nobody does. It
// changes nothing there.
func LockHolder(dataDir string) (h Holder, held bool, err error) {
	data, err := os.ReadFile(filepath.Join(dataDir, "lock-holder.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil && !file.InUse(err) { // Windows: being written, or removed
		return h, false, ExplainAccount(fmt.Errorf("read who holds the lock: %w", err), dataDir)
	}
	// The file may be left over from a process that died; the lock itself is not.
	l := flock.New(filepath.Join(dataDir, "lock"), flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, ExplainAccount(fmt.Errorf("read the lock: %w", err), dataDir)
	}
	if free {
		return h, false, l.Unlock()
	}
	if json.Unmarshal(data, &h) != nil {
		h = Holder{} // being written just now
	}
	return h, true, nil
}
