//go:build soak

package e2e

import (
	"math/rand/v2"
	"testing"
)

// The same with 200 kills, and writers that do something else each time.
func TestKilled200TimesInAStorm(t *testing.T) { killInAStorm(t, 200, rand.Uint64()) }
