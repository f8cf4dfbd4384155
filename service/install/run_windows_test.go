package install

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/windows/svc"
)

// scm plays the service control manager's part of the conversation.
type scm struct {
	t        *testing.T
	requests chan svc.ChangeRequest
	changes  chan svc.Status
	exit     chan uint32
}

func start(t *testing.T, main func(ctx context.Context, ready func()) error) (*scm, *handler) {
	m := &scm{t, make(chan svc.ChangeRequest), make(chan svc.Status), make(chan uint32, 1)}
	h := &handler{ctx: t.Context(), main: main}
	go func() {
		_, code := h.Execute(nil, m.requests, m.changes)
		m.exit <- code
	}()
	m.wants(svc.StartPending)
	return m, h
}

func (m *scm) wants(s svc.State) {
	m.t.Helper()
	select {
	case got := <-m.changes:
		if got.State != s {
			m.t.Fatalf("the service says state %d, want %d", got.State, s)
		}
	case <-time.After(10 * time.Second):
		m.t.Fatalf("the service does not say state %d", s)
	}
}

func TestServiceStopsWhenAsked(t *testing.T) {
	m, h := start(t, func(ctx context.Context, ready func()) error {
		ready()
		ready()
		<-ctx.Done()
		return nil
	})
	m.wants(svc.Running)
	m.requests <- svc.ChangeRequest{Cmd: svc.Interrogate, CurrentStatus: svc.Status{State: svc.Running}}
	m.wants(svc.Running)
	m.requests <- svc.ChangeRequest{Cmd: svc.Stop}
	m.wants(svc.StopPending)
	if code := <-m.exit; code != 0 || h.err != nil {
		t.Errorf("exit code %d, error %v", code, h.err)
	}
}

func TestServiceThatFailsSaysSo(t *testing.T) {
	failure := errors.New("no ledger")
	m, h := start(t, func(context.Context, func()) error { return failure })
	if code := <-m.exit; code == 0 {
		t.Error("exit code 0: the manager would not start it again")
	}
	if !errors.Is(h.err, failure) {
		t.Errorf("error %v, want %v", h.err, failure)
	}
}

// An end that nobody asked for, however peaceful, is one after which to start again.
func TestServiceThatEndsUnaskedIsStartedAgain(t *testing.T) {
	m, h := start(t, func(_ context.Context, ready func()) error {
		ready()
		return nil
	})
	for done := false; !done; {
		select {
		case <-m.changes: // whether it was seen running is a matter of time
		case code := <-m.exit:
			if code == 0 || h.err != nil {
				t.Errorf("exit code %d, error %v", code, h.err)
			}
			done = true
		}
	}
}

func TestServiceStopsBeforeItIsReady(t *testing.T) {
	m, _ := start(t, func(ctx context.Context, ready func()) error {
		<-ctx.Done()
		ready() // too late; it must not be called running again
		return nil
	})
	m.requests <- svc.ChangeRequest{Cmd: svc.Shutdown}
	m.wants(svc.StopPending)
	if code := <-m.exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
}
