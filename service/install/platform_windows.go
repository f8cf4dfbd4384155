package install

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/mgr"
)

// platform is the service manager at hand, here the service control manager.
type platform struct {
	path string // the service's name; there is no file
}

// caller asks the service manager itself who may make services: being in the
// group of administrators is not enough where the process is not elevated.
func caller() account {
	h, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT|windows.SC_MANAGER_CREATE_SERVICE)
	if err == nil {
		_ = windows.CloseServiceHandle(h) // nothing was asked of it
	}
	return account{admin: !errors.Is(err, windows.ERROR_ACCESS_DENIED), noUserScope: true}
}

func newPlatform(Scope) (*platform, error) { return &platform{path: Name}, nil }

func (p *platform) service(o Options) (service.Service, error) {
	if o.RunAs != "" {
		return nil, fmt.Errorf("%w: on Windows choose the account in the Services window after installing", ErrUnsupported)
	}
	return service.New(program{}, &service.Config{
		Name:        Name,
		DisplayName: "Scenario Drop",
		Description: "Uploads files dropped into folders to Scenario.",
		Executable:  o.Executable,
		Arguments:   []string{"run", "--config", o.ConfigFile},
		Option: service.KeyValue{
			"DelayedAutoStart": true, // the network is there by then
			"OnFailure":        "restart",
			// The last action of the list, here the only one, is repeated for
			// every further failure.
			"OnFailureDelayDuration": "5s",
			"OnFailureResetPeriod":   3600, // seconds
		},
	})
}

// present looks for a service that is there already; done means that nothing
// remains to be done.
func (p *platform) present(o Options) (out Outcome, done bool, err error) {
	command, err := installedCommand()
	switch {
	case errors.Is(err, registry.ErrNotExist):
		return Outcome{}, false, nil
	case err != nil:
		return Outcome{}, false, fmt.Errorf("look for an older service: %w", err)
	case command != commandLine(o):
		return Outcome{}, false, fmt.Errorf("%w (%s); remove that one first", ErrInstalledDifferently, command)
	}
	return Outcome{Path: p.path}, true, nil
}

// installedCommand reads what the service runs from where the manager keeps it;
// registry.ErrNotExist where there is no service.
func installedCommand() (string, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\`+Name, registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	command, _, err := k.GetStringValue("ImagePath")
	return command, err
}

// commandLine is how the service manager keeps the program and its arguments.
func commandLine(o Options) string {
	words := []string{o.Executable, "run", "--config", o.ConfigFile}
	for i, w := range words {
		words[i] = windows.EscapeArg(w)
	}
	return strings.Join(words, " ")
}

// finish has the manager also start the service again when it ended with an
// error, not only when its process died.
func (p *platform) finish() error {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service manager: %w", err)
	}
	defer m.Disconnect()
	s, err := m.OpenService(Name)
	if err != nil {
		return fmt.Errorf("open the new service: %w", err)
	}
	defer s.Close()
	// Wine does not know this setting; there only a died process counts.
	if err := s.SetRecoveryActionsOnNonCrashFailures(true); err != nil && !errors.Is(err, windows.ERROR_INVALID_LEVEL) {
		return fmt.Errorf("set what to do after failures: %w", err)
	}
	return nil
}

// because: the library's error says all there is.
func (p *platform) because(err error) error { return err }

// undo removes what a failed installation left.
func (p *platform) undo(s service.Service) error {
	state, err := p.state(s)
	if err != nil || !state.Installed {
		return err
	}
	return s.Uninstall()
}

func (p *platform) account() string { return "" }

// removable: the service manager has no other owner of a definition.
func (p *platform) removable(State) error { return nil }

// forget: the service manager keeps no memory of a removed service.
func (p *platform) forget() {}

func (p *platform) logCommand() string { return "eventvwr (Windows Logs, System)" }

// configFile reads what the manager keeps.
func (p *platform) configFile(State) (string, error) {
	command, err := installedCommand()
	if err != nil {
		return "", err
	}
	words, err := windows.DecomposeCommandLine(command)
	if err != nil {
		return "", ErrConfigUnknown
	}
	return afterConfig(words)
}

// waits reports whether the service is to run, though it does not: Windows does not tell.
func (p *platform) waits() bool { return false }
