package guard

import (
	"math/rand/v2"
	"time"

	"scenario-drop/scenario"
)

// Action is what to do after a request went wrong.
type Action int

const (
	Retry      Action = iota // the same request, once the host can be asked again
	Postpone                 // let other files go first and take this one up later
	FreshURLs                // the part's URL has expired
	StartOver                // Scenario does not know the upload any more: a new one for the same file
	Fail                     // Scenario said no to this file
	NotAllowed               // the API key or the plan does not allow it: hold the file, with Scenario's words
	None                     // no answer of Scenario's: the caller knows what it means
)

// TriesInPlace is how often one request is made while the server fails, before its
// file lets others go first.
const TriesInPlace = 5

// Decide is the table of what to do after a request's error, given how often it was
// tried (1 after the first time).
//
//	network, garbled answer, rate limit, key refused  Retry, without end; the breaker waits
//	5xx                                               Retry a few times, then Postpone
//	part 403                                          FreshURLs
//	404                                               StartOver
//	403 of a key that works, limit of the plan        NotAllowed
//	other 4xx                                         Fail
func Decide(err error, tries int) Action {
	switch scenario.ClassOf(err) {
	case scenario.Network, scenario.Garbled, scenario.RateLimited, scenario.Refused:
		return Retry
	case scenario.ServerFault:
		if tries < TriesInPlace {
			return Retry
		}
		return Postpone
	case scenario.Expired:
		return FreshURLs
	case scenario.NotFound:
		return StartOver
	case scenario.Rejected:
		return Fail
	case scenario.Forbidden, scenario.PlanLimit:
		return NotAllowed
	}
	return None
}

// The waits after failures, by what failed.
const (
	networkFirst, networkMax = 500 * time.Millisecond, 30 * time.Second
	serverFirst, serverMax   = time.Second, 5 * time.Minute
	refusedFirst, refusedMax = time.Minute, 15 * time.Minute
	limitFirst, limitMax     = 200 * time.Millisecond, time.Minute
)

// Backoff doubles from first to most with the number of failures in a row (1 for the
// first), and returns something between half of that and all of it, so that many
// clients which failed together do not come back together. jitter is in [0, 1).
func Backoff(first, most time.Duration, failures int, jitter float64) time.Duration {
	d := most
	if shift := failures - 1; shift < 30 && first<<shift < most {
		d = first << shift
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}

// hostBackoff says how long to leave a host alone after the nth failure in a row; 0
// when the failure says nothing about the host.
func hostBackoff(class scenario.Class, failures int, retryAfter time.Duration) time.Duration {
	var d time.Duration
	switch class {
	case scenario.Network, scenario.Garbled:
		d = Backoff(networkFirst, networkMax, failures, rand.Float64())
	case scenario.RateLimited:
		d = Backoff(limitFirst, limitMax, failures, rand.Float64())
	case scenario.ServerFault:
		d = Backoff(serverFirst, serverMax, failures, rand.Float64())
	case scenario.Refused:
		d = Backoff(refusedFirst, refusedMax, failures, rand.Float64())
	default:
		return 0
	}
	if retryAfter > 0 {
		return retryAfter
	}
	return d
}
