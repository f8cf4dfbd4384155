package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"scenario-drop/config"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/service/install"
	"scenario-drop/status"
)

// An error that a command helps against says which, to people behind its text and to programs as its hint.
func TestHint(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{status.ErrNotRunning, "scenario-drop start"},
		{status.ErrNoAnswer, "scenario-drop restart"},
		{status.ErrOtherVersion, "scenario-drop restart"},
		{ledger.ErrOlder, "scenario-drop once"},
		{install.ErrNoConfig, "scenario-drop init"},
		{install.ErrNotInstalled, "scenario-drop install --user"},
		{install.ErrInstalledDifferently, "scenario-drop uninstall --user"},
		{&config.NotFoundError{Searched: []string{"/c.toml"}}, "scenario-drop init, or name it with --config FILE or $SCENARIO_DROP_CONFIG"},
		{&config.NotFoundError{Searched: []string{"/c.toml"}, By: "--config"}, "scenario-drop init"},
		{&file.SwappedError{Path: "/drop", By: &file.Exposure{}}, "scenario-drop restart"},
		{&file.SwappedError{Path: "/drop", By: &file.Exposure{}, System: true}, ""},
		{errors.New("the disk is full"), ""},
	} {
		err := fmt.Errorf("ask the daemon: %w", c.err)
		if got := hint(err); !strings.Contains(got, c.want) || got == "" != (c.want == "") {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
		view := viewOf(err)
		if text := errorText(err); c.want != "" && (!strings.HasSuffix(text, "; "+view.Hint) || !strings.Contains(view.Hint, c.want) || strings.Contains(view.Message, c.want)) {
			t.Errorf("%q, and to programs %+v", text, view)
		}
	}
}
