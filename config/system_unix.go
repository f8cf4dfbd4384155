//go:build unix && !darwin

package config

import (
	"fmt"
	"os"
	"path/filepath"
)

// systemDirs are where the service of the whole system has its config and its data.
func systemDirs(func(string) string) (config, data string) {
	return filepath.Join("/etc", appDir), filepath.Join("/var/lib", appDir)
}

// RunsAsSystem reports whether we run as root.
func RunsAsSystem() bool { return os.Geteuid() == 0 }

// keychainThere reports whether a Secret Service can be asked: the session bus must be
// running. Without the check the D-Bus library would start one.
func keychainThere(getenv func(string) string) bool {
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err == nil
}
