package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/scenario"
	"scenario-drop/status"
)

// plainWords is an error's text with what a library of Go said put in plain English: the
// last place before a person reads it.
func plainWords(err error) string {
	text := err.Error()
	say := func(library error, words string) {
		text = strings.ReplaceAll(text, library.Error(), words)
	}
	for _, e := range detailed(err) {
		say(e, status.Words(e.Detail()))
	}
	if _, ours := errors.AsType[*scenario.Error](err); ours {
		return text
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		say(e, scenario.NetworkWords(e))
	} else if e, ok := errors.AsType[*net.OpError](err); ok {
		say(e, scenario.NetworkWords(e))
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		say(e, fmt.Sprintf("%s: %s", printable(e.Path), cause(e)))
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		say(e, fmt.Sprintf("%s: %s", printable(e.New), e.Err))
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		say(e, e.Err.Error())
	}
	if e, ok := errors.AsType[*exec.Error](err); ok {
		say(e, fmt.Sprintf("there is no program %q here", e.Name))
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		say(e, "it ended with an error")
	}
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		say(e, fmt.Sprintf("%q is no number", e.Num))
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		say(e, "it is not of the form expected, or cut short")
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		say(e, "it is not of the form expected")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		say(context.DeadlineExceeded, "there was no answer in time")
	}
	for _, e := range []error{io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, e) {
			text = strings.TrimSuffix(text, e.Error())
			if len(text) < len(err.Error()) {
				text += "it ended too early"
			}
			break
		}
	}
	return text
}

// detailedError is an error that tells people what happened by a Detail.
type detailedError interface {
	error
	Detail() drop.Detail
}

// detailed returns all of them in an error, which may be several joined.
func detailed(err error) (all []detailedError) {
	if err == nil {
		return nil
	}
	if e, ok := err.(detailedError); ok {
		return append(all, e)
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return detailed(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			all = append(all, detailed(e)...)
		}
	}
	return all
}
