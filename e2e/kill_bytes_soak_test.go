//go:build soak

package e2e

import (
	"testing"

	"scenario-drop/standin"
)

// The same with the connections that the program chooses by itself, eight.
func TestPartsAreNotSentAgainBySettingsOfItsOwn(t *testing.T) {
	together(t, 1, []resent{
		{standin.OpPart, standin.Middle, 50, 120, 0},
		{standin.OpPart, standin.After, 120, 120, 0},
	}, sentOnce)
}
