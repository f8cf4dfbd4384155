package file

import (
	"io/fs"
	"os"
)

// LookAt looks at an entry of a directory that is being listed, without following a link
// and without opening it. The listing has told it all already. Several entries may be looked at at once.
func LookAt(_ *os.File, e fs.DirEntry) (Look, error) {
	info, err := e.Info()
	if err != nil {
		return Look{}, err
	}
	return Look{Fingerprint: FromInfo(info), Mode: info.Mode(), Placeholder: Placeholder(info), Hidden: Hidden(info)}, nil
}
