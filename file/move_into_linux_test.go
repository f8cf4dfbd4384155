package file

import (
	"testing"
)

// moveInto is MoveInto without a crash in mind.
func moveInto(t testing.TB, root, path, into string, want Fingerprint) (string, error) {
	moved, err := MoveInto(t.Context(), Move{Root: root, Path: path, Into: into, Want: want})
	return moved.Path, err
}
