package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

const (
	appDir   = "scenario-drop"
	fileName = "config.toml"

	// EnvFile names the config where --config does not.
	EnvFile = "SCENARIO_DROP_CONFIG"
)

// NotFoundError says that there is no config, and where one was looked for.
type NotFoundError struct {
	Searched []string // paths, in the order they were tried
	By       string   // "--config" or "$SCENARIO_DROP_CONFIG" where that named the path; else ""
}

// Error says what to do about it as well.
func (e *NotFoundError) Error() string {
	if e.By != "" {
		return fmt.Sprintf("the config %s, named by %s, does not exist: correct the path",
			strings.Join(e.Searched, ", "), e.By)
	}
	return fmt.Sprintf("there is no config yet; looked for %s",
		strings.Join(e.Searched, " and "))
}

// UserFile is where the config of this user belongs, by the rules of the platform.
func UserFile() string { return filepath.Join(xdg.ConfigHome, appDir, fileName) }

// SystemFile is where the config of the whole system's service belongs:
// /etc/scenario-drop, %ProgramData%\scenario-drop or /Library/Application
// Support/scenario-drop. getenv may be nil for os.Getenv.
func SystemFile(getenv func(string) string) string {
	if getenv == nil {
		getenv = os.Getenv
	}
	dir, _ := systemDirs(getenv)
	return filepath.Join(dir, fileName)
}

// Find gives the absolute path of the config to use: flag (of --config) if not "",
// else $SCENARIO_DROP_CONFIG, else UserFile, else SystemFile. Its error is a
// *NotFoundError where none exists. getenv may be nil for os.Getenv.
func Find(flag string, getenv func(string) string) (string, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	named, by := flag, "--config"
	if named == "" {
		named, by = getenv(EnvFile), "$"+EnvFile
	}
	candidates := []string{named}
	if named == "" {
		candidates, by = []string{UserFile(), SystemFile(getenv)}, ""
	}
	for i, path := range candidates {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", fmt.Errorf("find the config %s: %w", path, err)
		}
		candidates[i] = absolute
		// Whatever else is wrong with the file is for Load to say.
		if _, err := os.Stat(absolute); !errors.Is(err, fs.ErrNotExist) {
			return absolute, nil
		}
	}
	return "", &NotFoundError{Searched: candidates, By: by}
}
