//go:build unix

package cli

import (
	"os"
	"syscall"
	"testing"
)

// An order that comes while the daemon starts is kept until somebody can follow it.
func TestHangupDuringTheStartIsKept(t *testing.T) {
	reload, stop := daemonSignals()
	defer stop()
	for range 3 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGPIPE); err != nil {
		t.Fatal(err)
	}
	<-reload
}
