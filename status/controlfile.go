package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"scenario-drop/file"
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

func (a Access) write(dataDir string) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return file.WriteOwn(filepath.Join(dataDir, accessFile), data)
}

func removeAccess(dataDir string) error {
	err := os.Remove(filepath.Join(dataDir, accessFile))
	if errors.Is(err, fs.ErrNotExist) || file.InUse(err) { // Windows, while somebody reads it: nobody answers at that address
		return nil
	}
	return err
}
