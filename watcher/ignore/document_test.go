package ignore

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/ignored.md again from the table")

// People read the table in docs/ignored.md.
func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "ignored.md")
	want := document()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("docs/ignored.md is not as the table: go test ./watcher/ignore -run TestDocument -update")
	}
}

func document() string {
	var b strings.Builder
	b.WriteString(`# What is ignored by its name

Written by ` + "`go test ./watcher/ignore -run TestDocument -update`" + ` from the table in ` + "`watcher/ignore`" + `. Case does not count.
A file or folder whose name begins with a dot is ignored, listed here or not; so is one that Windows or macOS marks as hidden. What is in an
ignored folder is ignored, too. ` + "`scenario-drop why FILE`" + ` says which row it is, ` + "`scenario-drop status`" + ` counts.

Files marked with **+** are taken where an ` + "`include`" + ` pattern names them by their extension: ` + "`include = [\"*\", \"*.xmp\"]`" + ` takes sidecars and all
else; ` + "`\"*\"`" + ` or ` + "`\"hero.*\"`" + ` alone do not. No pattern takes the others.

In a pattern, ` + "`*`" + ` is anything, ` + "`{n}`" + ` a number, ` + "`{nnn}`" + ` three digits, ` + "`{hhhh}`" + ` four hexadecimal digits, ` + "`{xxxx}`" + ` four letters or digits, ` + "`{ext}`" + ` any
extension, ` + "`{known}`" + ` the extension of a format that an artist's file has, ` + "`{hash}`" + ` eight hexadecimal digits, some of them letters, ` + "`{random}`" + `
six letters or digits as a program draws them (` + "`aB3xYz`" + `), and ` + "`{letters}`" + ` six letters alone.
`)
	for _, s := range table() {
		fmt.Fprintf(&b, "\n## %s\n\n| | name | it is |\n| --- | --- | --- |\n", s.title)
		for _, r := range s.rows {
			var all []string
			for name := range strings.SplitSeq(r.names, "|") {
				all = append(all, "`"+strings.ReplaceAll(name, "\r", "␍")+"`")
			}
			sort := "file"
			switch {
			case r.what&unlessIn != 0:
				sort = "file **+**"
			case r.what&either == either:
				sort = "file or folder"
			case r.what&dirs != 0:
				sort = "folder"
			}
			fmt.Fprintf(&b, "| %s | %s | %s of %s |\n", sort, strings.Join(all, " "), r.is, r.of)
		}
	}
	return b.String()
}
