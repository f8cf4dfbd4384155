package cli

import (
	"context"
	"slices"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/service"
	"scenario-drop/status"
)

// dryFile is a line of `once --dry-run --json`.
type dryFile struct {
	Type        string      `json:"type"` // "file"
	Path        string      `json:"path"`
	PathBytes   []byte      `json:"path_bytes,omitempty"`
	Folder      string      `json:"folder"`
	Action      string      `json:"action"` // "send", "continue", "hold" or "ignore"
	Size        int64       `json:"size"`
	Kind        string      `json:"kind,omitempty"`
	Collections []string    `json:"collections,omitempty"`
	Tags        []string    `json:"tags,omitempty"`
	Reason      drop.Reason `json:"reason,omitempty"`
	Detail      string      `json:"detail,omitempty"`
}

// drySummary is the last line.
type drySummary struct {
	Type        string         `json:"type"` // "summary"
	Actions     map[string]int `json:"actions"`
	Bytes       int64          `json:"bytes"` // of what would be sent or continued
	ScanProblem string         `json:"scan_problem,omitempty"`
	AtFault     []string       `json:"settings_at_fault,omitempty"` // of folders, a sentence each, as an earlier run found them
	ExitCode    int            `json:"exit_code"`
}

func actionOf(s drop.State) string {
	switch s {
	case drop.Queued:
		return "send"
	case drop.Held:
		return "hold"
	case drop.Ignored:
		return "ignore"
	}
	return "continue"
}

func (a *app) dryRun(ctx context.Context, asJSON bool) error {
	c, err := a.load(config.Loader{SkipCredentials: true})
	if err != nil {
		return err
	}
	a.warn(c)
	log, _ := newLog(a.Stderr, c.Log.Format, reducedLevel(c.Log.Level))
	sum := drySummary{Type: "summary", Actions: map[string]int{}}
	var writing error
	problem := service.Preview(ctx, c, log, true, func(f service.Finding) {
		d := dryFile{Type: "file", Path: f.Path, PathBytes: status.PathBytes(f.Path), Folder: f.Folder, Action: actionOf(f.State),
			Size: f.Size, Kind: f.Kind, Collections: f.Collections, Tags: f.Tags, Reason: f.Reason, Detail: status.Words(f.Detail)}
		sum.Actions[d.Action]++
		if d.Action == "send" || d.Action == "continue" {
			sum.Bytes += f.Size
		}
		if !asJSON {
			a.say("%s", dryLine(d))
		} else if writing == nil {
			writing = a.line(d)
		}
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case writing != nil:
		return writing
	case problem != nil:
		problem = a.tellWhose(problem)
		sum.ScanProblem, sum.ExitCode = plainWords(problem), codeFailed
	}
	for _, d := range service.SettingsAtFault(ctx, c) {
		sum.AtFault = append(sum.AtFault, status.Sentences(d)...)
	}
	slices.Sort(sum.AtFault)
	if asJSON {
		if err := a.line(sum); err != nil {
			return err
		}
		return exit(sum.ExitCode)
	}
	n := sum.Actions
	a.say("%s would be sent (%s), %d would need attention, %d ignored. Nothing was sent.", files(n["send"]+n["continue"]), bytesText(sum.Bytes), n["hold"], n["ignore"])
	for _, s := range sum.AtFault {
		a.note("%s", s)
	}
	if problem != nil {
		a.note("%s", plainWords(problem))
	}
	return exit(sum.ExitCode)
}

// dryLine says what would become of a file.
func dryLine(d dryFile) string {
	path := printable(d.Path)
	switch d.Action {
	case "hold":
		return path + ": would need attention. " + d.Detail
	case "ignore":
		return path + ": ignored. " + d.Detail
	}
	text := path + ": would be sent as " + d.Kind + ", " + bytesText(d.Size)
	if d.Action == "continue" {
		text = path + ": is being uploaded already and would resume, as " + d.Kind + ", " + bytesText(d.Size)
	}
	if len(d.Collections) > 0 {
		text += ", into " + quoted(d.Collections)
	}
	if len(d.Tags) > 0 {
		text += ", tagged " + quoted(d.Tags)
	}
	return text
}
