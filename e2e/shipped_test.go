package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// notShipped are parts of import paths of what tests and measurements need, and the program does not.
var notShipped = []string{"minio", "aws-sdk", "fuse", "go-cmp", "testscript", "go-internal", "goleak", "/testkit", "netlink", "/bench", "/e2e", "testing"}

// The program holds no S3 client, no FUSE and no test library.
func TestShipped(t *testing.T) {
	for _, list := range [][]string{{"go", "list", "-deps", "scenario-drop"}, {"go", "version", "-m", binary}} {
		out, err := exec.Command(list[0], list[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", list, err, out)
		}
		if !strings.Contains(string(out), "modernc.org/sqlite") {
			t.Fatalf("%v lists nothing of use:\n%s", list, out)
		}
		for line := range strings.Lines(string(out)) {
			for _, name := range notShipped {
				if strings.Contains(line, name) {
					t.Errorf("%s: %s", strings.Join(list[:2], " "), strings.TrimSpace(line))
				}
			}
		}
	}
}
