package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"scenario-drop/filetype"
	"scenario-drop/watcher/completeness"
)

// writeFormats writes the table of all formats in Markdown: what a file is, and what tells
// that it is complete.
func writeFormats(w io.Writer) {
	ends := map[string]string{} // by extension
	for _, f := range completeness.Formats() {
		for _, ext := range f.Extensions {
			ends[ext] = f.End
		}
	}
	fmt.Fprintln(w, "| format | extensions | kind | MIME type | complete is told by |\n| --- | --- | --- | --- | --- |")
	for _, f := range filetype.Formats() {
		for _, part := range byEnd(f.Extensions, ends) {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n",
				f.Name, code(part.exts), cmp.Or(f.Kind, "ignored"), code([]string{f.MIME}), cmp.Or(part.end, "–"))
		}
	}
}

// sameEnd are extensions whose completeness is told in one way.
type sameEnd struct {
	exts []string
	end  string
}

func byEnd(exts []string, ends map[string]string) (parts []sameEnd) {
	for _, ext := range exts {
		i := slices.IndexFunc(parts, func(p sameEnd) bool { return p.end == ends[ext] })
		if i < 0 {
			i = len(parts)
			parts = append(parts, sameEnd{end: ends[ext]})
		}
		parts[i].exts = append(parts[i].exts, ext)
	}
	if len(parts) == 0 {
		parts = []sameEnd{{}}
	}
	return parts
}

func code(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return "`" + strings.Join(words, "` `") + "`"
}
