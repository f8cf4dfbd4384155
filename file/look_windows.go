package file

import (
	"io/fs"
	"os"
)

// LookAt looks at an entry of a directory that is being listed, without following a link
// and without opening it, and tells its fingerprint, its mode, and whether it is a
// Placeholder. The listing has told it all already. Several entries may be looked at at once.
func LookAt(_ *os.File, e fs.DirEntry) (fp Fingerprint, mode fs.FileMode, away bool, err error) {
	info, err := e.Info()
	if err != nil {
		return Fingerprint{}, 0, false, err
	}
	return FromInfo(info), info.Mode(), Placeholder(info), nil
}
