//go:build soak

package e2e

import (
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// How long the network is away in the long form.
const (
	outage        = 3 * time.Minute
	crowdWaits    = 3 * time.Minute
	crowdReturns  = 2_000
	crowdPatience = 15 * time.Minute // with a backoff of up to five
	slowFile      = 1 << 20
)

// Without the service `once` gives up after half a minute, says so with exit code 4, and
// leaves the file for another time.
func TestOnceWithoutNetwork(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	line := nettest.New(t, s.server.BaseURL(), nettest.Options{})
	s.withBase(line.BaseURL())
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	line.Cut()
	start := time.Now()
	out, code := s.command("once")
	if took := time.Since(start); code != 4 || took < 30*time.Second || took > time.Minute || !strings.Contains(out, "cannot be reached") {
		t.Errorf("once ended after %v with %d:\n%s", took, code, out)
	}
	line.Mend()
	if out, code := s.command("once"); code != 0 {
		t.Errorf("the second once ended with %d:\n%s", code, out)
	}
	s.exactlyOnce(sum)
}
