//go:build !linux

package e2e

import "os/exec"

// runWatched tells the peak on Linux only; elsewhere it is 0.
func runWatched(cmd *exec.Cmd) (out []byte, peak float64, err error) {
	out, err = cmd.CombinedOutput()
	return out, 0, err
}
