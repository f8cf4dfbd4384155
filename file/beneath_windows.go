package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Dir is a directory held open without letting others delete or rename it, which holds
// for all directories above it too: until Close, its path goes on naming it.
type Dir struct {
	path   string
	handle *os.File
}

// openBeneath opens the directory at way below root, which is made with all on the way
// if that is asked. It is held first and checked then: what is held cannot be swapped
// any more, and is what root has there only if no link led to it.
func openBeneath(root, way string, create bool) (*Dir, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close() // it was only read
	if create {
		if err := r.MkdirAll(way, 0o777); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(root, way)
	h, err := createFile(path, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, windows.FILE_FLAG_BACKUP_SEMANTICS)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	d := &Dir{path: path, handle: os.NewFile(uintptr(h), path)}
	if err := d.inPlace(r, root, way); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// inPlace makes sure that every element of way is a directory, and the last one held.
func (d *Dir) inPlace(r *os.Root, root, way string) error {
	here, err := d.handle.Stat()
	if err != nil {
		return err
	}
	at, names := "", strings.Split(way, `\`)
	for i, name := range names {
		at = filepath.Join(at, name)
		info, err := r.Lstat(at)
		if err != nil {
			return err
		}
		if last := i == len(names)-1; !info.IsDir() || last && !os.SameFile(info, here) {
			return &NotRegularError{Path: filepath.Join(root, at), Mode: info.Mode(), Above: true}
		}
	}
	return nil
}

// Close lets the directory go. It can fail in no way that matters: nothing is written
// through it.
func (d *Dir) Close() { _ = d.handle.Close() }

// Path is the directory's path, which names it until Close.
func (d *Dir) Path() string { return d.path }

// Lstat checks a name in the directory, without following a link at it and without
// opening it. Errors are those of os.Lstat.
func (d *Dir) Lstat(name string) (Fingerprint, fs.FileMode, error) {
	info, err := os.Lstat(d.join(name))
	if err != nil {
		return Fingerprint{}, 0, err
	}
	return FromInfo(info), info.Mode(), nil
}

// openRegular opens the name itself, never what a link at it points to, and lets other
// programs write, rename and delete it meanwhile.
func (d *Dir) openRegular(name string) (*os.File, error) {
	path := d.join(name)
	h, err := createFile(path, shareAll, windows.FILE_FLAG_OPEN_REPARSE_POINT)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	var tag struct{ Attributes, ReparseTag uint32 } // FILE_ATTRIBUTE_TAG_INFO
	err = windows.GetFileInformationByHandleEx(h, windows.FileAttributeTagInfo,
		(*byte)(unsafe.Pointer(&tag)), uint32(unsafe.Sizeof(tag)))
	if err == nil && tag.Attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		_ = windows.CloseHandle(h)
		const nameSurrogate = 0x20000000 // set for every reparse point that stands for another name
		if tag.ReparseTag&nameSurrogate != 0 {
			return nil, &NotRegularError{Path: path, Mode: fs.ModeSymlink}
		}
		// A cloud client's file: its content shows only without the flag.
		if h, err = createFile(path, shareAll, 0); err != nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
	return os.NewFile(uintptr(h), path), nil
}

// create makes a new file; fs.ErrExist where the name is taken.
func (d *Dir) create(name string) (*os.File, error) {
	return os.OpenFile(d.join(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// rename moves a name to one in another directory, which must be free (fs.ErrExist).
func (d *Dir) rename(name string, to *Dir, free string) error {
	from, err := windows.UTF16PtrFromString(d.join(name))
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to.join(free))
	if err != nil {
		return err
	}
	// Without flags it neither overwrites nor copies.
	if err := windows.MoveFileEx(from, target, 0); err != nil {
		return &os.LinkError{Op: "rename", Old: d.join(name), New: to.join(free), Err: err}
	}
	return nil
}

func (d *Dir) remove(name string) error { return os.Remove(d.join(name)) }

func (d *Dir) setModTime(name string, t time.Time) error { return os.Chtimes(d.join(name), t, t) }

// otherFilesystem reports whether a rename failed because it would cross filesystems.
func otherFilesystem(err error) bool { return errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) }
