//go:build linux && soak

package e2e

import (
	"sync"
	"testing"

	"scenario-drop/internal/testkit/powertest"
)

// The power fails at every sync of a run, on either side of it, with each kind of loss;
// and the process alone is killed there.
func TestPowerFailsAtEverySync(t *testing.T) {
	total := syncsOfWorkday(t)
	most := total + total/4 + 5 // no run has as many
	var all []powerCut
	for n := 1; n <= most; n++ {
		all = append(all,
			powerCut{n, powertest.Before, powertest.LoseNothing, 0},
			powerCut{n, powertest.After, powertest.LoseNothing, 0},
			powerCut{n, powertest.Before, powertest.LoseUnsynced, 0},
			powerCut{n, powertest.After, powertest.LoseUnsynced, 0},
			powerCut{n, powertest.Before, powertest.LoseSome, uint64(n)},
			powerCut{n, powertest.After, powertest.LoseSome, uint64(n) + 1000})
	}
	var mu sync.Mutex
	came, through := 0, 0
	together(t, 6, all, func(t *testing.T, c powerCut) {
		failed := c.cut(t)
		mu.Lock()
		defer mu.Unlock()
		if failed {
			came++
		}
		if !failed && c.sync == most {
			through++
		}
	})
	t.Logf("the power failed in %d runs", came)
	if through < 6 {
		t.Error("the last runs were to go through, and did not: not every sync was reached")
	}
}
