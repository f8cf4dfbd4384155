// Collect writes the licence texts of all that is linked into the program into a file:
//
//	go run ./collect FILE
//
// It asks Go what is linked on each platform that the program is built for, and takes the
// texts from the modules as they were downloaded, and the standard library's from the Go
// that runs it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: collect FILE")
		os.Exit(2)
	}
	text, err := Collect()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

// rule stands between the parts; it is that of package licenses.
const rule = "================================================================================\n"

const intro = `Scenario Drop is licensed under the Apache License, Version 2.0 (see LICENSE). It contains the software
below, on one platform or another, under these licences.

`

// platforms that the program is built for.
func platforms() []string {
	return []string{"linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64", "darwin/amd64", "darwin/arm64"}
}

// Collect returns all texts, each once.
func Collect() (string, error) {
	dirs, err := linked()
	if err != nil {
		return "", err
	}
	forText := map[string][]string{} // what each text is for
	for _, name := range sorted(dirs) {
		found, err := textsOf(name, dirs[name])
		if err != nil {
			return "", err
		}
		if len(found) == 0 {
			return "", fmt.Errorf("%s: no licence was found in %s", name, dirs[name].root)
		}
		for _, file := range sorted(found) {
			forText[found[file]] = append(forText[found[file]], file)
		}
	}
	texts := sorted(forText)
	slices.SortFunc(texts, func(a, b string) int { return strings.Compare(forText[a][0], forText[b][0]) })
	var out strings.Builder
	out.WriteString(intro)
	for _, t := range texts {
		fmt.Fprintf(&out, "%s%s\n%s\n%s\n\n", rule, strings.Join(forText[t], "\n"), rule, t)
	}
	return out.String(), nil
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// module is what is linked of one module.
type module struct {
	root string
	dirs map[string]bool // of its packages
}

// linked returns the modules of all platforms by name and version, and Go itself.
func linked() (map[string]*module, error) {
	all := map[string]*module{}
	for _, platform := range platforms() {
		system, arch, _ := strings.Cut(platform, "/")
		cmd := exec.Command("go", "list", "-deps", "-json=Dir,Standard,Module", "scenario-drop")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", platform, err)
		}
		if err := addPackages(all, out); err != nil {
			return nil, fmt.Errorf("go list for %s: %w", platform, err)
		}
	}
	return all, nil
}

func addPackages(all map[string]*module, list []byte) error {
	for dec := json.NewDecoder(strings.NewReader(string(list))); ; {
		var p struct {
			Dir      string
			Standard bool
			Module   *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var name, root string
		switch {
		case p.Standard:
			name, root = "The Go programming language: its standard library and runtime", goRoot(p.Dir)
			p.Dir = root // its vendored packages are under its own licence
		case p.Module == nil || p.Module.Main:
			continue
		default:
			name, root = p.Module.Path+" "+p.Module.Version, p.Module.Dir
		}
		if all[name] == nil {
			all[name] = &module{root: root, dirs: map[string]bool{}}
		}
		all[name].dirs[p.Dir] = true
	}
}

// goRoot is the folder of Go, of a package of its standard library.
func goRoot(dir string) string {
	root, _, _ := strings.Cut(filepath.ToSlash(dir), "/src/")
	return filepath.FromSlash(root)
}

// isText matches the names of files with terms: LICENSE, LICENSE-3RD-PARTY.md, COPYING,
// UNLICENSE, NOTICE, PATENTS and the like.
var isText = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents)([-._].*)?$`)

// textsOf reads the texts of a module, which stand at its root and beside packages that
// were taken over from elsewhere, by what they are for.
func textsOf(name string, m *module) (map[string]string, error) {
	places := map[string]bool{m.root: true}
	for dir := range m.dirs {
		for ; len(dir) > len(m.root); dir = filepath.Dir(dir) {
			places[dir] = true
		}
	}
	found := map[string]string{}
	for _, dir := range sorted(places) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !isText.MatchString(e.Name()) || e.Type()&fs.ModeType != 0 || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			file, err := filepath.Rel(m.root, filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			found[name+" ("+filepath.ToSlash(file)+")"] = clean(string(text))
		}
	}
	return found, nil
}

// clean makes the lines' ends and outer blank lines the same everywhere, so that one text
// is told once.
func clean(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
