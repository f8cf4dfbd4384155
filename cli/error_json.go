package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"scenario-drop/config"
	"scenario-drop/scenario"
	"scenario-drop/service"
	"scenario-drop/status"
)

// errorReport is what a command with --json writes when it fails, on one line, so that it
// also ends a stream of lines.
type errorReport struct {
	Error errorView `json:"error"`
}

type errorView struct {
	Code    string `json:"code"` // a stable word
	Message string `json:"message"`
	Hint    string `json:"hint"` // what to do; "" where there is nothing to say
}

// wantsJSON reports whether --json is among the arguments, whatever else is wrong with
// them.
func wantsJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// viewOf is an error for programs. Our sentences say what happened, then what to do.
func viewOf(err error) errorView {
	text := strings.TrimPrefix(errorText(err), "scenario-drop: ")
	v := errorView{Code: errorWord(err), Message: text}
	if problems, ok := errors.AsType[config.Problems](err); ok {
		v.Hint = "correct the config; all that is wrong with it: scenario-drop check --json"
		if len(problems) == 1 && problems[0].Hint != "" {
			v.Hint = problems[0].Hint
		}
		return v
	}
	if h := hint(err); h != "" {
		v.Message, v.Hint = strings.TrimSuffix(text, "; "+h), h
		return v
	}
	for _, separator := range []string{"\n", "; "} {
		if message, hint, ok := strings.Cut(text, separator); ok {
			v.Message, v.Hint = message, hint
			break
		}
	}
	return v
}

// errorWord is the stable word for a kind of error.
func errorWord(err error) string {
	_, isProblems := errors.AsType[config.Problems](err)
	_, notFound := errors.AsType[*config.NotFoundError](err)
	_, locked := errors.AsType[*service.LockedError](err)
	_, others := errors.AsType[*service.OtherAccountError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case isProblems:
		return "config"
	case notFound:
		return "no_config"
	case errors.Is(err, status.ErrNotRunning):
		return "not_running"
	case others:
		return "other_account"
	case locked:
		return "locked"
	case scenario.ClassOf(err) == scenario.Refused:
		return "refused"
	}
	switch exitCode(err) {
	case codeUsage:
		return "usage"
	case codeUnreachable:
		return "unreachable"
	}
	return "failed"
}
