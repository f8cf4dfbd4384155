package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// daemonSignals takes the signals that would end the process and are no reason for a daemon to
// end: a hangup, which is its order to read the config again (sent on reload), and a pipe
// whose reader went away. It is called before anything else, so that a hangup during the start
// counts. stop gives both back.
func daemonSignals() (reload <-chan struct{}, stop func()) {
	hangup, pipe := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	// Unless somebody is told of it, Go ends a process that writes to a broken stdout or stderr.
	signal.Notify(pipe, syscall.SIGPIPE)
	asked, ended, done := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-hangup:
				select {
				case asked <- struct{}{}:
				default: // one order is waiting already
				}
			case <-pipe:
			case <-ended:
				return
			}
		}
	}()
	return asked, func() {
		signal.Stop(hangup)
		signal.Stop(pipe)
		close(ended)
		<-done
	}
}
