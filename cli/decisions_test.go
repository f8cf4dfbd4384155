package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every decision has a date and a status below its title, and stands with both in the index; a record
// that another one supersedes says so.
func TestDecisions(t *testing.T) {
	dir := filepath.FromSlash("../docs/decisions")
	records, err := filepath.Glob(filepath.Join(dir, "0*.md"))
	if err != nil || len(records) < 30 {
		t.Fatal(len(records), err)
	}
	index, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	head := regexp.MustCompile(`^# (.+)\n\nDate: \d{4}-\d\d-\d\d\nStatus: ((?:accepted|superseded|amended).*)\n`)
	statuses := map[string]string{}
	for _, path := range records {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		m := head.FindStringSubmatch(string(text))
		if m == nil {
			t.Errorf("%s does not begin with a title, a date and a status", name)
			continue
		}
		statuses[name[:4]] = m[2]
		if row := fmt.Sprintf("| [%s](%s) | %s | %s |", name[:4], name, m[1], strings.TrimSuffix(m[2], ".")); !strings.Contains(string(index), row) {
			t.Errorf("the index lacks %s", row)
		}
	}
	other := regexp.MustCompile(`[Ss]upersedes \[(\d{4})\]`)
	for name, status := range statuses {
		for _, m := range other.FindAllStringSubmatch(status, -1) {
			if !strings.Contains(statuses[m[1]], "superseded by ["+name+"]") {
				t.Errorf("%s supersedes %s, which says %q", name, m[1], statuses[m[1]])
			}
		}
	}
}
