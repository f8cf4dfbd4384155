package cli

import (
	"context"
	"errors"
	"fmt"

	"scenario-drop/config"
	"scenario-drop/scenario"
	"scenario-drop/service"
)

// The exit codes.
const (
	codeWell        = 0
	codeFailed      = 1
	codeUsage       = 2 // how it was called, or the config
	codeSomeFiles   = 3 // some files failed, or differ
	codeUnreachable = 4 // Scenario refused the key or could not be reached; nothing else is wrong
)

// exitError ends a command with a code.
type exitError struct {
	code int
	err  error // nil: what there is to say has been said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exit ends a command with a code and no more words.
func exit(code int) error {
	if code == codeWell {
		return nil
	}
	return &exitError{code: code}
}

func usageError(err error) error { return &exitError{code: codeUsage, err: err} }

func usagef(format string, args ...any) error { return usageError(fmt.Errorf(format, args...)) }

// exitCode is the one place where errors become exit codes.
func exitCode(err error) int {
	if err == nil {
		return codeWell
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if _, ok := errors.AsType[config.Problems](err); ok {
		return codeUsage
	}
	if _, ok := errors.AsType[*config.NotFoundError](err); ok {
		return codeUsage
	}
	if _, ok := errors.AsType[*service.ExposedError](err); ok {
		return codeUsage
	}
	switch scenario.ClassOf(err) {
	case scenario.Network, scenario.RateLimited, scenario.ServerFault, scenario.Refused, scenario.Garbled, scenario.Forbidden, scenario.PlanLimit:
		return codeUnreachable
	}
	return codeFailed
}

// errorText is what to say of an error; "" when all has been said.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.err == nil {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return "Interrupted."
	}
	if p, ok := errors.AsType[config.Problems](err); ok {
		return p.Error() // "config.toml:12:3: …", line by line, as editors read it
	}
	text := "scenario-drop: " + plainWords(err)
	if h := hint(err); h != "" {
		text += "; " + h
	}
	return text
}
