package install

import (
	"embed"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"
)

// Name is the service's name with systemd and on Windows, and of the account
// and folders the packages make.
const Name = "scenario-drop"

// Label is the service's name with launchd.
const Label = "com.scenario-drop"

// The templates are the one source of every service definition: Install fills
// them in for the machine at hand, and the files in packaging/ are the same
// templates filled in for the packages' paths (a test compares them).
//
//go:embed templates/*.tmpl
var templates embed.FS

// definition is what the templates are filled in with. Words are already
// quoted for the format they go into.
type definition struct {
	System       bool
	Command      string   // systemd: the whole command line
	Words        []string // launchd: program and arguments, one a word
	RunAs        string   // "" leaves the account to the manager
	LogFile      string   // launchd: where stderr goes, which has crashes and failures to start
	Condition    string   // systemd: a path without which the service is not started
	SystemConfig bool     // the config file is in the machine's config folder
}

// systemLogFile is where launchd puts the stderr of a System service.
const systemLogFile = "/var/log/" + Name + ".log"

// systemConfigDir is where the packages put the config on Linux.
const systemConfigDir = "/etc/" + Name

// systemdUnit returns the unit for o, whose paths are absolute.
func systemdUnit(o Options) (string, error) {
	if strings.ContainsAny(o.Executable, `"'\`) {
		// systemd takes these in arguments only, however they are quoted.
		return "", fmt.Errorf("systemd starts no program with a quote or a backslash in its path; put %s elsewhere", o.Executable)
	}
	d := definition{
		System:       o.Scope == System,
		Command:      systemdProgram(o.Executable) + " run --config " + systemdArg(o.ConfigFile),
		SystemConfig: filepath.Dir(o.ConfigFile) == systemConfigDir,
	}
	if d.System {
		d.RunAs = o.RunAs
	}
	return render("scenario-drop.service.tmpl", d)
}

// packagedUserUnit returns the user unit of the packages. It serves every
// account, so it finds the config by the account's config folder (%E) and is
// passed over for accounts that have none.
func packagedUserUnit() (string, error) {
	const config = "%E/" + Name + "/config.toml"
	return render("scenario-drop.service.tmpl", definition{
		Command:   "/usr/bin/" + Name + " run --config " + config,
		Condition: config,
	})
}

// launchdPlist returns the property list for o, whose paths are absolute.
func launchdPlist(o Options, logFile string) (string, error) {
	d := definition{System: o.Scope == System, LogFile: xmlText(logFile)}
	for _, w := range []string{o.Executable, "run", "--config", o.ConfigFile} {
		d.Words = append(d.Words, xmlText(w))
	}
	if d.System {
		d.RunAs = xmlText(o.RunAs)
	}
	return render("com.scenario-drop.plist.tmpl", d)
}

func render(name string, d definition) (string, error) {
	t, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return "", fmt.Errorf("read the template %s: %w", name, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, d); err != nil {
		return "", fmt.Errorf("fill in the template %s: %w", name, err)
	}
	return b.String(), nil
}

// systemdProgram quotes the path of a program for ExecStart. systemd expands %
// there, but no variables, so that a $ must stay single. Braces are written as
// numbers because the service library runs its own template engine over the
// finished unit.
func systemdProgram(path string) string {
	s := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `{`, `\x7b`, `}`, `\x7d`).Replace(path)
	if s == path && !strings.ContainsAny(path, " \t'") {
		return path
	}
	return `"` + s + `"`
}

// systemdArg quotes an argument of ExecStart, where systemd also expands
// variables.
func systemdArg(arg string) string {
	s := systemdProgram(strings.ReplaceAll(arg, "$", "$$"))
	if s == "" || s == ";" { // alone, it would end the command
		return `"` + s + `"`
	}
	return s
}

// xmlText escapes text for an element of a property list; the braces for the
// reason named at systemdProgram.
func xmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "{", "&#123;", "}", "&#125;").Replace(s)
}
