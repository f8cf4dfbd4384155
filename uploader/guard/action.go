package guard

import (
	"math/rand/v2"
	"time"

	"scenario-drop/scenario"
)

// Action is what to do after a request went wrong.
type Action int

// The actions.
const (
	Retry      Action = iota // the same request, once the host can be asked again
	Postpone                 // let other files go first and take this one up later
	FreshURLs                // the part's URL has expired
	Gone                     // Scenario does not know what was asked for: of an upload, a new one for the same file
	Fail                     // Scenario said no to what was asked
	NotAllowed               // the API key or the plan does not allow it: hold what asked, with Scenario's words
	None                     // no answer of Scenario's: the caller knows what it means
)

// TriesInPlace is how often one request is made while the server fails, before its
// file lets others go first.
const TriesInPlace = 5

// row is what a class of errors means: for whoever asked, and for the host.
type row struct {
	action     Action
	first, max time.Duration // how long the host is left alone, doubling; 0: the error is about one request
}

// table is the one table from error to action; what an answer's class is, scenario says.
//
//	what happened                        whoever asked                         the host is left alone
//	network, answer that is garbled      Retry, without end                    0.5 s to 30 s
//	429                                  Retry, without end                    0.2 s to 1 min
//	401, 403 of a key that never works   Retry, without end                    1 min to 15 min
//	5xx                                  Retry, the 5th time Postpone          1 s to 5 min
//	part 403                             FreshURLs                             –
//	404                                  Gone                                  –
//	403 of a key that works, plan limit  NotAllowed                            –
//	other 4xx                            Fail                                  –
//	anything else (a file's own, ctx)    None                                  –
//
// Where the answer says how long to wait (Retry-After) that holds instead.
func table(class scenario.Class) row {
	switch class {
	case scenario.Network, scenario.Garbled:
		return row{Retry, 500 * time.Millisecond, maxNetworkWait}
	case scenario.RateLimited:
		return row{Retry, 200 * time.Millisecond, time.Minute}
	case scenario.Refused:
		return row{Retry, time.Minute, 15 * time.Minute}
	case scenario.ServerFault:
		return row{Postpone, time.Second, 5 * time.Minute}
	case scenario.Expired:
		return row{action: FreshURLs}
	case scenario.NotFound:
		return row{action: Gone}
	case scenario.Forbidden, scenario.PlanLimit:
		return row{action: NotAllowed}
	case scenario.Rejected:
		return row{action: Fail}
	}
	return row{action: None}
}

const maxNetworkWait = 30 * time.Second

// Decide is what to do after a request's error, given how often it was tried (1 after the
// first time).
func Decide(err error, tries int) Action {
	action := table(scenario.ClassOf(err)).action
	if action == Postpone && tries < TriesInPlace {
		return Retry
	}
	return action
}

// After is Decide for an error that is left when no more tries are made, as by API.Do.
func After(err error) Action { return Decide(err, TriesInPlace) }

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
	r := table(class)
	switch {
	case r.max == 0:
		return 0
	case retryAfter > 0:
		return retryAfter
	}
	return Backoff(r.first, r.max, failures, rand.Float64())
}
