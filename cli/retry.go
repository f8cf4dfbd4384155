package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) retryCommand() *cobra.Command {
	var failed, force, dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "retry [PATH…]",
		Short: "Try failed files again: those named, or all",
		Long: `Let failed files be tried again, those named or all of them, and let files that wait for their next try go on at once. A file or a folder of files that were there before (existing = "skip") is uploaded if it is named. Files that may have been sent before, by a local database that was lost, are sent only when they are named. Without a daemon they are tried with the next start.

With --force, files that are held by the judgement of scenario-drop alone, such as that they look cut off, are uploaded as they are now. A later change of the file is judged again. With --dry-run it only says what it would do.`,
		RunE: a.does(func(ctx context.Context, args []string) error {
			switch {
			case failed && len(args) > 0:
				return usagef("--failed means all failed files; name files, or give --failed, not both")
			case force && len(args) == 0:
				return usagef("--force needs the names of the files to upload as they are; which are held: scenario-drop history --failed")
			case dryRun && !force:
				return usagef("--dry-run goes with --force: it says what that would do")
			case force:
				return a.force(ctx, args, dryRun, asJSON)
			}
			return a.retry(ctx, args, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "all failed files, as without a path")
	cmd.Flags().BoolVar(&force, "force", false, "upload held files as they are, though they look cut off or alike")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "with --force: only say what it would do")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// retryReport is what `retry --json` writes.
type retryReport struct {
	Items  int             `json:"items"`   // that are tried again, without --force
	Takes  string          `json:"takes"`   // effect: "now", or with the "next_start"
	DryRun bool            `json:"dry_run"` // nothing was done
	Files  []status.Forced `json:"files"`   // with --force: of each file named, what is done; else those that are held
}

const takesNow, takesNextStart = "now", "next_start"

func (a *app) retry(ctx context.Context, args []string, asJSON bool) error {
	c, paths, err := a.filesNamed(args)
	if err != nil {
		return err
	}
	r := retryReport{Takes: takesNow, Files: []status.Forced{}}
	when := "now"
	r.Items, err = retryOnline(ctx, c.Config, paths)
	if errors.Is(err, status.ErrNotRunning) {
		when, r.Takes = "with the next start", takesNextStart
		r.Items, err = service.RetryOffline(ctx, c.Config, paths)
	}
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		err = a.sayDecisions(ctx, c.Config)
	} else {
		r.Files, err = stillHeld(ctx, c.Config, paths)
	}
	if err != nil {
		return err
	}
	if !asJSON {
		for _, f := range r.Files {
			a.note("%s: %s%s", printable(f.Path), f.Sentence, nextSteps(f.Path, drop.ActionUploadAnyway))
		}
	}
	n := r.Items
	switch {
	case n == 0 && len(r.Files) > 0 && len(r.Files) == len(paths):
		return errors.New("these files are held and are not tried again as they are; to upload them all the same: scenario-drop retry --force PATH")
	case n == 0 && len(paths) > 0:
		return errors.New("none of these files failed or waits for another try; what became of them: scenario-drop why PATH")
	case asJSON:
		return a.document(r)
	case n == 0:
		a.say("No file failed or waits for another try.")
	case n == 1:
		a.say("1 file is tried again %s.", when)
	default:
		a.say("%s are tried again %s.", files(n), when)
	}
	return nil
}

// stillHeld tells of those of the files that are held by our judgement what --force would do.
func stillHeld(ctx context.Context, c *config.Config, paths []string) (held []status.Forced, err error) {
	held = []status.Forced{}
	l, err := service.OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil || l == nil {
		return held, err
	}
	defer l.Close() // it was only read
	for _, path := range paths {
		it, err := l.Find(ctx, path)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f := status.NewFile(it, time.Now()); f.CanForce {
			held = append(held, status.Forced{Path: f.Path, PathBytes: f.PathBytes, Does: status.ForceNothing, State: f.State, Reason: f.Reason, Sentence: f.Sentence})
		}
	}
	return held, nil
}

// force uploads the files named as they are, or says what that would do.
func (a *app) force(ctx context.Context, args []string, dryRun, asJSON bool) error {
	c, paths, err := a.filesNamed(args)
	if err != nil {
		return err
	}
	r := retryReport{Takes: takesNow, DryRun: dryRun}
	client, err := service.Dial(c.DataDir)
	if err == nil {
		r.Files, err = client.Force(ctx, paths, dryRun)
	}
	if errors.Is(err, status.ErrNotRunning) {
		r.Takes = takesNextStart
		r.Files, err = service.ForceOffline(ctx, c.Config, paths, dryRun)
	}
	if err != nil {
		return err
	}
	done := 0
	for _, f := range r.Files {
		if f.Does != status.ForceNothing {
			done++
		}
		if !asJSON {
			a.say("%s: %s", printable(f.Path), f.Sentence)
		}
	}
	r.Items = done
	if asJSON {
		err = a.document(r)
	} else {
		a.sayForced(done, r)
	}
	switch {
	case err != nil || done == len(r.Files):
		return err
	case done == 0:
		return exit(codeFailed)
	}
	return exit(codeSomeFiles)
}

func (a *app) sayForced(done int, r retryReport) {
	switch {
	case done == 0 && len(r.Files) == 1:
		a.say("Nothing is uploaded.")
	case r.DryRun:
		a.say("Nothing was done: this only tells what --force would do.")
	case r.Takes == takesNextStart:
		a.say("%s with the next start: scenario-drop start (or: scenario-drop once)", fmt.Sprintf("%s of %d", count(done, "file", "files"), len(r.Files)))
	}
}

func retryOnline(ctx context.Context, c *config.Config, paths []string) (int, error) {
	client, err := service.Dial(c.DataDir)
	if err != nil {
		return 0, err
	}
	return client.Retry(ctx, paths)
}

// sayDecisions says that a retry of all files left those out that wait for an answer.
func (a *app) sayDecisions(ctx context.Context, c *config.Config) error {
	s, err := snapshot(ctx, c)
	if err != nil {
		return err
	}
	if text := decisionLines(s.Snapshot); text != "" {
		a.note("%s", text)
	}
	return nil
}
