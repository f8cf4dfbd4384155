package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/watcher/completeness"
)

var update = flag.Bool("update", false, "write the table in docs/formats.md again")

// TestDocument wants the table in docs/formats.md to be that of the program.
func TestDocument(t *testing.T) {
	const mark = "<!-- table -->\n"
	path := filepath.Join("..", "..", "docs", "formats.md")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, got, ok := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), mark)
	if !ok {
		t.Fatalf("%s has no line %q", path, mark)
	}
	var want bytes.Buffer
	writeFormats(&want)
	if *update {
		if err := os.WriteFile(path, append([]byte(text+mark), want.Bytes()...), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want.String() {
		t.Error("the table in docs/formats.md is not the program's: go test ./internal/corpus -run TestDocument -update")
	}
}

// TestEveryCheckIsDocumented wants every format that is checked to say what its end is, and
// to stand in the table.
func TestEveryCheckIsDocumented(t *testing.T) {
	var table bytes.Buffer
	writeFormats(&table)
	for _, f := range completeness.Formats() {
		if f.End == "" || !strings.Contains(table.String(), "| "+f.End+" |") {
			t.Errorf("%s: %q is not in the table", f.Name, f.End)
		}
	}
}
