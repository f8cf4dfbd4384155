package service

import (
	"fmt"
	"os"
	"path/filepath"

	"scenario-drop/config"
	"scenario-drop/watcher"
)

// CheckPlace refuses a data directory beside a config on a network drive, where the config
// names none: other computers that use the same config would mean the same local
// database, which is for one.
func CheckPlace(c *config.Config) error {
	if !c.DataBeside {
		return nil
	}
	at := c.DataDir
	for at != filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil {
			break
		}
		at = filepath.Dir(at)
	}
	disk, err := watcher.Inspect(at)
	if err != nil || !disk.Remote {
		return nil // what is wrong with the place otherwise is said when it is used
	}
	return fmt.Errorf("the config %s is on a network drive (%s) and names no data_dir, and what was sent already cannot be kept beside it, where other computers would write too; "+
		"write data_dir with a folder of this computer into it", c.File, disk.Type)
}
