package fakescenario_test

import (
	"testing"

	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/internal/testkit/scenariotest"
)

// The fake is a Scenario, however it acts where Scenario's behaviour is not known.
func TestContract(t *testing.T) {
	for name, o := range map[string]fakescenario.Options{
		"friendliest":    {},
		"slow":           {Working: 3},
		"early":          {Working: 3, EarlyEntityID: true},
		"stays complete": {StaysComplete: true, AddTwiceRefused: true},
		"no parts":       {NoPartsOnGet: true, NoModelTags: true},
	} {
		t.Run(name, func(t *testing.T) {
			scenariotest.Run(t, func(*testing.T) scenariotest.Server {
				s := fakescenario.New(o)
				return scenariotest.Server{API: s, Storage: s, Fresh: true, PartSize: 16, Fail: func(op string, how scenariotest.Failure) {
					err := fakescenario.Status(op, how.Status)
					switch {
					case how.PlanLimit:
						err = fakescenario.PlanLimit(op)
					case how.Status == 0:
						err = fakescenario.Lost(op)
					}
					err.RetryAfter = how.RetryAfter
					s.Fail(fakescenario.Failure{Op: op, Err: err, Done: how.Done})
				}}
			})
		})
	}
}
