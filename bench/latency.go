package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// drops is how many files the latency is taken of, one after the other.
const drops = 40

// latency measures the time from the close of a finished file of 200 KiB to the first
// byte of it at the storage.
func (b *bench) latency(ctx context.Context) error {
	fmt.Print("\nFrom the close of a file of 200 KiB to its first byte at the storage\n\n| watcher | p50 | p95 |\n| --- | --- | --- |\n")
	for _, c := range []struct {
		name  string
		start func(ctx context.Context, r *job) (*exec.Cmd, error)
	}{
		{"scenario-drop, default settings", func(ctx context.Context, r *job) (*exec.Cmd, error) { return r.daemon(ctx, "") }},
		{`scenario-drop, settle = "0s"`, func(ctx context.Context, r *job) (*exec.Cmd, error) { return r.daemon(ctx, `settle = "0s"`) }},
		{"mc mirror --watch", startMCWatch},
	} {
		if strings.HasPrefix(c.name, "mc") && b.mc == "" {
			continue
		}
		took, err := b.dropsOf(ctx, c.start)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		slices.Sort(took)
		fmt.Printf("| %s | %.1f ms | %.1f ms |\n", c.name, took[len(took)/2].Seconds()*1000, took[len(took)*95/100].Seconds()*1000)
	}
	return nil
}

func (b *bench) dropsOf(ctx context.Context, start func(context.Context, *job) (*exec.Cmd, error)) (took []time.Duration, err error) {
	// On a disk, as an artist's folder is.
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	to, err := startDiscard(nil)
	if err != nil {
		return nil, err
	}
	defer to.stop()
	r := &job{programs: b.programs, files: filepath.Join(state, "folder"), state: state, to: to, prefix: "watch"}
	if err := os.Mkdir(r.files, 0o755); err != nil {
		return nil, err
	}
	api, stop, err := to.api(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	r.api = api
	cmd, err := start(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}()
	for i := range drops + 1 {
		one, err := r.drop(ctx, fmt.Sprintf("%03d.bin", i))
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first also waits for the watcher to be ready
			took = append(took, one)
		}
	}
	return took, nil
}

// drop saves one file and waits for it at the storage.
func (r *job) drop(ctx context.Context, name string) (time.Duration, error) {
	data := make([]byte, 200<<10)
	rand.Read(data)
	f, err := os.Create(filepath.Join(r.files, name))
	if err != nil {
		return 0, err
	}
	if _, err := f.Write(data); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return 0, err
	}
	closed := time.Now()
	select {
	case at := <-r.to.counted.arrived:
		time.Sleep(300 * time.Millisecond) // let what follows it end
		return at.Sub(closed), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(time.Minute):
		return 0, fmt.Errorf("%s did not come within a minute", name)
	}
}

// daemon starts scenario-drop on the job's folder.
func (r *job) daemon(ctx context.Context, rule string) (*exec.Cmd, error) {
	config, err := r.configure(r.api, "", rule)
	if err != nil {
		return nil, err
	}
	return r.background(ctx, r.environment(), r.scenarioDrop, "run", "--config", config)
}

func (r *job) background(ctx context.Context, env []string, name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = r.state, env
	return cmd, cmd.Start()
}

func startMCWatch(ctx context.Context, r *job) (*exec.Cmd, error) {
	return r.background(ctx, r.mcEnvironment(), r.mc, "--config-dir", r.state, "--quiet", "mirror", "--watch", r.files, "bench/"+bucket+"/"+r.prefix)
}
