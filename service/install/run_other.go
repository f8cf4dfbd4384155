//go:build !windows

package install

import (
	"context"
	"sync"
)

// Run calls main and returns what it returns, telling the service manager that
// started the process, if one did, how things stand. main calls ready once it
// does its work (more calls do nothing) and returns soon after ctx is done; an
// error from it must end in a non-zero exit code, so that the manager starts
// the service again. On Unix the managers stop a service with a signal, which
// is for the caller to turn into the end of ctx.
func Run(ctx context.Context, main func(ctx context.Context, ready func()) error) error {
	var once sync.Once
	ready := func() {
		// An unreachable manager shows in its own log; the daemon's work
		// does not depend on it.
		once.Do(func() { _ = Notify("READY=1") })
	}
	told := make(chan struct{})
	unneeded := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = Notify("STOPPING=1")
	})
	defer func() {
		if !unneeded() {
			<-told
		}
	}()
	return main(ctx, ready)
}
