package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) statusCommand() *cobra.Command {
	var follow, asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What is being done now; without a daemon, what the local database knows",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			c, err := a.locate()
			if err != nil {
				return err
			}
			if follow {
				return a.follow(ctx, c, asJSON)
			}
			s, err := located(ctx, c)
			if err != nil {
				return err
			}
			if asJSON {
				err = a.document(s)
			} else {
				a.showStatus(s, time.Now())
			}
			if err == nil && !s.Running && c.Problem != nil {
				return exit(codeUsage) // what there is to say has been said
			}
			return err
		}),
	}
	cmd.Flags().BoolVar(&follow, "follow", false, "go on and say each change, until Ctrl-C")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// statusReport is what `status --json` writes.
type statusReport struct {
	status.Snapshot
	DataDir string    `json:"data_dir"`
	Holder  *heldLock `json:"holder"` // who works in the data directory; null: nobody
}

// snapshot asks the daemon, or the ledger if none runs.
func snapshot(ctx context.Context, c *config.Config) (r statusReport, err error) {
	r.DataDir = c.DataDir
	client, err := service.Dial(c.DataDir)
	if err == nil {
		r.Snapshot, err = client.Snapshot(ctx)
	}
	if errors.Is(err, status.ErrNotRunning) {
		r.Snapshot, err = service.OfflineSnapshot(ctx, c)
	}
	older := errors.Is(err, ledger.ErrOlder)
	if err != nil && !older {
		return r, err
	}
	h, held, lockErr := service.LockHolder(c.DataDir)
	if held {
		r.Holder = &heldLock{PID: h.PID, Doing: h.Doing}
		if older { // by the holder, now
			r.Trouble, err = "the local database is being brought up to date", nil
		}
	}
	return r, errors.Join(err, lockErr)
}

// located is snapshot, and what is wrong with the config if the daemon did not say that yet.
func located(ctx context.Context, c config.Located) (statusReport, error) {
	r, err := snapshot(ctx, c.Config)
	if r.ConfigError == "" && c.Problem != nil {
		r.ConfigError = c.Problem.Error()
	}
	return r, err
}

// headline says whether and how the daemon works.
func headline(s statusReport, now time.Time) string {
	if !s.Running {
		if s.Holder != nil {
			return fmt.Sprintf("No daemon runs, but scenario-drop %s (process %d) is at work.", s.Holder.Doing, s.Holder.PID)
		}
		text := "Not running. Start it with: scenario-drop start (or: scenario-drop run)"
		if s.Paused {
			text += "; it will then be " + pausedText(s.PausedUntil)
		}
		return text
	}
	text := fmt.Sprintf("Running (process %d)", s.PID)
	if s.Started != nil {
		text = fmt.Sprintf("Running since %s (process %d)", s.Started.Local().Format("2006-01-02 15:04"), s.PID)
	}
	if s.Paused {
		text += ", " + pausedText(s.PausedUntil)
	}
	return text + "."
}

func pausedText(until *time.Time) string {
	if until == nil {
		return "paused until: scenario-drop resume"
	}
	return "paused until " + until.Local().Format("2006-01-02 15:04")
}

// statusLine is the status on one line.
func statusLine(s statusReport) string {
	parts := []string{"not running"}
	switch {
	case s.Running && s.Paused:
		parts[0] = pausedText(s.PausedUntil)
	case s.Running:
		parts[0] = "running"
	case s.Holder != nil:
		parts[0] = s.Holder.Doing + " is at work"
	}
	if s.Trouble != "" {
		parts = append(parts, s.Trouble)
	}
	if s.ConfigError != "" {
		parts = append(parts, "the config has problems")
	}
	parts = append(parts, filesText(s))
	for _, t := range s.Transfers {
		parts = append(parts, transferText(t))
	}
	return strings.Join(parts, "; ")
}

func filesText(s statusReport) string {
	var parts []string
	if text := countsText(s.Counts); text != "" {
		parts = append(parts, text)
	}
	if n := s.Awaited.Count - s.Awaited.Held; n > 0 {
		parts = append(parts, humanize.Comma(int64(n))+" not finished yet")
	}
	if len(parts) == 0 {
		parts = append(parts, "no files yet")
	}
	if n := ignoredSum(s.Folders).FileCount(); n > 0 {
		parts = append(parts, humanize.Comma(int64(n))+" ignored by name or setting")
	}
	return strings.Join(parts, ", ")
}

// awaitedShown is how many of the awaited files a person is shown.
const awaitedShown = 10

// awaitedLines says what the folders wait for, one line for each file and one for the rest.
func awaitedLines(w status.Awaited) (lines []string) {
	for i, f := range w.Files {
		if i == awaitedShown {
			break
		}
		lines = append(lines, fmt.Sprintf("%s: %s", printable(f.Path), f.Sentence))
	}
	if rest := w.Count - len(lines); rest > 0 {
		lines = append(lines, fmt.Sprintf("… and %s not finished yet.", count(rest, "more file", "more files")))
	}
	return lines
}

func transferText(t status.Transfer) string {
	percent := int64(0)
	if t.Size > 0 {
		percent = 100 * min(t.Sent, t.Size) / t.Size
	}
	return fmt.Sprintf("%s: %s, %d%% of %s", printable(t.Path), t.Doing, percent, bytesText(t.Size))
}

// showStatus says the status to a person.
func (a *app) showStatus(s statusReport, now time.Time) {
	st := a.style()
	a.say("%s", headline(s, now))
	if s.Trouble != "" {
		a.say("%s %s", st.bad("!"), fullStop(s.Trouble))
	}
	if s.ConfigError != "" {
		text := "The newest edit of the config is not in force:"
		if !s.Running {
			text = "The config has problems, and it does not start with them:"
		}
		a.say("%s %s", st.bad("!"), text)
		a.say("%s", s.ConfigError)
	}
	a.say("Files: %s.", filesText(s))
	for _, text := range []string{decisionLines(s.Snapshot), unfinishedLines(s.Snapshot)} {
		if text != "" {
			a.say("%s %s", st.bad("!"), text)
		}
	}
	if text := s.VersionsText(); text != "" {
		a.say("%s", text)
	}
	if s.Running && s.BytesSent > 0 {
		a.say("Sent since the start: %s.", bytesText(s.BytesSent))
	}
	for _, t := range s.Transfers {
		a.say("  %s", transferText(t))
	}
	for _, line := range awaitedLines(s.Awaited) {
		a.say("  %s", line)
	}
	for _, f := range s.Folders {
		a.say("Folder %s", folderText(f, now))
		if f.Trouble != "" {
			a.say("  %s %s", st.bad("!"), f.Trouble)
		}
		if f.Shared {
			a.say("  %s %s", st.warn("!"), status.SharedText)
		}
		if f.Ignored.Count > 0 {
			a.say("  Ignored: %s. %s", f.Ignored.Text(), whichIgnored)
		}
		for _, text := range ignoredWarnings(f.Ignored, f.Files) {
			a.say("  %s %s", st.warn("!"), text)
		}
	}
}

func folderText(f status.Folder, now time.Time) string {
	text := printable(f.Path) + " (" + f.Kind + ")"
	if f.Mode != "" {
		text += ", " + f.Mode
		if f.Why != "" {
			text += ", since " + strings.TrimSuffix(f.Why, ".")
		}
	}
	if f.LastScan != nil {
		text += fmt.Sprintf(", scanned %s: %s", humanize.RelTime(*f.LastScan, now, "ago", "from now"), files(f.Files))
		if f.Mode == "polling" && f.NextScan != nil {
			text += fmt.Sprintf("; scanned again %s", humanize.RelTime(*f.NextScan, now, "ago", "from now"))
		}
	}
	return text
}
