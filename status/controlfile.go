package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Access is how the commands on this machine reach a running daemon. It lies in the
// data directory, readable by the daemon's user alone. The secret is never sent: the two
// sides prove to each other that they know it.
type Access struct {
	Address string `json:"address"` // host:port of the control API, on the loopback interface
	Secret  string `json:"secret"`
	PID     int    `json:"pid"`
}

const accessFile = "control.json"

// ReadAccess reads how to reach the daemon of a data directory. It is fs.ErrNotExist
// when none runs.
func ReadAccess(dataDir string) (Access, error) {
	var a Access
	data, err := os.ReadFile(filepath.Join(dataDir, accessFile))
	if err != nil {
		return a, fmt.Errorf("read how to reach the daemon: %w", err)
	}
	if err := json.Unmarshal(data, &a); err != nil {
		return a, fmt.Errorf("read how to reach the daemon from %s: %w", filepath.Join(dataDir, accessFile), err)
	}
	return a, nil
}

// write puts the file in place whole, so that nobody reads half of it, and never through
// a link.
func (a Access) write(dataDir string) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dataDir, accessFile+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dataDir, accessFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

func removeAccess(dataDir string) error {
	err := os.Remove(filepath.Join(dataDir, accessFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
