//go:build darwin || windows

package install

import (
	"errors"

	"github.com/kardianos/service"
)

func (p *platform) state(s service.Service) (State, error) {
	got, err := s.Status()
	if errors.Is(err, service.ErrNotInstalled) {
		return State{Path: p.path, Detail: "not installed"}, nil
	}
	if err != nil {
		return State{}, err
	}
	state := State{Installed: true, Enabled: true, Path: p.path, Detail: "stopped"}
	switch {
	case got == service.StatusRunning:
		state.Running, state.Active, state.Detail = true, true, "running"
	case p.waits():
		state.Active, state.Waiting, state.Detail = true, true, "waiting to be started again"
	}
	return state, nil
}
