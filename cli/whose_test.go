package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"scenario-drop/service"
)

// A command that does all it can before it says whose the data is says how to ask as that account,
// too.
func TestWhoseDataAfterASummary(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{Process: Process{Args: []string{"verify", "--config", "/etc/c.toml"}, Stderr: &errs}, out: &output{to: &out}}
	err := a.finishVerify(verifySummary{}, errors.Join(&service.OtherAccountError{Dir: "/var/lib/x", Owner: "studio"}), false, false)
	if err == nil || !strings.Contains(errs.String(), "scenario-drop verify --config /etc/c.toml") {
		t.Errorf("%v: %s", err, errs.String())
	}
}
