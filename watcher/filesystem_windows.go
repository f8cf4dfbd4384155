package watcher

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// inspect asks for the volume's type. Shares, under a drive letter or not, are remote.
func inspect(path string) (Filesystem, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Filesystem{}, err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(real) + `\`)
	if err != nil {
		return Filesystem{}, err
	}
	fs := Filesystem{Type: "unknown", Remote: windows.GetDriveType(root) == windows.DRIVE_REMOTE}
	var name [windows.MAX_PATH + 1]uint16
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) == nil {
		fs.Type = windows.UTF16ToString(name[:])
	}
	return fs, nil
}

// watchLimits is nothing here: Windows has no such limit.
func watchLimits() (watches, instances int) { return 0, 0 }
