package file

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// allocatedRange is FILE_ALLOCATED_RANGE_BUFFER of winioctl.h.
type allocatedRange struct{ offset, length int64 }

// holes asks a sparse file for what is allocated of it (FSCTL_QUERY_ALLOCATED_RANGES). Other
// files have no holes: NTFS fills what is skipped with zeros.
func holes(f *os.File, size, minimum int64) (found []Range) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	_ = conn.Control(func(fd uintptr) { found = unallocated(windows.Handle(fd), size, minimum) }) // it fails for a closed file only
	return found
}

func unallocated(h windows.Handle, size, minimum int64) (found []Range) {
	var info windows.ByHandleFileInformation
	if windows.GetFileInformationByHandle(h, &info) != nil || info.FileAttributes&windows.FILE_ATTRIBUTE_SPARSE_FILE == 0 {
		return nil
	}
	asked := allocatedRange{0, size}
	var ranges [maxExtents]allocatedRange
	var got uint32
	err := windows.DeviceIoControl(h, windows.FSCTL_QUERY_ALLOCATED_RANGES, (*byte)(unsafe.Pointer(&asked)), uint32(unsafe.Sizeof(asked)),
		(*byte)(unsafe.Pointer(&ranges)), uint32(unsafe.Sizeof(ranges)), &got, nil)
	if err != nil && err != windows.ERROR_MORE_DATA {
		return nil
	}
	at := int64(0)
	add := func(to int64) {
		if to-at >= minimum && len(found) < maxHoles {
			found = append(found, Range{at, to})
		}
	}
	for _, r := range ranges[:min(len(ranges), int(got)/int(unsafe.Sizeof(ranges[0])))] {
		add(min(r.offset, size))
		at = r.offset + r.length
	}
	if err == nil {
		add(size)
	}
	return found
}
