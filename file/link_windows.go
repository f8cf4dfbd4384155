package file

import "os"

// ForeignLink is always false on Windows, where making a hard link takes rights to the file itself.
func (d *Dir) ForeignLink(string, *os.File) (bool, error) { return false, nil }
