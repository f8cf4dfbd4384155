package config

import (
	"os"
	"path/filepath"
)

// systemDirs are where the service of the whole system has its config and its data.
func systemDirs(func(string) string) (config, data string) {
	dir := filepath.Join("/Library/Application Support", appDir)
	return dir, dir
}

// RunsAsSystem reports whether we run as root.
func RunsAsSystem() bool { return os.Geteuid() == 0 }

func keychainThere(func(string) string) bool { return true }
