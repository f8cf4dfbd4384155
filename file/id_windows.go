package file

import (
	"os"

	"golang.org/x/sys/windows"
)

// IDOf is the identity of an open file: the volume's serial number, and the file's index in
// it. It is zero where the filesystem tells none.
func IDOf(f *os.File, _ Fingerprint) ID {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return ID{}
	}
	return ID{Dev: uint64(info.VolumeSerialNumber), Ino: uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}
}
