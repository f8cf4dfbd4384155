package file

import (
	"io/fs"
	"os"
)

// StatEntry tells of an entry of a directory that is being listed, without following a link
// and without opening it. The listing has told it all already. Several entries may be checked at once.
func StatEntry(_ *os.File, e fs.DirEntry) (Entry, error) {
	info, err := e.Info()
	if err != nil {
		return Entry{}, err
	}
	return Entry{Fingerprint: FromInfo(info), Mode: info.Mode(), Placeholder: Placeholder(info), Hidden: Hidden(info)}, nil
}
