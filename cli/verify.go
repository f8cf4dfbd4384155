package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/scenario"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) verifyCommand() *cobra.Command {
	var remote, asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare the folders, the local database and (with --remote) Scenario",
		Long:  "Compare what is in the folders with what the local database knows, and with --remote also each asset with Scenario: whether it is there, in its collections, and of the size that was sent. It reports and changes nothing. That imported files were deleted, moved away or renamed since is normal, and only counted.",
		Args:  noArguments,
		RunE:  a.does(func(ctx context.Context, _ []string) error { return a.verify(ctx, remote, asJSON) }),
	}
	cmd.Flags().BoolVar(&remote, "remote", false, "ask Scenario for the assets, too")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// verifiedFile is a line of `verify --json`.
type verifiedFile struct {
	Type          string               `json:"type"` // "file"
	Path          string               `json:"path"`
	PathBytes     []byte               `json:"path_bytes,omitempty"`
	State         drop.State           `json:"state,omitempty"` // absent: not in the ledger
	Asset         string               `json:"asset,omitempty"`
	RemoteChecked bool                 `json:"remote_checked"`
	SizeUnknown   bool                 `json:"size_unknown,omitempty"` // Scenario tells only the size of a conversion
	Removed       bool                 `json:"removed,omitempty"`      // imported, and deleted or moved away since
	Renamed       bool                 `json:"renamed,omitempty"`      // imported under another name, as it seems
	Differences   []service.Difference `json:"differences"`
}

// verifySummary is the last line.
type verifySummary struct {
	Type        string          `json:"type"` // "summary"
	Files       int             `json:"files"`
	Different   int             `json:"different"`
	Differences map[string]int  `json:"differences"`   // by code
	Removed     int             `json:"removed"`       // imported files that were deleted or moved away since, which is normal
	Renamed     int             `json:"renamed"`       // imported files that seem to have another name since
	SizeUnknown int             `json:"size_unknown"`  // assets of which Scenario tells only the size of a conversion
	LedgerMade  bool            `json:"ledger_exists"` // false: nothing was sent from here so far
	Ignored     status.Ignored  `json:"ignored"`
	Folders     []status.Folder `json:"folders"`
	Unreachable string          `json:"unreachable,omitempty"`
	Problem     string          `json:"problem,omitempty"` // folders that could not be scanned
	ExitCode    int             `json:"exit_code"`
}

func (a *app) verify(ctx context.Context, remote, asJSON bool) error {
	c, err := a.load(config.Loader{SkipCredentials: !remote})
	if err != nil {
		return err
	}
	log, _ := newLog(a.Stderr, c.Log.Format, reducedLevel(c.Log.Level))
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
		if f.SizeUnknown {
			sum.SizeUnknown++
		}
		for _, d := range f.Differences {
			sum.Differences[d.Code]++
			if !asJSON {
				a.say("%s: %s", printable(f.Path), d.Sentence)
			}
		}
		if asJSON && writing == nil {
			writing = a.line(verifiedFile{Type: "file", Path: f.Path, PathBytes: status.PathBytes(f.Path), State: f.Item.State, Asset: f.Item.Asset,
				RemoteChecked: f.Remote, SizeUnknown: f.SizeUnknown, Removed: f.Removed, Renamed: f.Renamed, Differences: append([]service.Difference{}, f.Differences...)})
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if writing != nil {
		return writing
	}
	sum.Removed, sum.Renamed, sum.LedgerMade = found.Removed, found.Renamed, found.Ledger
	sum.Ignored, sum.Folders = ignoredSum(found.Folders), append([]status.Folder{}, found.Folders...)
	return a.finishVerify(sum, err, remote, asJSON)
}

func (a *app) finishVerify(sum verifySummary, err error, remote, asJSON bool) error {
	err = a.tellWhose(err)
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
	a.say("%s", verifySentence(sum, remote))
	if text := normalText(sum); text != "" {
		a.say("%s", text)
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

// verifySentence sums up. It says that all agree only where all was compared.
func verifySentence(sum verifySummary, remote bool) string {
	compared := files(sum.Files) + " compared"
	switch {
	case sum.Different > 0:
		return fmt.Sprintf("%s, %s with differences. Nothing was changed.", compared, humanize.Comma(int64(sum.Different)))
	case sum.Problem != "":
		return compared + ", but not all that there is: see below. Nothing was changed."
	case !sum.LedgerMade:
		return compared + ". There is no local database yet: nothing was sent from here so far."
	case remote && sum.Unreachable != "":
		return compared + ": the folders and the local database agree. Not all was compared with Scenario."
	case remote:
		return compared + ": the folders, the local database and Scenario agree."
	}
	return compared + ": the folders and the local database agree."
}

// normalText says what is no difference, though somebody may wonder; "" if there is nothing.
func normalText(sum verifySummary) string {
	var all []string
	if sum.Removed > 0 {
		all = append(all, count(sum.Removed, "imported file was", "imported files were")+" deleted, moved away or renamed since, which is normal.")
	}
	if sum.Renamed > 0 {
		all = append(all, count(sum.Renamed, "imported file seems", "imported files seem")+" to have another name since; the next run or once takes note, and sends nothing again.")
	}
	if sum.SizeUnknown > 0 {
		all = append(all, "Of "+count(sum.SizeUnknown, "asset", "assets")+" Scenario tells only the size of a conversion, which was not compared.")
	}
	return strings.Join(all, " ")
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
