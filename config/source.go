package config

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"scenario-drop/file"
)

// source is one file being read, and everything found wrong with it so far.
type source struct {
	name  string // as shown in problems
	text  string // without a byte order mark
	dir   string // absolute; what relative paths are relative to
	home  string // absolute; what ~ stands for; "": the home of the account we are
	lines []int  // byte offset at which each line starts

	out      bool // something could not be read for want of descriptors
	problems []Problem
	warnings []Problem
	secrets  []string            // never to be shown
	known    map[string][]string // the keys of each table, by the table's name
}

// newConfigSource is newSource for the config at absolute: its ~ is the home that it lies in.
func newConfigSource(name, absolute, text string) *source {
	s := newSource(name, filepath.Dir(absolute), text)
	s.home = homeOf(absolute, runtime.GOOS)
	return s
}

func newSource(name, dir, text string) *source {
	text = strings.TrimPrefix(text, "\ufeff")
	s := &source{name: name, text: text, dir: dir, lines: []int{0}, known: make(map[string][]string)}
	for i := range len(text) {
		if text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// place turns a byte offset into a line and a column of characters, both from 1. What
// lies beyond the last character counts as its end.
func (s *source) place(offset int) (line, column int) {
	offset = max(0, min(offset, len(s.text)))
	line = sort.SearchInts(s.lines, offset+1)
	start := s.lines[line-1]
	return line, utf8.RuneCountInString(s.text[start:offset]) + 1
}

func (s *source) problem(offset int, hint, format string, args ...any) {
	line, column := s.place(offset)
	s.problems = append(s.problems, Problem{File: s.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (s *source) warning(offset int, hint, format string, args ...any) {
	line, column := s.place(offset)
	s.warnings = append(s.warnings, Problem{File: s.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// read is readFile for a file that the config names.
func (s *source) read(path string) ([]byte, error) {
	content, err := readFile(path)
	s.out = s.out || file.OutOfDescriptors(err)
	return content, err
}

// shown makes a name of the file fit to stand in a message: one line, not endless.
func shown(name string) string {
	const maximum = 60 // characters
	name = oneLine(name)
	if utf8.RuneCountInString(name) > maximum {
		name = string([]rune(name)[:maximum]) + "…"
	}
	return name
}

// oneLine keeps a path from breaking a message, or a terminal, with control characters.
func oneLine(path string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, path)
}
