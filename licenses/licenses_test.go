package licenses

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const again = "make the texts anew: go generate ./licenses"

// named are the modules that have a text, with their versions.
func named(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, l := range All() {
		if len(l.Text) < 50 {
			t.Errorf("%q: the text is %q", l.For, l.Text)
		}
		for _, what := range l.For {
			file := regexp.MustCompile(`^(.+) \(([\w./-]+)\)$`).FindStringSubmatch(what)
			if file == nil {
				t.Fatalf("%q names no file", what)
			}
			module, version, _ := strings.Cut(file[1], " ")
			all[module] = version
		}
	}
	return all
}

// Every module in the program has its texts, and so has the standard library.
func TestEverythingLinkedHasItsLicence(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIPPED: there is no go that knows what is linked")
	}
	out, err := exec.Command(goTool, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "scenario-drop").Output()
	if err != nil {
		t.Fatal(err)
	}
	have := named(t)
	for line := range strings.Lines(string(out)) {
		if module, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok && have[module] != version {
			t.Errorf("%s %s is linked, and there are texts of version %q; %s", module, version, have[module], again)
		}
	}
	if !strings.Contains(Text(), "The Go programming language: its standard library and runtime (LICENSE)") {
		t.Errorf("the standard library has no licence; %s", again)
	}
}

// What other platforms link is of go.mod's versions, too, and nothing is told that is gone.
func TestLicencesAreOfTheModulesOfGoMod(t *testing.T) {
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Skip("SKIPPED: there is no go.mod here:", err)
	}
	have := named(t)
	for _, module := range slices.Sorted(maps.Keys(have)) {
		if module != "The" && !strings.Contains(string(text), fmt.Sprintf("\t%s %s\n", module, have[module])) &&
			!strings.Contains(string(text), fmt.Sprintf("\t%s %s // indirect\n", module, have[module])) {
			t.Errorf("%s %s has a text, and go.mod has not that module and version; %s", module, have[module], again)
		}
	}
}
