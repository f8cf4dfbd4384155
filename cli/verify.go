package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) verifyCommand() *cobra.Command {
	var remote, asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare the folders, the ledger and (with --remote) Scenario",
		Long:  "Compare what is in the folders with what the ledger knows, and with --remote also each asset with Scenario: whether it is there, in its collections, and of the right size. It reports and changes nothing.",
		Args:  noArguments,
		RunE:  a.does(func(ctx context.Context, _ []string) error { return a.verify(ctx, remote, asJSON) }),
	}
	cmd.Flags().BoolVar(&remote, "remote", false, "ask Scenario for each asset, too")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// verifiedFile is a line of `verify --json`.
type verifiedFile struct {
	Type          string               `json:"type"` // "file"
	Path          string               `json:"path"`
	PathBytes     []byte               `json:"path_bytes,omitempty"`
	State         ledger.State         `json:"state,omitempty"` // absent: not in the ledger
	Asset         string               `json:"asset,omitempty"`
	RemoteChecked bool                 `json:"remote_checked"`
	Differences   []service.Difference `json:"differences"`
}

// verifySummary is the last line.
type verifySummary struct {
	Type        string          `json:"type"` // "summary"
	Files       int             `json:"files"`
	Different   int             `json:"different"`
	Differences map[string]int  `json:"differences"` // by code
	Ignored     status.Ignored  `json:"ignored"`
	Folders     []status.Folder `json:"folders"`
	Unreachable string          `json:"unreachable,omitempty"`
	Problem     string          `json:"problem,omitempty"` // folders that could not be looked through
	ExitCode    int             `json:"exit_code"`
}

func (a *app) verify(ctx context.Context, remote, asJSON bool) error {
	c, err := a.load(config.Loader{SkipCredentials: !remote})
	if err != nil {
		return err
	}
	log, _ := newLog(a.Stderr, c.Log.Format, quieter(c.Log.Level))
	var api *scenario.Client
	if remote {
		if api, err = service.NewClient(c, log); err != nil {
			return err
		}
		defer api.CloseIdleConnections()
	}
	sum := verifySummary{Type: "summary", Differences: map[string]int{}}
	var writing error
	found, err := service.Verify(ctx, c, api, log, func(f service.Verified) {
		sum.Files++
		if len(f.Differences) > 0 {
			sum.Different++
		}
		for _, d := range f.Differences {
			sum.Differences[d.Code]++
			if !asJSON {
				a.say("%s: %s", printable(f.Path), d.Sentence)
			}
		}
		if asJSON && writing == nil {
			writing = a.line(verifiedFile{Type: "file", Path: f.Path, PathBytes: status.PathBytes(f.Path), State: f.Item.State, Asset: f.Item.Asset,
				RemoteChecked: f.Remote, Differences: append([]service.Difference{}, f.Differences...)})
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if writing != nil {
		return writing
	}
	sum.Ignored, sum.Folders = ignoredSum(found.Folders), append([]status.Folder{}, found.Folders...)
	return a.finishVerify(sum, err, remote, asJSON)
}

func (a *app) finishVerify(sum verifySummary, err error, remote, asJSON bool) error {
	switch class := scenario.ClassOf(err); {
	case class == scenario.NotFound || class == scenario.Rejected:
		sum.Problem = err.Error()
	case class != 0:
		sum.Unreachable = err.Error()
	case err != nil:
		sum.Problem = err.Error()
	}
	sum.ExitCode = verifyCode(sum)
	if asJSON {
		return errors.Join(a.line(sum), exit(sum.ExitCode))
	}
	switch {
	case sum.Different > 0:
		a.say("%s looked at, %d with differences. Nothing was changed.", files(sum.Files), sum.Different)
	case remote && sum.Unreachable == "":
		a.say("%s looked at: disk, ledger and Scenario agree.", files(sum.Files))
	default:
		a.say("%s looked at: disk and ledger agree.", files(sum.Files))
	}
	for _, line := range ignoredLines(sum.Folders) {
		a.say("%s", line)
	}
	if sum.Unreachable != "" {
		a.note("Scenario could not be asked for everything: %s", fullStop(sum.Unreachable))
	}
	if sum.Problem != "" {
		a.note("%s", sum.Problem)
	}
	return exit(sum.ExitCode)
}

// verifyCode is the exit code; 4 means that nothing else is wrong.
func verifyCode(s verifySummary) int {
	switch {
	case s.Problem != "":
		return codeFailed
	case s.Different > 0:
		return codeSomeFiles
	case s.Unreachable != "":
		return codeUnreachable
	}
	return codeWell
}
