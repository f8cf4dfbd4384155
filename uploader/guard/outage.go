package guard

import (
	"errors"
	"time"

	"scenario-drop/drop"
	"scenario-drop/scenario"
)

// Outage says why a host cannot be used at the moment.
type Outage struct {
	Class scenario.Class
	Why   error
	Since time.Time
	Until time.Time // when the next try is
}

// Detail says it for people.
func (o Outage) Detail() drop.Detail {
	switch o.Class {
	case scenario.Refused:
		words := ""
		if e, ok := errors.AsType[*scenario.Error](o.Why); ok {
			words = e.Message
		}
		return drop.TextKeyRefused.With("words", words)
	case scenario.RateLimited:
		return drop.TextSlowDown.With()
	case scenario.ServerFault:
		return drop.TextServerFault.With()
	case scenario.Garbled:
		return drop.TextSomethingElseAnswers.With("why", o.Why.Error())
	}
	return drop.TextUnreachable.With("why", o.Why.Error())
}
