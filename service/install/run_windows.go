package install

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/windows/svc"
)

// StartedByManager reports whether the Windows service control manager started
// this process, which then has no terminal and nobody who reads its stderr.
func StartedByManager() bool {
	yes, err := svc.IsWindowsService()
	return err == nil && yes
}

// Run calls main and returns what it returns, answering the service control
// manager where that started the process. main calls ready once it does its
// work (more calls do nothing) and returns soon after ctx is done, which
// happens also when the manager asks for a stop. An error from main is told to
// the manager, which starts the service again; the process should exit
// non-zero then.
func Run(ctx context.Context, main func(ctx context.Context, ready func()) error) error {
	if !StartedByManager() {
		return main(ctx, func() {})
	}
	h := &handler{ctx: ctx, main: main}
	if err := svc.Run(Name, h); err != nil {
		return errors.Join(h.err, fmt.Errorf("answer the service manager: %w", err))
	}
	return h.err
}

// handler runs main between the manager's requests. The library's own loop
// would not notice that main has ended by itself.
type handler struct {
	ctx  context.Context // Execute has no place for it
	main func(ctx context.Context, ready func()) error
	err  error // what main returned; read after svc.Run
}

// failed is the service-specific exit code of a main that returned an error.
const failed = 1

// stopHint is how long, in milliseconds, the manager should wait for the end:
// longer than a stop may take.
const stopHint = 15_000

// startHint is likewise for the start, which may bring a large local database up to date.
const startHint = 300_000

func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, changes chan<- svc.Status) (bool, uint32) {
	changes <- svc.Status{State: svc.StartPending, WaitHint: startHint}
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	ready, done := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() { done <- h.main(ctx, func() { once.Do(func() { close(ready) }) }) }()
	isReady := ready // nil once it has been, or no longer is to be, reported
	for {
		select {
		case <-isReady:
			isReady = nil
			changes <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
		case h.err = <-done:
			// An end that nobody asked for is a failure, too: it is to be started again.
			if h.err != nil || ctx.Err() == nil {
				return true, failed
			}
			return false, 0
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				changes <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				isReady = nil
				changes <- svc.Status{State: svc.StopPending, WaitHint: stopHint}
				cancel()
			}
		}
	}
}
