package e2e

import (
	"os"
	"syscall"
)

// peakMemory returns the largest resident size that an ended process had, in bytes.
func peakMemory(p *os.ProcessState) (bytes float64, ok bool) {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	return float64(usage.Maxrss) * 1024, true // in KiB, by getrusage(2)
}
