//go:build soak && linux

package e2e

import "testing"

// A hundred thousand files in a thousand folders.
func TestMemoryIsFlatSoak(t *testing.T) { flood(t, 100_000) }
