//go:build soak

package ledger

import "testing"

// As many old versions as a studio has in years.
func TestPruneHundredThousand(t *testing.T) { pruneMuch(t, 100_000, 2) }
