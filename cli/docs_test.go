package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"scenario-drop/licenses"
	"scenario-drop/service"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// Programs rely on docs/cli.md: it has every command, every flag and every JSON key.
func TestDocsHaveEverything(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are the same everywhere; under wine the test has no docs")
	}
	text, err := os.ReadFile("../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	docs := string(text)
	hasWord := func(key string) bool {
		return regexp.MustCompile(`\b` + regexp.QuoteMeta(key) + `\b`).MatchString(docs)
	}
	for _, c := range (&app{Process: OS()}).root().Commands() {
		if c.Hidden {
			continue
		}
		if !hasWord(c.Name()) {
			t.Errorf("the command %s is missing", c.Name())
		}
		if c.Name() == "standin" { // its switches are told by its help
			continue
		}
		for _, line := range strings.Split(c.LocalFlags().FlagUsages(), "\n") {
			if flag, _, _ := strings.Cut(strings.TrimSpace(line), " "); flag != "" && !strings.Contains(docs, flag) {
				t.Errorf("the flag %s of %s is missing", flag, c.Name())
			}
		}
	}
	for _, v := range []any{checkReport{}, problem{}, apiCheck{}, collectionCheck{}, folderView{}, dataCheck{}, heldLock{}, statusReport{},
		status.File{}, status.Transfer{}, status.Folder{}, status.Awaited{}, status.AwaitedFile{}, status.Ignored{}, status.IgnoredCount{}, onceAttention{}, historyReport{}, whyReport{}, whyFile{}, whyEvent{}, watcher.Explanation{},
		onceFile{}, onceSummary{}, dryFile{}, drySummary{}, versionReport{}, licenses.License{}, verifiedFile{}, verifySummary{}, service.Difference{}} {
		keysOf(reflect.TypeOf(v), func(key string) {
			if !hasWord(key) {
				t.Errorf("the key %s of %T is missing", key, v)
			}
			if key != strings.ToLower(key) {
				t.Errorf("the key %s of %T is not in snake_case", key, v)
			}
		})
	}
}

// keysOf lists the JSON keys of a struct, with those of embedded ones.
func keysOf(t reflect.Type, tell func(string)) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			keysOf(f.Type, tell)
		case !f.IsExported(): // is not in the JSON
		case key == "":
			tell("WITHOUT A TAG: " + f.Name)
		case key != "-":
			tell(key)
		}
	}
}

// Whatever the documents name of the code, in `code`, is there: tests, and files of Go. What superseded
// decisions name is gone.
func TestDocsNameWhatIsThere(t *testing.T) {
	tests, files := map[string]bool{}, map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		files[filepath.ToSlash(path)] = true
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, f := range function.FindAllStringSubmatch(string(text), -1) {
			tests[f[1]] = true
		}
		return err
	})
	if err != nil || len(tests) < 500 {
		t.Fatalf("%d tests: %v", len(tests), err)
	}
	has := func(file string) bool {
		for path := range files {
			if strings.HasSuffix(path, "/"+file) {
				return true
			}
		}
		return false
	}
	docs, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := filepath.Glob("../docs/decisions/*.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+|[\\w./]+\\.go)`")
	found := 0
	for _, doc := range append(append(docs, decisions...), "../README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nStatus: superseded") {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			found++
			if name := m[1]; !tests[name] && !(strings.HasSuffix(name, ".go") && has(name)) {
				t.Errorf("%s names %s, which is not there", doc, name)
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d names are found", found)
	}
}
