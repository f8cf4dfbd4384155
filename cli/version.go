package cli

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker (-X scenario-drop/cli.version=1.2.3), never by the program.
var version string

// versionText is the version, or "dev" with the commit for a build that has none.
func versionText() string {
	if version != "" {
		return version
	}
	if commit, _ := builtFrom(); commit != "" {
		return "dev-" + commit[:min(12, len(commit))]
	}
	return "dev"
}

// builtFrom says which commit the program was built from, and when that was made; "" if
// it was not built in a repository.
func builtFrom() (commit, when string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	dirty := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.time":
			when = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " with changes"
		}
	}
	if commit != "" {
		commit += dirty
	}
	return commit, when
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "The version, its commit, Go, and the platform",
		Args:  noArguments,
		RunE: a.does(func(context.Context, []string) error {
			a.say("scenario-drop %s", versionText())
			if commit, when := builtFrom(); commit != "" {
				a.say("commit   %s (%s)", commit, when)
			}
			a.say("go       %s", runtime.Version())
			a.say("platform %s/%s", runtime.GOOS, runtime.GOARCH)
			return nil
		}),
	}
}
