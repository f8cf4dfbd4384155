package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watch waits for a process to end, and returns how many bytes it read (rchar of
// proc_pid_io(5)), and the most that it had resident, in bytes. That is its own
// high-water mark, looked at again and again: what getrusage(2) tells of a child is no
// less than what its parent had when it began.
func watch(pid int) (read, peak int64) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
		}
	}()
	for {
		peak = max(peak, procValue(fmt.Sprintf("/proc/%d/status", pid), "VmHWM:")<<10)
		select {
		case <-ended:
			return procValue(fmt.Sprintf("/proc/%d/io", pid), "rchar:"), peak
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// procValue reads a number of a file in /proc by its name there; 0 if it is not there.
func procValue(file, name string) int64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}

// processCPU is the user and system time of a running process so far (proc_pid_stat(5),
// in ticks of 10 ms).
func processCPU(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] {
		n, _ := strconv.ParseInt(f, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// processMemory is what a running process has resident, in bytes.
func processMemory(pid int) int64 {
	return procValue(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:") << 10
}
