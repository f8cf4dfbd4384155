package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a config, in words for the person who wrote it.
type Problem struct {
	File        string // as it was given to Load, or the credentials file
	Line        int    // from 1; 0: the file as a whole
	Column      int    // in characters, from 1; 0 only with Line 0
	Message     string // what is wrong; never holds a secret
	Hint        string // what to do about it; may be ""
	Unavailable bool   // a warning that a watch folder is unavailable, of which whoever scans it tells, too
}

// String is "config.toml:12:3: message (hint)".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	return b.String()
}

// Problems are all that is wrong with a config, in the order of the file. It is the
// error of Load: errors.As with a Problems gives them one by one.
type Problems []Problem

// Error has one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders by place; problems of one place stay in the order they were found.
func sorted(p []Problem) []Problem {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}

// redactable is the shortest text taken out of messages: anything shorter would also
// be part of ordinary words, and is no secret that could be protected.
const redactable = 6

// redact takes secrets out of what will be shown. No message quotes a secret's own
// key; this is for the secret that was also pasted somewhere else, say into a path.
func redact(problems []Problem, secrets []string) {
	for _, secret := range secrets {
		if len(secret) < redactable {
			continue
		}
		for i := range problems {
			p := &problems[i]
			p.Message = strings.ReplaceAll(p.Message, secret, "•••")
			p.Hint = strings.ReplaceAll(p.Hint, secret, "•••")
		}
	}
}
