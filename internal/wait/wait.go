// Package wait waits.
package wait

import (
	"context"
	"time"
)

// For waits for as long as d; it reports false when ctx has ended before.
func For(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
