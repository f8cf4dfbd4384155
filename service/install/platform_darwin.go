package install

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/kardianos/service"
)

// platform is the service manager at hand, here launchd.
type platform struct {
	scope   Scope
	path    string // of the property list that Install writes
	logFile string
	runAs   string
	plist   string // the list's text, once rendered
}

func newPlatform(s Scope) (*platform, error) {
	if s == System {
		return &platform{scope: s, path: "/Library/LaunchDaemons/" + Label + ".plist", logFile: systemLogFile}, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}
	return &platform{
		scope:   s,
		path:    filepath.Join(home, "Library/LaunchAgents", Label+".plist"),
		logFile: filepath.Join(home, "Library/Logs", Name+".log"),
	}, nil
}

func (p *platform) service(o Options) (service.Service, error) {
	c := &service.Config{Name: Label, Option: service.KeyValue{"UserService": p.scope == User}}
	if o.ConfigFile != "" && o.Executable != "" {
		plist, err := p.render(o)
		if err != nil {
			return nil, err
		}
		c.Executable = o.Executable
		c.Option["LaunchdConfig"] = plist
	}
	return service.New(program{}, c)
}

func (p *platform) render(o Options) (string, error) {
	if p.plist != "" {
		return p.plist, nil
	}
	var err error
	if p.scope == System {
		p.runAs, err = runAs(o.RunAs, caller(), hasAccount)
		if err != nil {
			return "", err
		}
		o.RunAs = p.runAs
	}
	p.plist, err = launchdPlist(o, p.logFile)
	return p.plist, err
}

// present looks for a service that is there already; done means that nothing
// remains to be done.
func (p *platform) present(o Options) (out Outcome, done bool, err error) {
	text, err := p.render(o)
	if err != nil {
		return Outcome{}, false, err
	}
	exists, err := defined(p.path, text)
	return Outcome{Path: p.path}, exists, err
}

// finish makes the log file, which launchd opens as the service's account: in
// /var/log that account could not make it.
func (p *platform) finish() error {
	if err := os.MkdirAll(filepath.Dir(p.logFile), 0o755); err != nil {
		return fmt.Errorf("make the folder of the log: %w", err)
	}
	f, err := os.OpenFile(p.logFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return fmt.Errorf("make the log file: %w", err)
	}
	defer f.Close()
	if p.scope == User {
		return nil
	}
	u, err := user.Lookup(p.runAs)
	if err != nil {
		return fmt.Errorf("find the account %s: %w", p.runAs, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return fmt.Errorf("read the number of the account %s: %w", p.runAs, err)
	}
	return f.Chown(uid, -1)
}

// because: the library's error says all there is.
func (p *platform) because(err error) error { return err }

// undo removes what a failed installation left.
func (p *platform) undo(service.Service) error { return removeFile(p.path) }

func (p *platform) account() string {
	if p.scope == System {
		return p.runAs
	}
	return ""
}

// removable: launchd has no other owner of a definition.
func (p *platform) removable(State) error { return nil }

// forget: launchd keeps no memory of a removed service.
func (p *platform) forget() {}

// logCommand: the daemon's own log is in the data directory, which the config says; why
// it does not start is on stderr.
func (p *platform) logCommand() string { return "tail " + p.logFile }

// configFile reads the property list.
func (p *platform) configFile(s State) (string, error) {
	plist, err := os.ReadFile(s.Path)
	if err != nil {
		return "", err
	}
	return plistConfig(string(plist))
}

// waits reports whether launchd has the service loaded, though it does not run.
func (p *platform) waits() bool { return exec.Command("launchctl", "list", Label).Run() == nil }
