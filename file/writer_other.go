//go:build !linux && !windows

package file

import "os"

// HasWriter is CannotTell here: macOS (like the BSDs) tells only by listing every
// process's open files, which needs rights the daemon has not.
func HasWriter(*os.File) Answer { return CannotTell }

// HasOther is CannotTell here, for the same reason.
func HasOther(*os.File) Answer { return CannotTell }
