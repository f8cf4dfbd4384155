package cli

import (
	"errors"

	"scenario-drop/config"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/service/install"
	"scenario-drop/status"
)

// hint says which command helps against an error; "" if none is known to.
func hint(err error) string {
	if e, ok := errors.AsType[*config.NotFoundError](err); ok {
		if e.By != "" {
			return "make one with: scenario-drop init"
		}
		return "make one with: scenario-drop init, or name it with --config FILE or $" + config.EnvFile
	}
	if e, ok := errors.AsType[*file.SwappedError](err); ok && !e.System {
		return "if that is right: scenario-drop restart"
	}
	for _, h := range []struct {
		err  error
		text string
	}{
		{status.ErrNotRunning, "start it with: scenario-drop start (or: scenario-drop run)"},
		{status.ErrNoAnswer, "try again in a moment, or restart it with: scenario-drop restart"},
		{status.ErrOtherVersion, "restart it with: scenario-drop restart"},
		{ledger.ErrOlder, "or bring it up to date with: scenario-drop once"},
		{install.ErrNoConfig, "make one with: scenario-drop init"},
		{install.ErrNotInstalled, "install it first with: scenario-drop install --user (or --system)"},
		{install.ErrInstalledDifferently, "remove it with: scenario-drop uninstall --user (or --system)"},
	} {
		if errors.Is(err, h.err) {
			return h.text
		}
	}
	return ""
}
