package guard

import (
	"errors"
	"fmt"
	"time"

	"scenario-drop/scenario"
)

// Outage says why a host cannot be used at the moment.
type Outage struct {
	Class scenario.Class
	Why   error
	Since time.Time
	Until time.Time // when the next try is
}

// String says it in a sentence.
func (o Outage) String() string {
	switch o.Class {
	case scenario.Refused:
		words := ""
		if e, ok := errors.AsType[*scenario.Error](o.Why); ok && e.Message != "" {
			words = " (" + e.Message + ")"
		}
		return "Scenario refuses the API key" + words + ". Check the key and its project; work resumes automatically once it is accepted."
	case scenario.RateLimited:
		return "Scenario asked to slow down; work resumes automatically."
	case scenario.ServerFault:
		return "Scenario has a fault at the moment; work resumes automatically."
	case scenario.Garbled:
		return fmt.Sprintf("Something else than Scenario answers (a login page or a proxy?); work resumes automatically. %v", o.Why)
	}
	return fmt.Sprintf("Scenario cannot be reached; work resumes automatically once the network is back. %v", o.Why)
}
