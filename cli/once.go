package cli

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
)

// maxFailures is how many files that keep failing the summary names; the history has them all.
const maxFailures = 50

func (a *app) onceCommand() *cobra.Command {
	var dry, asJSON bool
	cmd := &cobra.Command{
		Use:   "once",
		Short: "Send what is new in the folders, wait until it is imported, and end",
		Long:  "Scan every folder once, send what is new, wait until all of it is imported, and end. With --dry-run, say what would be sent and what would not, and why; nothing is written and nobody is asked.",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if dry {
				return a.dryRun(ctx, asJSON)
			}
			return a.once(ctx, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be done")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (a *app) once(ctx context.Context, asJSON bool) error {
	c, err := a.load(config.Loader{})
	if err != nil {
		return err
	}
	a.warn(c)
	show := a.newProgress(asJSON)
	defer show.end()
	log, _ := newLog(show, c.Log.Format, reducedLevel(c.Log.Level))
	p := &onePass{app: a, asJSON: asJSON, show: show}
	res, err := service.Once(ctx, c, log, p.rested, show.update)
	show.end()
	if p.err != nil {
		return p.err
	}
	if err != nil {
		return interrupted(ctx, err)
	}
	if res.Stuck > 0 {
		if p.stuck, err = service.StuckFiles(ctx, c.DataDir, maxFailures); err != nil {
			return err
		}
	}
	return p.finish(res)
}

// reducedLevel is the level for a command whose output says what is done anyway.
func reducedLevel(l slog.Level) slog.Level {
	if l == slog.LevelInfo || l == slog.LevelWarn {
		return slog.LevelError // a warning is about a file, which is reported by itself
	}
	return l
}

// interrupted gives the end by a signal its words.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &exitError{code: codeFailed, err: errors.New("interrupted; what was being done resumes with the next start")}
	}
	return err
}

// onePass gathers what a pass comes to.
type onePass struct {
	*app
	asJSON  bool
	show    *progress
	already int // imported without sending anything
	stuck   []status.File
	err     error
}

// onceFile is a line of `once --json`.
type onceFile struct {
	Type string `json:"type"` // "file"
	status.File
	Sent bool `json:"sent"` // false: nothing had to be sent, the content was there already
}

// rested takes a file that came to rest.
func (p *onePass) rested(it ledger.Item) {
	f := status.NewFile(it, time.Now())
	already := it.State == drop.Imported && it.Upload.ID == 0
	if already {
		p.already++
	}
	p.show.rested()
	switch {
	case p.err != nil:
	case p.asJSON:
		p.err = p.line(onceFile{Type: "file", File: f, Sent: it.State == drop.Imported && !already})
	case it.State == drop.Imported && !(p.show.bars() && p.terminal(p.Stdout)): // lines would break the bar
		p.say("%s: imported as %s", printable(it.Path), it.Asset)
	}
}

// onceAttention is what failed or is held, in this pass or before.
type onceAttention struct {
	Failed int           `json:"failed"`
	Held   int           `json:"held"`
	Before int           `json:"before"` // of both, since before this pass
	Files  []status.File `json:"files"`  // the most recent of them
}

func attentionOf(a service.Attention, now time.Time) onceAttention {
	o := onceAttention{Failed: a.Failed, Held: a.Held, Before: a.Before, Files: make([]status.File, len(a.Files))}
	for i, it := range a.Files {
		o.Files[i] = status.NewFile(it, now)
	}
	return o
}

// onceSummary is the last line of `once --json`.
type onceSummary struct {
	Type         string             `json:"type"` // "summary"
	Counts       map[drop.State]int `json:"counts"`
	Already      int                `json:"already_at_scenario"` // of those imported
	Attention    onceAttention      `json:"needs_attention"`
	Stuck        int                `json:"stuck"`
	StuckFiles   []status.File      `json:"stuck_files,omitempty"` // the first of them
	Waiting      int                `json:"waiting"`
	NeedDecision int                `json:"need_decision"` // files held until the user says whether to send them
	Ignored      status.Ignored     `json:"ignored"`
	Folders      []status.Folder    `json:"folders"`
	AtFault      []string           `json:"settings_at_fault,omitempty"` // of folders, a sentence each
	InFolders    int                `json:"waiting_for_settings"`        // files that wait for one of those
	Unreachable  string             `json:"unreachable,omitempty"`
	ScanProblem  string             `json:"scan_problem,omitempty"`
	ExitCode     int                `json:"exit_code"`
}

func (p *onePass) finish(res service.Result) error {
	code := onceCode(res)
	attention := attentionOf(res.Attention, time.Now())
	if p.asJSON {
		s := onceSummary{Type: "summary", Counts: res.Counts, Already: p.already, Attention: attention, Stuck: res.Stuck, StuckFiles: p.stuck, Waiting: res.Waiting, NeedDecision: res.NeedDecision,
			Ignored: ignoredSum(res.Folders), Folders: res.Folders, AtFault: res.AtFault, InFolders: res.InFolders, Unreachable: res.Unreachable, ExitCode: code}
		if res.ScanProblem != nil {
			s.ScanProblem = plainWords(res.ScanProblem)
		}
		if err := p.line(s); err != nil {
			return err
		}
		return exit(code)
	}
	p.say("%s", onceSentence(res, p.already))
	for _, line := range ignoredLines(res.Folders) {
		p.say("%s", line)
	}
	for _, f := range attention.Files {
		p.note("%s: %s", printable(f.Path), sentence(f))
	}
	if more := res.Attention.Total() - len(attention.Files); more > 0 {
		p.note("… and %s; all of them: scenario-drop history --failed --limit %d", count(more, "more file", "more files"), res.Attention.Total())
	}
	for _, f := range p.stuck {
		p.note("%s: %s", printable(f.Path), sentence(f))
	}
	if text := decisionLines(status.Snapshot{NeedDecision: res.NeedDecision}); text != "" {
		p.note("%s", text)
	}
	for _, trouble := range res.AtFault {
		p.note("%s", trouble)
	}
	if res.ScanProblem != nil {
		p.note("%s", plainWords(res.ScanProblem))
	}
	if res.Unreachable != "" {
		if !p.show.said(res.Unreachable) {
			p.note("%s", fullStop(res.Unreachable))
		}
		p.note("What is left resumes with the next start.")
	}
	return exit(code)
}

// onceCode is the exit code of a pass. The worst of what happened counts; 4 means that
// nothing else is wrong.
func onceCode(r service.Result) int {
	switch {
	case r.ScanProblem != nil:
		return codeFailed
	case r.Attention.Total()+r.Stuck+r.NeedDecision+r.InFolders+len(r.AtFault) > 0:
		return codeSomeFiles
	case r.Unreachable != "":
		return codeUnreachable
	}
	return codeWell
}

// onceSentence sums up a pass: "12 imported, 1 already at Scenario, 1 failed."
func onceSentence(r service.Result, already int) string {
	counts := map[drop.State]int{}
	for s, n := range r.Counts {
		counts[s] = n
	}
	counts[drop.Imported] -= already
	var parts []string
	if n := counts[drop.Imported]; n > 0 {
		parts = append(parts, humanize.Comma(int64(n))+" imported")
	}
	if already > 0 {
		parts = append(parts, humanize.Comma(int64(already))+" already at Scenario")
	}
	delete(counts, drop.Imported)
	if rest := countsText(counts); rest != "" {
		parts = append(parts, rest)
	}
	if r.Stuck > 0 {
		parts = append(parts, count(r.Stuck, "keeps failing", "keep failing"))
	}
	if r.InFolders > 0 {
		parts = append(parts, count(r.InFolders, "waits for a setting of its folder", "wait for a setting of their folder"))
	}
	nothing := "Nothing is new in the folders"
	if r.ScanProblem != nil {
		nothing = "Nothing is new, as far as the folders could be read"
	}
	if n := r.Attention.Before; n > 0 {
		parts = append(parts, count(n, "file from before needs attention", "files from before need attention"))
		if len(parts) == 1 {
			return nothing + "; " + parts[0] + "."
		}
	}
	if r.Waiting > 0 {
		parts = append(parts, humanize.Comma(int64(r.Waiting))+" waiting for Scenario")
	}
	if len(parts) == 0 && r.ScanProblem != nil {
		return nothing + "."
	}
	if len(parts) == 0 {
		if ignoredSum(r.Folders).Count > 0 {
			return "Nothing to do: nothing is new in the folders, and what is ignored there stays so."
		}
		return "Nothing to do: nothing is new in the folders."
	}
	return strings.Join(parts, ", ") + "."
}

func fullStop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
