package watcher

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

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

// trouble says in a sentence why a directory cannot be listed.
func trouble(path string, err error) string {
	if swapped, ok := errors.AsType[*file.SwappedError](err); ok {
		return swapped.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("The folder %s is not there. Is its disk or network share connected? It is watched once it is there; if it has another place, correct the path in the config.", quote(path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("The folder %s may not be read. Give the user that scenario-drop runs as the right to read it; it is watched once it may be read.", quote(path))
	case file.OutOfDescriptors(err):
		return fmt.Sprintf("The folder %s cannot be read now: %s. It is tried again.", quote(path), file.NoDescriptors)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Sprintf("%s is not a folder. It is watched once it is one; else name the folder it lies in in the config.", quote(path))
	}
	return fmt.Sprintf("The folder %s cannot be read: %v. It is tried again.", quote(path), cause(err))
}

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
