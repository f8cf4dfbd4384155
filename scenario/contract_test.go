package scenario_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"scenario-drop/internal/testkit/scenariotest"
	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// The client and the test server together are a Scenario, however the server acts where Scenario's
// behaviour is not known.
func TestContract(t *testing.T) {
	for name, o := range map[string]standin.Options{
		"friendliest":      {},
		"at once":          {ImportDelay: -1},
		"slow":             {ImportDelay: 20 * time.Millisecond, Behavior: standin.Behavior{EarlyEntityID: true}},
		"stays complete":   {Behavior: standin.Behavior{StaysComplete: true, AddTwice: "error", UnknownParent: 404}},
		"no parts":         {Behavior: standin.Behavior{NoPartsOnGet: true, Recomplete: 409, UnknownParent: 422, NoAssetList: true}},
		"answers again":    {Behavior: standin.Behavior{Recomplete: 200, IncompleteFails: true, ShuffleParts: true, OpaqueETag: true, JobID: true, Expires: "offset"}},
		"reason":           {Behavior: standin.Behavior{ErrorShape: "reason", Converted: true, Originals: true, RedirectDownloads: true}},
		"nested, unknown":  {Behavior: standin.Behavior{ErrorShape: "nested", Unknown: true, Expires: "http"}},
		"gateway's errors": {Behavior: standin.Behavior{ErrorShape: "message", NoModelTags: true, Expires: "none"}},
		"text":             {Behavior: standin.Behavior{ErrorShape: "text"}},
		"empty":            {Behavior: standin.Behavior{ErrorShape: "empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.MinPartSize = 16
			scenariotest.Run(t, func(t *testing.T) scenariotest.Server {
				server := standintest.Start(t, o)
				t.Cleanup(func() {
					if v := server.Account().Violations; len(v) > 0 {
						t.Errorf("the client did what it must not: %+v", v)
					}
				})
				s := contractServer(t, scenario.Options{BaseURL: server.BaseURL(), Key: server.Key(), Secret: server.Secret()})
				s.Fresh, s.PartSize, s.Fail = !o.Behavior.NoAssetList, o.MinPartSize, func(op string, how scenariotest.Failure) { server.Inject(standinFault(op, how)) }
				return s
			})
		})
	}
}

// A real server, if the environment names one. What the suite makes there stays there: some twenty
// small assets, a few models and collections. It is meant for a project of its own.
func TestContractWithARealServer(t *testing.T) {
	o := scenario.Options{BaseURL: os.Getenv("SCENARIO_DROP_TEST_URL"), Key: os.Getenv("SCENARIO_DROP_TEST_API_KEY"),
		Secret: os.Getenv("SCENARIO_DROP_TEST_API_SECRET"), ProjectID: os.Getenv("SCENARIO_DROP_TEST_PROJECT")}
	if o.BaseURL == "" {
		t.Skip("NO REAL SERVER WAS TESTED: set SCENARIO_DROP_TEST_URL, SCENARIO_DROP_TEST_API_KEY, SCENARIO_DROP_TEST_API_SECRET and SCENARIO_DROP_TEST_PROJECT")
	}
	scenariotest.Run(t, func(t *testing.T) scenariotest.Server {
		s := contractServer(t, o)
		s.PartSize = 5 << 20 // S3's smallest
		return s
	})
}

// contractServer is what a client makes of a server, with everything on the wire held to the reference.
func contractServer(t *testing.T, o scenario.Options) scenariotest.Server {
	t.Helper()
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	o.Transport = scenariotest.Shapes(t, base.Path, transport)
	c, err := scenario.New(o)
	if err != nil {
		t.Fatal(err)
	}
	storage := scenario.NewStorage(scenario.StorageOptions{Public: c.Public()})
	t.Cleanup(storage.CloseIdleConnections)
	return scenariotest.Server{API: c, Storage: storage}
}

// standinFault is a failure of the suite as the test server has it.
func standinFault(op string, how scenariotest.Failure) standin.Fault {
	f := standin.Fault{Op: op, Do: standin.DoDrop, Status: how.Status}
	switch {
	case how.Status != 0:
		f.Do = standin.DoStatus
	case how.Done:
		f.When = standin.After
	}
	if how.RetryAfter > 0 {
		f.RetryAfter = fmt.Sprint(int(how.RetryAfter.Seconds()))
	}
	if how.PlanLimit {
		f.Body = standin.PlanLimitReached
	}
	return f
}
