//go:build soak

package service

import (
	"os"
	"testing"
	"time"
)

// The long form: three minutes, or as long as SOAK says ("12h").
func TestSoak(t *testing.T) {
	long := 3 * time.Minute
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		if long, err = time.ParseDuration(text); err != nil {
			t.Fatalf("SOAK: %v", err)
		}
	}
	soak(t, long)
}
