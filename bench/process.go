package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// cost is what one run of a client took.
type cost struct {
	wall     time.Duration
	cpu      time.Duration // user and system
	rss      int64         // bytes, at the peak; 0: not told here
	read     int64         // bytes read, from files and sockets; 0: not told here
	requests int           // as the servers counted them; 0: not counted
}

// longestRun bounds one run of one client.
const longestRun = 5 * time.Minute

// measure runs a program to its end.
func measure(ctx context.Context, dir string, env []string, name string, args ...string) (cost, error) {
	ctx, cancel := context.WithTimeout(ctx, longestRun)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	var c cost
	c.read, c.rss = watch(cmd.Process.Pid)
	err := cmd.Wait()
	c.wall = time.Since(start)
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if err != nil {
		return c, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(out.String()))
	}
	return c, nil
}

func tail(s string) string {
	const most = 2000
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return s
}
