package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// runWatched runs a program to its end and returns its output with the largest resident
// size that it had, in bytes. That is its own high-water mark, looked at again and again:
// what getrusage(2) tells of a child is no less than what its parent had when it began.
func runWatched(cmd *exec.Cmd) (out []byte, peak float64, err error) {
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		if now := highWater(cmd.Process.Pid); now > peak {
			peak = now
		}
		select {
		case err := <-ended:
			return b.Bytes(), peak, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func highWater(pid int) (bytes float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kib float64
			fmt.Sscan(value, &kib)
			return kib * 1024
		}
	}
	return 0
}
