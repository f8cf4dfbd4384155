//go:build !soak

package e2e

import "time"

// How long the network is away in the tests that everybody runs.
const (
	outage        = 2 * time.Second
	crowdWaits    = 8 * time.Second
	crowdReturns  = 300 // files that are waited for once the network is back
	crowdPatience = 2 * time.Minute
	slowFile      = 128 << 10 // bytes
)
