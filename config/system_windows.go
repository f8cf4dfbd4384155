package config

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// systemDirs are where the service of the whole system has its config and its data.
func systemDirs(getenv func(string) string) (config, data string) {
	base := getenv("ProgramData")
	if !filepath.IsAbs(base) {
		base = `C:\ProgramData`
	}
	dir := filepath.Join(base, appDir)
	return dir, dir
}

// RunsAsSystem reports whether this is a Windows service account rather than a person.
func RunsAsSystem() bool {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false
	}
	for _, account := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinLocalServiceSid, windows.WinNetworkServiceSid} {
		if user.User.Sid.IsWellKnown(account) {
			return true
		}
	}
	return false
}

func keychainThere(func(string) string) bool { return true }
