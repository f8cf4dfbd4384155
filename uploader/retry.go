package uploader

import (
	"math/rand/v2"
	"time"

	"scenario-drop/scenario"
)

// action is what to do after a request went wrong.
type action int

const (
	tryAgain   action = iota // the same request, once the host can be asked again
	putOff                   // let other files go first and take this one up later
	freshURLs                // the part's URL has expired
	startOver                // Scenario does not know the upload any more: a new one for the same file
	giveUp                   // Scenario said no to this file
	awaitLeave               // the API key or the plan does not allow it: hold the file, with Scenario's words
	passItOn                 // no answer of Scenario's: the caller knows what it means
)

// triesInPlace is how often one request is made while the server fails, before its
// file lets others go first.
const triesInPlace = 5

// decide is the table of what to do after a request's error, given how often it was
// tried (1 after the first time).
//
//	network, garbled answer, rate limit, key refused  tryAgain, without end; the gate waits
//	5xx                                               tryAgain a few times, then putOff
//	part 403                                          freshURLs
//	404                                               startOver
//	403 of a key that works, limit of the plan        awaitLeave
//	other 4xx                                         giveUp
func decide(err error, tries int) action {
	switch scenario.ClassOf(err) {
	case scenario.Network, scenario.Garbled, scenario.RateLimited, scenario.Refused:
		return tryAgain
	case scenario.ServerFault:
		if tries < triesInPlace {
			return tryAgain
		}
		return putOff
	case scenario.Expired:
		return freshURLs
	case scenario.NotFound:
		return startOver
	case scenario.Rejected:
		return giveUp
	case scenario.Forbidden, scenario.PlanLimit:
		return awaitLeave
	}
	return passItOn
}

// The waits after failures, by what failed.
const (
	networkFirst, networkMost = 500 * time.Millisecond, 30 * time.Second
	serverFirst, serverMost   = time.Second, 5 * time.Minute
	refusedFirst, refusedMost = time.Minute, 15 * time.Minute
	limitFirst, limitMost     = 200 * time.Millisecond, time.Minute
	cleanupFirst, cleanupMost = 2 * time.Second, 9 * time.Minute // what comes after the import; less than longestWait
)

// backoff doubles from first to most with the number of failures in a row (1 for the
// first), and returns something between half of that and all of it, so that many
// clients which failed together do not come back together. jitter is in [0, 1).
func backoff(first, most time.Duration, failures int, jitter float64) time.Duration {
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
		d = backoff(networkFirst, networkMost, failures, rand.Float64())
	case scenario.RateLimited:
		d = backoff(limitFirst, limitMost, failures, rand.Float64())
	case scenario.ServerFault:
		d = backoff(serverFirst, serverMost, failures, rand.Float64())
	case scenario.Refused:
		d = backoff(refusedFirst, refusedMost, failures, rand.Float64())
	default:
		return 0
	}
	if retryAfter > 0 {
		return retryAfter
	}
	return d
}
