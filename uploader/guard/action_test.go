package guard

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"scenario-drop/scenario"
)

func TestDecide(t *testing.T) {
	of := func(c scenario.Class) error { return fmt.Errorf("wrapped: %w", &scenario.Error{Class: c}) }
	for _, c := range []struct {
		err   error
		tries int
		want  Action
	}{
		{of(scenario.Network), 1, Retry},
		{of(scenario.Network), 1_000_000, Retry},
		{of(scenario.Garbled), 1_000_000, Retry},
		{of(scenario.RateLimited), 1_000_000, Retry},
		{of(scenario.Refused), 1_000_000, Retry},
		{of(scenario.ServerFault), 1, Retry},
		{of(scenario.ServerFault), TriesInPlace - 1, Retry},
		{of(scenario.ServerFault), TriesInPlace, Postpone},
		{of(scenario.Expired), 1, FreshURLs},
		{of(scenario.NotFound), 1, Gone},
		{of(scenario.Rejected), 1, Fail},
		{of(scenario.Forbidden), 1, NotAllowed},
		{of(scenario.PlanLimit), 1_000_000, NotAllowed},
		{errors.New("a file's own"), 1, None},
	} {
		if got := Decide(c.err, c.tries); got != c.want {
			t.Errorf("Decide(%v, %d) = %d, want %d", c.err, c.tries, got, c.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		failures int
		jitter   float64
		want     time.Duration
	}{
		{1, 0, 500 * time.Millisecond},
		{1, 0.5, 750 * time.Millisecond},
		{2, 0, time.Second},
		{4, 0, 4 * time.Second},
		{6, 0, 15 * time.Second},
		{7, 0, 15 * time.Second},
		{1000, 0, 15 * time.Second},
	} {
		if got := Backoff(time.Second, 30*time.Second, c.failures, c.jitter); got != c.want {
			t.Errorf("backoff after %d failures with jitter %v = %v, want %v", c.failures, c.jitter, got, c.want)
		}
	}
}

func TestHostBackoff(t *testing.T) {
	for class := scenario.Network; class <= scenario.PlanLimit; class++ {
		wait := hostBackoff(class, 3, 0)
		switch class {
		case scenario.Network, scenario.Garbled, scenario.RateLimited, scenario.ServerFault, scenario.Refused:
			if wait <= 0 {
				t.Errorf("after %v the host is asked again at once", class)
			}
			if got := hostBackoff(class, 3, 7*time.Second); got != 7*time.Second {
				t.Errorf("after %v with Retry-After 7 s the wait is %v", class, got)
			}
		default:
			if wait != 0 {
				t.Errorf("after %v, which is about one request, the host is left alone for %v", class, wait)
			}
		}
	}
}
