package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) checkCommand() *cobra.Command {
	var offline, asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the config, the key, the collections and the folders",
		Long:  "Say every problem of the config at once, with its line. Then, unless --offline, look whether Scenario takes the key, at each collection, at each folder, and at the data directory.",
		Args:  noArguments,
		RunE:  a.does(func(ctx context.Context, _ []string) error { return a.check(ctx, offline, asJSON) }),
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "only the config and this computer; ask Scenario nothing")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// checkReport is what `check --json` writes.
type checkReport struct {
	OK       bool         `json:"ok"`
	ExitCode int          `json:"exit_code"`
	Config   string       `json:"config"`
	Problems []problem    `json:"problems"`
	Warnings []problem    `json:"warnings"`
	Offline  bool         `json:"offline"`
	API      *apiCheck    `json:"api,omitempty"`
	Folders  []folderView `json:"folders"`
	DataDir  *dataCheck   `json:"data_dir,omitempty"`

	Collections []collectionCheck `json:"collections"`
}

// problem is a config.Problem.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func problemsOf(all []config.Problem) []problem {
	out := make([]problem, len(all))
	for i, p := range all {
		out[i] = problem{p.File, p.Line, p.Column, p.Message, p.Hint}
	}
	return out
}

func (a *app) check(ctx context.Context, offline, asJSON bool) error {
	r := checkReport{Offline: offline, Problems: []problem{}, Warnings: []problem{}, Collections: []collectionCheck{}, Folders: []folderView{}}
	file, err := config.Find(a.config, a.Getenv)
	if err != nil {
		return err
	}
	r.Config = file
	c, err := config.Loader{Getenv: a.Getenv}.Load(file)
	problems, bad := errors.AsType[config.Problems](err)
	switch {
	case bad:
		r.Problems, r.ExitCode = problemsOf(problems), codeUsage
	case err != nil:
		return err
	default:
		r.Warnings = problemsOf(c.Warnings)
		r.Folders = checkFolders(c)
		r.DataDir = checkDataDir(ctx, c.DataDir, a.Args)
		if err := service.CheckPlace(c); err != nil && r.DataDir.Trouble == "" {
			r.DataDir.Trouble = fullStop(err.Error())
		}
		if !offline {
			if r.API, r.Collections, err = checkAPI(ctx, c); err != nil {
				return err
			}
			settingsAtFault(ctx, c, &r)
		}
		r.ExitCode = r.code()
	}
	r.OK = r.ExitCode == codeWell
	if !asJSON {
		a.showCheck(r, problems)
	} else if err := a.document(r); err != nil {
		return err
	}
	return exit(r.ExitCode)
}

// settingsAtFault tells which settings of folders Scenario does not take: what was just
// found, and what a daemon or a pass found when it used them.
func settingsAtFault(ctx context.Context, c *config.Config, r *checkReport) {
	known := service.SettingsOnlyUploadsKnow(ctx, c)
	for i := range r.Folders {
		f := &r.Folders[i]
		if wrong := r.API.parents[f.Path]; wrong != "" {
			f.Trouble = strings.TrimSpace(f.Trouble + " " + wrong)
		}
		f.Warnings = append(f.Warnings, status.Sentences(known[f.Path])...)
	}
}

// code is the exit code of a report on a config without problems.
func (r checkReport) code() int {
	for _, f := range r.Folders {
		if f.Trouble != "" {
			return codeFailed
		}
	}
	if r.DataDir.Trouble != "" || r.DataDir.LedgerTrouble != "" {
		return codeFailed
	}
	for _, c := range r.Collections {
		if c.Trouble != "" && !c.Unreachable {
			return codeFailed
		}
	}
	if r.API != nil && r.API.Trouble != "" {
		return codeUnreachable
	}
	for _, c := range r.Collections {
		if c.Unreachable {
			return codeUnreachable
		}
	}
	return codeWell
}

// showCheck says the report to a person: ✓ for what is well, ! for what is not.
func (a *app) showCheck(r checkReport, problems config.Problems) {
	s := a.style()
	good, bad, mind := s.good("✓"), s.bad("!"), s.warn("!")
	if len(problems) > 0 {
		for _, p := range problems {
			a.say("%s", p)
		}
		a.say("%s The config %s has %s.", bad, r.Config, count(len(problems), "problem", "problems"))
		return
	}
	a.say("%s The config %s has no problems.", good, r.Config)
	for _, w := range r.Warnings {
		a.say("%s %s", mind, config.Problem{File: w.File, Line: w.Line, Column: w.Column, Message: w.Message, Hint: w.Hint})
	}
	mark := func(trouble, well string) {
		if trouble != "" {
			a.say("%s %s", bad, trouble)
		} else {
			a.say("%s %s", good, well)
		}
	}
	mark(r.DataDir.Trouble, r.DataDir.text())
	if r.DataDir.LedgerState != "" {
		mark(r.DataDir.LedgerTrouble, r.DataDir.ledgerText())
	}
	for _, f := range r.Folders {
		mark(f.Trouble, f.text())
		for _, w := range f.Warnings {
			a.say("%s %s", mind, w)
		}
	}
	if r.API != nil {
		mark(r.API.Trouble, r.API.text())
		for _, w := range r.API.Warnings {
			a.say("%s %s", mind, w)
		}
	}
	for _, c := range r.Collections {
		mark(c.Trouble, c.text())
		if w := c.warning(); w != "" {
			a.say("%s %s", mind, w)
		}
	}
}
