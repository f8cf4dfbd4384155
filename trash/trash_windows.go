package trash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"scenario-drop/file"
)

// From shellapi.h.
const (
	foDelete           = 0x3
	fofSilent          = 0x4
	fofNoConfirmation  = 0x10
	fofAllowUndo       = 0x40
	fofNoErrorUI       = 0x400
	fofWantNukeWarning = 0x4000

	maxPath = 260 // UTF-16 units with the final zero: SHFileOperation takes no more
)

// shFileOp is SHFILEOPSTRUCTW as 64-bit Windows has it; that of 32 bits is packed.
type shFileOp struct {
	window        windows.HWND
	operation     uint32
	from          *uint16
	to            *uint16
	flags         uint16
	aborted       int32
	nameMappings  uintptr
	progressTitle *uint16
}

// put goes by the file's path, as the shell wants it: dir keeps the path's meaning, and
// the file itself can be another only if it is replaced between the look at it and the
// shell's own opening.
func put(dir *file.Dir, name string, want file.Fingerprint) error {
	path := filepath.Join(dir.Path(), name)
	if unsafe.Sizeof(uintptr(0)) != 8 {
		return &noTrash{`only the 64-bit program can use the Recycle Bin; choose after_upload = "move" or "keep"`}
	}
	from, err := windows.UTF16FromString(path)
	if err != nil {
		return err
	}
	if len(from) > maxPath || strings.HasPrefix(path, `\\?\`) {
		return &noTrash{`its path is too long for the Recycle Bin; choose after_upload = "move" or "keep"`}
	}
	if err := checkBin(from, want.Size); err != nil {
		return err
	}
	// The function wants a list, which ends with an empty string.
	if err := recycle(append(from, 0)); err != nil {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.New("the Recycle Bin left it where it was")
	}
	return nil
}

// recycle moves the files of a list of paths into the bin.
func recycle(from []uint16) error {
	// The shell wants a COM apartment, which belongs to a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE)
	if err == nil || err == syscall.Errno(windows.S_FALSE) {
		defer windows.CoUninitialize()
	}
	op := shFileOp{
		operation: foDelete, from: &from[0],
		// A warning before a deletion for good is the last net, below checkBin.
		flags: fofAllowUndo | fofNoConfirmation | fofSilent | fofNoErrorUI | fofWantNukeWarning,
	}
	proc := windows.NewLazySystemDLL("shell32.dll").NewProc("SHFileOperationW")
	if err := proc.Find(); err != nil {
		return err
	}
	code, _, _ := proc.Call(uintptr(unsafe.Pointer(&op)))
	runtime.KeepAlive(from)
	switch {
	case code == 0 && op.aborted != 0:
		return errors.New("the Recycle Bin broke it off")
	case code == 0:
		return nil
	case code == 0x78: // DE_ACCESSDENIEDSRC, one of the codes of its own
		return windows.ERROR_ACCESS_DENIED
	case code == 0x7c: // DE_INVALIDFILES
		return windows.ERROR_INVALID_NAME
	case code < 0x71 || code > 0xb7:
		return syscall.Errno(code)
	default:
		return fmt.Errorf("the Recycle Bin refused it (code 0x%x)", code)
	}
}

// checkBin makes sure that the file can be taken back: Windows deletes for good what
// has no bin, or does not fit.
func checkBin(path []uint16, size int64) error {
	root := make([]uint16, windows.MAX_PATH+1)
	if err := windows.GetVolumePathName(&path[0], &root[0], uint32(len(root))); err != nil {
		return err
	}
	drive := windows.UTF16ToString(root)
	switch windows.GetDriveType(&root[0]) {
	case windows.DRIVE_FIXED:
	case windows.DRIVE_REMOTE:
		return &noTrash{"a network drive (" + drive + `) has no Recycle Bin: the file would be deleted for good; choose after_upload = "move" or "keep"`}
	default:
		return &noTrash{"the drive " + drive + ` has no Recycle Bin: the file would be deleted for good; choose after_upload = "move" or "keep"`}
	}
	const explorer = `Software\Microsoft\Windows\CurrentVersion\`
	for _, hive := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		if off, ok := dword(hive, explorer+`Policies\Explorer`, "NoRecycleFiles"); ok && off != 0 {
			return &noTrash{`the Recycle Bin is turned off by a policy; choose after_upload = "move" or "keep"`}
		}
	}
	volume := make([]uint16, 64)
	if err := windows.GetVolumeNameForVolumeMountPoint(&root[0], &volume[0], uint32(len(volume))); err != nil {
		return nil // its settings cannot be found; the defaults are a bin that is on
	}
	_, id, _ := strings.Cut(windows.UTF16ToString(volume), "Volume")
	key := explorer + `Explorer\BitBucket\Volume\` + strings.TrimSuffix(id, `\`)
	if off, ok := dword(registry.CURRENT_USER, key, "NukeOnDelete"); ok && off != 0 {
		return &noTrash{"the Recycle Bin is turned off for the drive " + drive + `; turn it on, or choose after_upload = "move" or "keep"`}
	}
	if mib, ok := dword(registry.CURRENT_USER, key, "MaxCapacity"); ok && uint64(size) > mib<<20 {
		return &noTrash{"it is larger than the Recycle Bin of the drive " + drive + `; make the bin larger, or choose after_upload = "move" or "keep"`}
	}
	return nil
}

// dword reads a number of the registry; not ok when it is not there.
func dword(hive registry.Key, path, name string) (value uint64, ok bool) {
	k, err := registry.OpenKey(hive, path, registry.QUERY_VALUE)
	if err != nil {
		return 0, false
	}
	defer k.Close()
	value, _, err = k.GetIntegerValue(name)
	return value, err == nil
}
