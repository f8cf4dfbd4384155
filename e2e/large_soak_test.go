//go:build soak

package e2e

import "testing"

// A file of 50 GiB takes no more memory than a small one.
func TestLargeFileSoak(t *testing.T) { sendLarge(t, 50<<30) }
