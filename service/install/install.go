// Package install makes Scenario Drop a service of the operating system and
// controls it there: a systemd unit on Linux, a launchd job on macOS, a
// service of the service control manager on Windows. It also holds the
// service's half of the conversation with those managers: [Run] answers them
// while the daemon runs, and [Notify] speaks systemd's readiness protocol.
//
// Nothing here knows what the daemon does. The service always runs
// "scenario-drop run --config FILE" with an absolute FILE, because a service
// has no working directory and no user's environment to find it by.
//
// Two scopes exist. A [User] service belongs to one account and runs while
// that account is logged in; it needs no rights and sees the account's files
// as the account does. A [System] service runs from boot on and needs
// administrator rights to be changed.
package install

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/kardianos/service"
)

// Scope says whose service it is. The zero value is [User].
type Scope int

const (
	// User is a service of the calling account alone (systemd --user, a
	// launchd agent). Windows has none.
	User Scope = iota
	// System is a service of the whole machine.
	System
)

// String returns the flag that chooses the scope on the command line, without
// its dashes: "user" or "system".
func (s Scope) String() string {
	if s == System {
		return "system"
	}
	return "user"
}

// Errors that callers may want to tell apart with errors.Is. Each is returned
// wrapped in a sentence that says what to do.
var (
	// ErrRights: the operation needs administrator rights (or, for a user
	// service, must not be done as root).
	ErrRights = errors.New("not allowed")
	// ErrNotInstalled: there is no such service in this scope.
	ErrNotInstalled = errors.New("the service is not installed")
	// ErrNoConfig: no config file was named, or it cannot be used.
	ErrNoConfig = errors.New("a service needs a config file")
	// ErrInstalledDifferently: a service of this name exists, but with
	// another program, config file or account than the one asked for.
	ErrInstalledDifferently = errors.New("the service is already installed in another way")
	// ErrUnsupported: this machine has no service manager that can do it.
	ErrUnsupported = errors.New("not possible on this machine")
)

// Options describe the service. Start, Stop, Restart, Status and Uninstall
// look at Scope only.
type Options struct {
	// Scope chooses between the account's and the machine's services.
	Scope Scope
	// Executable is the program the service runs; "" means the program that
	// is running now. Relative paths are made absolute.
	Executable string
	// ConfigFile is handed to the service as --config and must exist.
	// Relative paths are made absolute.
	ConfigFile string
	// RunAs is the account a [System] service runs under on Linux and macOS.
	// "" means the account that called sudo, else the account
	// "scenario-drop" where it exists; root only when asked for by name.
	RunAs string
}

// Outcome tells what Install or Uninstall did.
type Outcome struct {
	// Changed is false when everything was already as asked for.
	Changed bool
	// Path is the file that defines the service, or on Windows its name.
	Path string
	// RunAs is the account that a service of the system runs as; "": that of the system, or of the
	// user for whom it was installed.
	RunAs string
}

// Install registers the service so that it starts at boot ([System]) or at
// login ([User]). It does not start it. Installing what is already installed
// in the same way changes nothing and is no error; installed in another way is
// [ErrInstalledDifferently]. After a failure nothing is left behind.
func Install(o Options) (Outcome, error) {
	out, err := o.install()
	if err != nil {
		return Outcome{}, fmt.Errorf("cannot install the service: %w", err)
	}
	return out, nil
}

func (o Options) install() (Outcome, error) {
	if err := o.absolute(); err != nil {
		return Outcome{}, err
	}
	p, err := prepare("install", o.Scope)
	if err != nil {
		return Outcome{}, err
	}
	if out, done, err := p.present(o); done || err != nil {
		return out, err
	}
	s, err := p.service(o)
	if err != nil {
		return Outcome{}, err
	}
	if err = s.Install(); err != nil {
		err = p.because(err)
	} else {
		err = p.finish()
	}
	if err != nil {
		return Outcome{}, errors.Join(err, p.undo(s))
	}
	return Outcome{Changed: true, Path: p.path, RunAs: p.account()}, nil
}

// Uninstall stops the service and removes it. Files of the user (config,
// ledger, logs) stay. Where there is no service nothing changes and no error is
// returned.
func Uninstall(o Options) (Outcome, error) {
	p, s, state, err := locate("uninstall", o)
	if err != nil {
		return Outcome{}, fmt.Errorf("cannot uninstall the service: %w", err)
	}
	if !state.Installed {
		return Outcome{Path: p.path}, nil
	}
	if err := p.removable(state); err != nil {
		return Outcome{}, fmt.Errorf("cannot uninstall the service: %w", err)
	}
	if state.Running {
		if err := s.Stop(); err != nil {
			return Outcome{}, fmt.Errorf("cannot stop the service before removing it: %w", err)
		}
	}
	if err := s.Uninstall(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Outcome{}, fmt.Errorf("cannot uninstall the service: %w", err)
	}
	p.forget()
	return Outcome{Changed: true, Path: p.path}, nil
}

// Start starts the service and returns once its manager calls it started. A
// service that runs already is left alone.
func Start(o Options) error { return control("start", o) }

// Stop stops the service and returns once it has ended. A service that does
// not run is left alone.
func Stop(o Options) error { return control("stop", o) }

// Restart stops the service where it runs and starts it.
func Restart(o Options) error { return control("restart", o) }

func control(op string, o Options) error {
	p, s, state, err := locate(op, o)
	if err != nil {
		return fmt.Errorf("cannot %s the service: %w", op, err)
	}
	if !state.Installed {
		return fmt.Errorf("cannot %s the service: %w", op, ErrNotInstalled)
	}
	switch {
	case op == "stop" && state.Active:
		err = s.Stop()
	case op == "restart" && state.Active, op == "start" && state.Waiting:
		err = s.Restart()
	case op == "restart", op == "start" && !state.Running:
		err = s.Start()
	}
	if after, stateErr := p.state(s); stateErr == nil {
		switch {
		case err == nil && op != "stop" && !after.Active: // such as a unit whose condition is not met
			err = errors.New("it does not run")
			fallthrough
		case err != nil:
			err = fmt.Errorf("%w; the service manager calls it %s", err, after.Detail)
		}
	}
	if err != nil {
		return fmt.Errorf("cannot %s the service: %w; its log may say why: %s", op, err, p.logCommand())
	}
	return nil
}

// State is what the service manager knows of the service.
type State struct {
	// Installed: the manager has a definition of the service.
	Installed bool
	// Enabled: it starts by itself at boot or login.
	Enabled bool
	// Running: it is up now.
	Running bool
	// Waiting: it failed and will be started again by its manager.
	Waiting bool
	// Active: it is running, waiting, starting or stopping.
	Active bool
	// PID of the daemon; 0 where it does not run or the manager does not say.
	PID int
	// Detail is the manager's own words for the state, for example
	// "activating (auto-restart)".
	Detail string
	// Path is the file that defines the service; on Windows its name.
	Path string
}

// Status asks the service manager. It needs no rights. A service that is not
// installed is a State with Installed false, not an error.
func Status(o Options) (State, error) {
	_, _, state, err := locate("status", o)
	if err != nil {
		return State{}, fmt.Errorf("cannot ask for the service's status: %w", err)
	}
	return state, nil
}

// locate is the common beginning of everything that acts on a service which
// may be there.
func locate(op string, o Options) (*platform, service.Service, State, error) {
	p, err := prepare(op, o.Scope)
	if err != nil {
		return nil, nil, State{}, err
	}
	s, err := p.service(Options{Scope: o.Scope})
	if err != nil {
		return nil, nil, State{}, err
	}
	state, err := p.state(s)
	if err != nil {
		return nil, nil, State{}, err
	}
	return p, s, state, nil
}

// prepare checks that op may be done here in this scope.
func prepare(op string, scope Scope) (*platform, error) {
	if err := checkRights(op, scope, caller()); err != nil {
		return nil, err
	}
	return newPlatform(scope)
}

// program is the daemon as seen by the service library, which for installing
// and controlling wants one but never calls it: the daemon itself runs in [Run].
type program struct{}

func (program) Start(service.Service) error { return nil }
func (program) Stop(service.Service) error  { return nil }
