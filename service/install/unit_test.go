package install

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files in packaging/ anew from the templates")

const packaging = "../../packaging"

// rendered returns the text of every definition in packaging/, by file name.
func rendered(t *testing.T) map[string]string {
	t.Helper()
	linux := Options{Scope: System, Executable: "/usr/bin/scenario-drop", ConfigFile: systemConfigDir + "/config.toml", RunAs: Name}
	mac := Options{Scope: System, Executable: "/usr/local/bin/scenario-drop", ConfigFile: "/Library/Application Support/scenario-drop/config.toml", RunAs: "_scenario-drop"}
	out := make(map[string]string)
	for name, make := range map[string]func() (string, error){
		"scenario-drop.service":      func() (string, error) { return systemdUnit(linux) },
		"scenario-drop-user.service": packagedUserUnit,
		"com.scenario-drop.plist":    func() (string, error) { return launchdPlist(mac, systemLogFile) },
	} {
		text, err := make()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = text
	}
	return out
}

func TestPackagingFilesAreTheTemplates(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("compared where Git leaves the ends of lines alone")
	}
	for name, want := range rendered(t) {
		path := filepath.Join(packaging, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s differs from its template; if the template is right: go test ./service/install -update\n--- file\n%s\n--- template\n%s", path, got, want)
		}
	}
}

func TestUnitsOfBothScopes(t *testing.T) {
	o := Options{Executable: "/opt/x/scenario-drop", ConfigFile: "/home/ann/.config/scenario-drop/config.toml", RunAs: "ann"}
	user, err := systemdUnit(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Scope = System
	system, err := systemdUnit(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line         string
		user, system bool
	}{
		{"ExecStart=/opt/x/scenario-drop run --config /home/ann/.config/scenario-drop/config.toml", true, true},
		{"Type=notify", true, true},
		{"Restart=always", true, true},
		{"SystemCallFilter=@system-service", true, true},
		{"StartLimitIntervalSec=0", true, true},
		{"NoNewPrivileges=yes", true, true},
		{"WantedBy=default.target", true, false},
		{"WantedBy=multi-user.target", false, true},
		{"User=ann", false, true}, // a user manager refuses User=
		{"StateDirectory=scenario-drop", false, true},
		{"ProtectSystem=full", false, true},                    // needs rights a user manager lacks
		{"ConfigurationDirectory=scenario-drop", false, false}, // the config is elsewhere
	} {
		if got := hasLine(user, c.line); got != c.user {
			t.Errorf("user unit has %q: %v, want %v", c.line, got, c.user)
		}
		if got := hasLine(system, c.line); got != c.system {
			t.Errorf("system unit has %q: %v, want %v", c.line, got, c.system)
		}
	}
}

func hasLine(text, line string) bool {
	for l := range strings.Lines(text) {
		if strings.TrimSpace(l) == line {
			return true
		}
	}
	return false
}

func TestSystemdQuoting(t *testing.T) {
	for _, c := range []struct{ in, program, arg string }{
		{"/usr/bin/x", "/usr/bin/x", "/usr/bin/x"},
		{"/opt/a b/x", `"/opt/a b/x"`, `"/opt/a b/x"`},
		{"/opt/100%/x", `"/opt/100%%/x"`, `"/opt/100%%/x"`},
		{"/opt/$HOME/x", "/opt/$HOME/x", `/opt/$$HOME/x`},
		{"/opt/${A}/x", `"/opt/$\x7bA\x7d/x"`, `"/opt/$$\x7bA\x7d/x"`},
		{`/opt/"q"/x`, `"/opt/\"q\"/x"`, `"/opt/\"q\"/x"`},
		{`/opt/it's/x`, `"/opt/it's/x"`, `"/opt/it's/x"`},
		{`/opt/a\b/x`, `"/opt/a\\b/x"`, `"/opt/a\\b/x"`},
		{"/opt/Ünïcode/x", "/opt/Ünïcode/x", "/opt/Ünïcode/x"},
		{"/opt/{{Path}}/x", `"/opt/\x7b\x7bPath\x7d\x7d/x"`, `"/opt/\x7b\x7bPath\x7d\x7d/x"`},
	} {
		if got := systemdProgram(c.in); got != c.program {
			t.Errorf("systemdProgram(%q) = %s, want %s", c.in, got, c.program)
		}
		if got := systemdArg(c.in); got != c.arg {
			t.Errorf("systemdArg(%q) = %s, want %s", c.in, got, c.arg)
		}
	}
}

func TestSystemdUnitRefusesWhatSystemdRefuses(t *testing.T) {
	for _, exe := range []string{`/opt/it's/x`, `/opt/"q"/x`, `/opt/a\b/x`} {
		if _, err := systemdUnit(Options{Executable: exe, ConfigFile: "/c"}); err == nil {
			t.Errorf("a unit was made for the program %s, which systemd would not load", exe)
		}
	}
}

func TestPlistSurvivesAnyPath(t *testing.T) {
	const exe, config = "/Users/ann/<A&B>/scenario-drop", `/Users/ann/it's {{Path}} "x".toml`
	text, err := launchdPlist(Options{Scope: User, Executable: exe, ConfigFile: config, RunAs: "ann"}, "/Users/ann/Library/Logs/x.log")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "{{") {
		t.Errorf("the service library would take this for a template of its own:\n%s", text)
	}
	got := plistStrings(t, text)
	want := []string{Label, exe, "run", "--config", config, "/Users/ann/Library/Logs/x.log"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("strings of the plist: %q, want %q", got, want)
	}
}

// plistStrings parses a property list and returns its strings in order.
func plistStrings(t *testing.T, text string) []string {
	t.Helper()
	var got []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatalf("the plist is not XML: %v\n%s", err, text)
		}
		if start, ok := tok.(xml.StartElement); ok && start.Name.Local == "string" {
			var s string
			if err := d.DecodeElement(&s, &start); err != nil {
				t.Fatal(err)
			}
			got = append(got, s)
		}
	}
}

// TestSystemdAcceptsTheUnits has systemd's own checker read the units; it sees
// unknown settings and bad quoting. The program must exist for it.
func TestSystemdAcceptsTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not on this machine")
	}
	dir := t.TempDir()
	exe := filepath.Join(dir, "my 100% {{tools}} $HOME", "scenario-drop")
	if err := os.MkdirAll(filepath.Dir(exe), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, scope := range []Scope{User, System} {
		o := Options{Scope: scope, Executable: exe, ConfigFile: `/etc/a "b"/50% $x {{y}} \'.toml`, RunAs: "root"}
		unit, err := systemdUnit(o)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, scope.String(), unitFile)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(analyze, "--"+scope.String(), "--man=no", "--recursive-errors=no", "verify", path)
		cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir) // --user wants one
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s unit: %v\n%s", scope, err, out)
		}
		// Complaints about settings it does not know do not change its exit code.
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, unitFile) {
				t.Errorf("%s unit: %s", scope, line)
			}
		}
	}
}

const unitFile = "scenario-drop.service"

func TestXmllintAcceptsThePlist(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not on this machine")
	}
	cmd := exec.Command(xmllint, "--noout", "--nonet", "-")
	cmd.Stdin = strings.NewReader(rendered(t)["com.scenario-drop.plist"])
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
