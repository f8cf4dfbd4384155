package install

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kardianos/service"
)

// platform is the service manager at hand, here systemd.
type platform struct {
	scope Scope
	path  string // of the unit that Install writes
	runAs string // the account of a System service, once chosen
	unit  string // the unit's text, once rendered
}

func newPlatform(s Scope) (*platform, error) {
	if got := service.Platform(); got != "linux-systemd" {
		return nil, fmt.Errorf("%w: it does not run systemd; let its own init system run this program", ErrUnsupported)
	}
	p := &platform{scope: s, path: "/etc/systemd/system/" + unitName}
	if s == System {
		return p, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}
	p.path = filepath.Join(home, ".config/systemd/user", unitName)
	if _, err := p.systemctl("show-environment"); err != nil {
		return nil, fmt.Errorf("%w: systemd has no session for this account (%w); log in as it directly instead of with su or sudo, "+
			"or have an administrator run: loginctl enable-linger %s", ErrUnsupported, err, os.Getenv("USER"))
	}
	return p, nil
}

const unitName = Name + ".service"

// service returns the library's view of the service. It chooses the account
// first, which only an installation (o.ConfigFile is set) needs.
func (p *platform) service(o Options) (service.Service, error) {
	c := &service.Config{Name: Name, Option: service.KeyValue{"UserService": p.scope == User}}
	if o.ConfigFile != "" && o.Executable != "" {
		unit, err := p.render(o)
		if err != nil {
			return nil, err
		}
		c.Executable = o.Executable
		c.Option["SystemdScript"] = unit
	}
	return service.New(program{}, c)
}

func (p *platform) render(o Options) (string, error) {
	if p.unit != "" {
		return p.unit, nil
	}
	if p.scope == System {
		var err error
		p.runAs, err = runAs(o.RunAs, caller(), hasAccount)
		if err != nil {
			return "", err
		}
		o.RunAs = p.runAs
	}
	var err error
	p.unit, err = systemdUnit(o)
	return p.unit, err
}

// present looks for a service that is there already; done means that nothing
// remains to be done.
func (p *platform) present(o Options) (out Outcome, done bool, err error) {
	if p.scope == System {
		state, err := p.state(nil)
		if err != nil {
			return Outcome{}, false, err
		}
		if state.Installed && packaged(state.Path) {
			if o.ConfigFile != systemConfigDir+"/config.toml" {
				return Outcome{}, false, fmt.Errorf("%w: it came with the package (%s) and reads %s/config.toml; "+
					"put your settings there, or use --user", ErrInstalledDifferently, state.Path, systemConfigDir)
			}
			return p.enable(state)
		}
	}
	text, err := p.render(o)
	if err != nil {
		return Outcome{}, false, err
	}
	exists, err := defined(p.path, text)
	if err != nil || !exists {
		return Outcome{}, false, err
	}
	state, err := p.state(nil)
	if err != nil {
		return Outcome{}, false, err
	}
	return p.enable(state)
}

// enable lets a unit that is there start by itself. The package's own does so
// only where the config was complete when the package was installed.
func (p *platform) enable(s State) (out Outcome, done bool, err error) {
	if s.Enabled {
		return Outcome{Path: s.Path}, true, nil
	}
	if _, err := p.systemctl("enable", unitName); err != nil {
		return Outcome{}, false, fmt.Errorf("let the service start automatically: %w", err)
	}
	return Outcome{Changed: true, Path: s.Path, RunAs: p.account()}, true, nil
}

// packaged reports whether a unit file belongs to a package.
func packaged(path string) bool {
	return within(path, "/usr/lib/systemd") || within(path, "/lib/systemd")
}

// finish has nothing to add to what the library did.
func (p *platform) finish() error { return nil }

// because finds systemd's own words for a failed installation, of which the
// library gives the exit code alone: most likely enabling the unit failed.
func (p *platform) because(err error) error {
	if _, words := p.systemctl("enable", unitName); words != nil {
		return words
	}
	return err
}

// undo removes what a failed installation left.
func (p *platform) undo(service.Service) error {
	_, _ = p.systemctl("disable", unitName) // it may not have come so far as to be enabled
	if err := removeFile(p.path); err != nil {
		return err
	}
	_, _ = p.systemctl("daemon-reload")
	return nil
}

func (p *platform) account() string {
	if p.scope == System {
		return p.runAs
	}
	return ""
}

// removable says whether Uninstall is the way to remove the service.
func (p *platform) removable(s State) error {
	if packaged(s.Path) && p.scope == System {
		return fmt.Errorf("%w: it came with the package (%s); remove the package instead", ErrInstalledDifferently, s.Path)
	}
	return nil
}

// forget drops systemd's memory of a failed run, which outlives the unit.
func (p *platform) forget() { _, _ = p.systemctl("reset-failed", unitName) }

func (p *platform) logCommand() string {
	if p.scope == User {
		return "journalctl --user -u " + Name + " -n 20"
	}
	return "sudo journalctl -u " + Name + " -n 20"
}

// state asks systemd itself: the library's answer does not tell a service that
// waits to be started again from a running one.
func (p *platform) state(service.Service) (State, error) {
	out, err := p.systemctl("show", "--property=LoadState,ActiveState,SubState,UnitFileState,FragmentPath,MainPID,Result", unitName)
	if err != nil {
		return State{}, err
	}
	s := parseShow(out)
	// The package's unit for users is there for every account; it is this
	// account's service only once that has been enabled.
	if p.scope == User && packaged(s.Path) && !s.Enabled && !s.Active {
		s.Installed = false
	}
	return s, nil
}

// configFile reads the unit that is in force.
func (p *platform) configFile(s State) (string, error) {
	unit, err := os.ReadFile(s.Path)
	if err != nil {
		return "", err
	}
	configHome := "/etc"
	if p.scope == User {
		if configHome, err = os.UserConfigDir(); err != nil {
			return "", err
		}
	}
	return unitConfig(string(unit), configHome)
}

// parseShow reads the output of "systemctl show".
func parseShow(out string) State {
	v := make(map[string]string)
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		v[key] = value
	}
	s := State{
		Installed: v["LoadState"] == "loaded" || v["LoadState"] == "bad-setting" || v["LoadState"] == "error",
		Enabled:   v["UnitFileState"] == "enabled" || v["UnitFileState"] == "enabled-runtime",
		Running:   v["ActiveState"] == "active" || v["ActiveState"] == "reloading",
		Path:      v["FragmentPath"],
		Detail:    v["ActiveState"] + " (" + v["SubState"] + ")",
	}
	s.Waiting = v["SubState"] == "auto-restart"
	s.Active = s.Running || v["ActiveState"] == "activating" || v["ActiveState"] == "deactivating"
	if r := v["Result"]; r != "" && r != "success" {
		s.Detail += ", last result: " + r
	}
	s.PID, _ = strconv.Atoi(v["MainPID"]) // not a number: not running
	return s
}

// systemctl runs it in the platform's scope and returns its output. Its own
// words are part of the error.
func (p *platform) systemctl(args ...string) (string, error) {
	if p.scope == User {
		args = append([]string{"--user"}, args...)
	}
	cmd := exec.Command("systemctl", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if said == "" {
			return "", fmt.Errorf("systemctl: %w", err)
		}
		return "", fmt.Errorf("systemctl: %s: %w", said, err)
	}
	return string(out), nil
}
