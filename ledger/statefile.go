package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"scenario-drop/file"
)

// A small file beside the ledger says that there is, or was, one, and whether whoever
// wrote it last came to a good end. A ledger that is missing although this file is there
// was lost, and one that was left in use is checked throughout before it is used again.
const (
	stateInUse  = "in use\n"
	stateClosed = "closed\n"
)

func statePath(path string) string { return path + "-state" }

// readState returns what the state file says; known is false when there is none.
func readState(path string) (closed, known bool, err error) {
	b, err := os.ReadFile(statePath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("read the ledger's state: %w", err)
	}
	return string(b) == stateClosed, true, nil
}

// writeState writes the state file durably. An existing one is written over in place,
// which works on a full disk too; any half of it reads as "in use".
func writeState(path, state string) (err error) {
	name := statePath(path)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("write the ledger's state: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil || string(before) == state {
		return err
	}
	if _, err = f.WriteAt([]byte(state), 0); err == nil {
		err = f.Truncate(int64(len(state)))
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil && len(before) == 0 {
		err = file.SyncDir(filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("write the ledger's state: %w", err)
	}
	return nil
}
