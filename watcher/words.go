package watcher

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// quote shows a path to people: as it is, or in quotes where it holds what cannot be
// printed (a newline, bytes that are not UTF-8).
func quote(path string) string {
	if utf8.ValidString(path) && !strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return path
	}
	return strconv.Quote(path)
}

// trouble says why a directory cannot be listed.
func trouble(path string, err error) drop.Detail {
	if swapped, ok := errors.AsType[*file.SwappedError](err); ok {
		return swapped.Detail()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return drop.TextFolderNotThere.With("folder", path)
	case errors.Is(err, fs.ErrPermission):
		return drop.TextFolderMayNotRead.With("folder", path)
	case file.OutOfDescriptors(err):
		return drop.TextFolderCannotReadNow.With("folder", path)
	case errors.Is(err, syscall.ENOTDIR):
		return drop.TextFolderIsFile.With("folder", path)
	}
	return drop.TextFolderCannotRead.With("folder", path, "why", cause(err).Error())
}

// TroubleError says that a folder is in trouble.
type TroubleError struct{ detail drop.Detail }

// Error implements error.
func (e *TroubleError) Error() string { return e.detail.LogValue().String() }

// Detail says it for people.
func (e *TroubleError) Detail() drop.Detail { return e.detail }

// cause is the innermost error: what the system said, without the path, which the
// sentence around it names already.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// join is filepath.Join for a clean directory and a single name, without its work.
func join(dir, name string) string {
	if strings.HasSuffix(dir, string(filepath.Separator)) { // "/", `C:\`
		return dir + name
	}
	return dir + string(filepath.Separator) + name
}
