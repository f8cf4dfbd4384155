package service

import (
	"fmt"

	"scenario-drop/config"
	"scenario-drop/file"
)

// ExposedError says that the program runs as root or SYSTEM and does not work with a data
// directory that another account can change: it would do to that account's files, or
// have done to others', what only the system may.
type ExposedError struct {
	Dir string
	By  *file.Exposure
}

func (e *ExposedError) Error() string {
	text := fmt.Sprintf("scenario-drop does not work as the system's own account (root, SYSTEM) with what another account can change: %s", e.By)
	if e.By.Path != e.Dir {
		text += fmt.Sprintf(", where the data_dir %q lies", e.Dir)
	}
	if e.By.Fix != "" {
		text += "; " + e.By.Fix
	}
	return text + ". Or run it as the account that the data_dir belongs to"
}

// RefuseExposed is an *ExposedError where we run as root or SYSTEM and another account can
// change the data directory dir.
func RefuseExposed(dir string) error {
	if !config.RunsAsSystem() {
		return nil
	}
	if e := file.Exposed(dir); e != nil {
		return &ExposedError{Dir: dir, By: e}
	}
	return nil
}
