package cli

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"scenario-drop/licenses"
)

// Set by the linker (-X scenario-drop/cli.version=1.2.3), never by the program. The commit and
// its time are what builtFrom returns where they are set: what Go finds out itself changes with files that
// lie beside the sources.
var version, commit, commitTime string

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
func builtFrom() (from, when string) {
	if commit != "" {
		return commit, commitTime
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	dirty := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			from = s.Value
		case s.Key == "vcs.time":
			when = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " with changes"
		}
	}
	if from != "" {
		from += dirty
	}
	return from, when
}

// versionReport is what `version --json` writes.
type versionReport struct {
	Version    string             `json:"version"`
	Commit     string             `json:"commit,omitempty"`
	CommitTime string             `json:"commit_time,omitempty"`
	Go         string             `json:"go"`
	Platform   string             `json:"platform"`
	Licenses   []licenses.License `json:"licenses,omitempty"` // with --licenses
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON, texts bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "The version, its commit, Go, and the platform",
		Args:  noArguments,
		RunE: a.does(func(context.Context, []string) error {
			r := versionReport{Version: versionText(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			r.Commit, r.CommitTime = builtFrom()
			switch {
			case asJSON:
				if texts {
					r.Licenses = licenses.All()
				}
				return a.document(r)
			case texts:
				_, err := io.WriteString(a.out, licenses.Text())
				return err
			}
			a.say("scenario-drop %s", r.Version)
			if r.Commit != "" {
				a.say("commit   %s (%s)", r.Commit, r.CommitTime)
			}
			a.say("go       %s", r.Go)
			a.say("platform %s", r.Platform)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&texts, "licenses", false, "the licences of all software in this program")
	jsonFlag(cmd, &asJSON)
	return cmd
}
