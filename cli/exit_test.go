package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/scenario"
	"scenario-drop/service"
	"scenario-drop/status"
)

func TestExitCodes(t *testing.T) {
	class := func(c scenario.Class) error { return fmt.Errorf("ask: %w", &scenario.Error{Op: "asking", Class: c}) }
	for _, c := range []struct {
		name string
		err  error
		code int
		text string // "": not checked
	}{
		{"well", nil, 0, ""},
		{"any error", errors.New("disk full"), 1, "scenario-drop: disk full"},
		{"said already", exit(3), 3, ""},
		{"usage", usagef("no such %s", "thing"), 2, "scenario-drop: no such thing"},
		{"usage, wrapped", fmt.Errorf("init: %w", usagef("no")), 2, "scenario-drop: init: no"},
		{"config", config.Problems{{File: "c.toml", Line: 3, Column: 1, Message: "bad", Hint: "mend it"}, {File: "c.toml", Line: 4, Column: 2, Message: "worse"}}, 2,
			"c.toml:3:1: bad (mend it)\nc.toml:4:2: worse"},
		{"no config", fmt.Errorf("load: %w", &config.NotFoundError{Searched: []string{"/x"}}), 2, ""},
		{"locked", &service.LockedError{Dir: "/data"}, 1, ""},
		{"no daemon", status.ErrNotRunning, 1, ""},
		{"interrupted", fmt.Errorf("scan: %w", context.Canceled), 1, "Interrupted."},
		{"network", class(scenario.Network), 4, ""},
		{"key", class(scenario.Refused), 4, ""},
		{"rate limit", class(scenario.RateLimited), 4, ""},
		{"5xx", class(scenario.ServerFault), 4, ""},
		{"a login page", class(scenario.Garbled), 4, ""},
		{"a no to one thing", class(scenario.Rejected), 1, ""},
		{"a thing gone", class(scenario.NotFound), 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := exitCode(c.err); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
			if got := errorText(c.err); c.text != "" && got != c.text {
				t.Errorf("text %q, want %q", got, c.text)
			}
		})
	}
}

func TestOnceCodeAndSentence(t *testing.T) {
	counts := func(all ...any) map[drop.State]int {
		m := map[drop.State]int{}
		for i := 0; i < len(all); i += 2 {
			m[all[i].(drop.State)] = all[i+1].(int)
		}
		return m
	}
	for _, c := range []struct {
		result   service.Result
		already  int
		code     int
		sentence string
	}{
		{service.Result{}, 0, 0, "Nothing to do: nothing is new in the folders."},
		{service.Result{Counts: counts(drop.Imported, 13, drop.Failed, 1), Attention: service.Attention{Failed: 1}}, 1, 3, "12 imported, 1 already at Scenario, 1 failed."},
		{service.Result{Counts: counts(drop.Imported, 1)}, 1, 0, "1 already at Scenario."},
		{service.Result{Counts: counts(drop.Imported, 1234, drop.Ignored, 2, drop.Superseded, 1)}, 0, 0, "1,234 imported, 2 ignored, 1 replaced by a newer version."},
		{service.Result{Counts: counts(drop.Held, 2), Attention: service.Attention{Held: 2}}, 0, 3, "2 need attention."},
		{service.Result{Counts: counts(drop.Held, 1, drop.Imported, 1)}, 0, 0, "1 imported, 1 needs attention."}, // one after the other
		{service.Result{Attention: service.Attention{Failed: 1, Held: 2, Before: 3}}, 0, 3, "Nothing is new in the folders; 3 files from before need attention."},
		{service.Result{Counts: counts(drop.Imported, 1), Attention: service.Attention{Failed: 1, Before: 1}}, 0, 3, "1 imported, 1 file from before needs attention."},
		{service.Result{Stuck: 1}, 0, 3, "1 keeps failing."},
		{service.Result{InFolders: 40, AtFault: []string{"collection"}}, 0, 3, "40 wait for a setting of their folder."},
		{service.Result{Unreachable: "no network", Waiting: 3}, 0, 4, "3 waiting for Scenario."},
		{service.Result{Counts: counts(drop.Failed, 1), Attention: service.Attention{Failed: 1}, Unreachable: "no network", Waiting: 3}, 0, 3, "1 failed, 3 waiting for Scenario."},
		{service.Result{Counts: counts(drop.Failed, 1), ScanProblem: errors.New("gone")}, 0, 1, "1 failed."},
		{service.Result{ScanProblem: errors.New("gone")}, 0, 1, "Nothing is new, as far as the folders could be read."},
	} {
		if got := onceCode(c.result); got != c.code {
			t.Errorf("%+v: exit code %d, want %d", c.result, got, c.code)
		}
		if got := onceSentence(c.result, c.already); got != c.sentence {
			t.Errorf("%+v: %q, want %q", c.result, got, c.sentence)
		}
	}
}

func TestVerifyCode(t *testing.T) {
	for _, c := range []struct {
		sum  verifySummary
		code int
	}{
		{verifySummary{Files: 3}, 0},
		{verifySummary{Different: 1}, 3},
		{verifySummary{Unreachable: "no network"}, 4},
		{verifySummary{Unreachable: "no network", Different: 1}, 3},
		{verifySummary{Problem: "a folder is gone", Different: 1}, 1},
	} {
		if got := verifyCode(c.sum); got != c.code {
			t.Errorf("%+v: exit code %d, want %d", c.sum, got, c.code)
		}
	}
}

func TestCheckCode(t *testing.T) {
	well := func() checkReport {
		return checkReport{DataDir: &dataCheck{}, Folders: []folderView{{}}, API: &apiCheck{}, Collections: []collectionCheck{{}}}
	}
	for _, c := range []struct {
		name   string
		change func(*checkReport)
		code   int
	}{
		{"well", func(*checkReport) {}, 0},
		{"offline", func(r *checkReport) { r.API = nil }, 0},
		{"key refused", func(r *checkReport) { r.API.Trouble = "no" }, 4},
		{"a collection cannot be asked for", func(r *checkReport) { r.Collections[0].Trouble, r.Collections[0].Unreachable = "no", true }, 4},
		{"a collection is gone", func(r *checkReport) { r.Collections[0].Trouble = "no" }, 1},
		{"a folder, and the key", func(r *checkReport) { r.Folders[0].Trouble, r.API.Trouble = "no", "no" }, 1},
		{"the data directory", func(r *checkReport) { r.DataDir.Trouble = "no" }, 1},
		{"a warning", func(r *checkReport) { r.API.Warnings = []string{"clock"} }, 0},
	} {
		r := well()
		c.change(&r)
		if got := r.code(); got != c.code {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.code)
		}
	}
}
