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
// byte of it at the storage, and to its being imported, as the daemon's log says.
func (b *bench) latency(ctx context.Context) error {
	fmt.Printf("\nFrom the close of a file of 200 KiB, %d one after the other, on a local disk\n\n", drops)
	fmt.Print("| watcher | file | first byte: p50 | p95 | imported: p50 | p95 |\n| --- | --- | --- | --- | --- | --- |\n")
	byDefault := func(ctx context.Context, r *job) (*exec.Cmd, error) { return r.daemon(ctx, "") }
	for _, c := range []struct {
		name, kind string // the kind is the end of the files' names
		start      func(ctx context.Context, r *job) (*exec.Cmd, error)
	}{
		{"scenario-drop, default settings", "png", byDefault},
		{"scenario-drop, default settings", "bin", byDefault},
		{`scenario-drop, settle = "0s"`, "png", func(ctx context.Context, r *job) (*exec.Cmd, error) { return r.daemon(ctx, `settle = "0s"`) }},
		{"mc mirror --watch", "png", startMCWatch},
	} {
		peer := strings.HasPrefix(c.name, "mc")
		if peer && b.mc == "" {
			continue
		}
		first, whole, err := b.dropsOf(ctx, c.kind, c.start, !peer)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Printf("| %s | .%s | %s | %s |\n", c.name, c.kind, percentiles(first), percentiles(whole))
	}
	return nil
}

func percentiles(all []time.Duration) string {
	if len(all) == 0 {
		return "– | –"
	}
	slices.Sort(all)
	return fmt.Sprintf("%.1f ms | %.1f ms", all[len(all)/2].Seconds()*1000, all[len(all)*95/100].Seconds()*1000)
}

func (b *bench) dropsOf(ctx context.Context, kind string, start func(context.Context, *job) (*exec.Cmd, error), tells bool) (first, whole []time.Duration, err error) {
	// On a disk, as an artist's folder is.
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	to, err := startDiscard(nil)
	if err != nil {
		return nil, nil, err
	}
	defer to.stop()
	r := &job{programs: b.programs, files: filepath.Join(state, "folder"), state: state, to: to, prefix: "watch"}
	var told *imports
	if tells {
		told = newImports()
		defer told.Close()
		r.said = told
	}
	if err := os.Mkdir(r.files, 0o755); err != nil {
		return nil, nil, err
	}
	api, stop, err := to.api(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	r.api = api
	cmd, err := start(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}()
	for i := range drops + 1 {
		begun, ended, err := r.drop(ctx, fmt.Sprintf("%03d.%s", i, kind), told)
		if err != nil {
			return nil, nil, err
		}
		if i == 0 { // which also waits for the watcher to be ready
			continue
		}
		first = append(first, begun)
		if told != nil {
			whole = append(whole, ended)
		}
	}
	return first, whole, nil
}

// drop saves one file and waits for it at the storage, and to be told of its import if
// there is somebody who tells.
func (r *job) drop(ctx context.Context, name string, told *imports) (first, whole time.Duration, err error) {
	data := make([]byte, 200<<10)
	rand.Read(data)
	if strings.HasSuffix(name, ".png") {
		if data, err = picture(); err != nil {
			return 0, 0, err
		}
	}
	closed, err := save(filepath.Join(r.files, name), data)
	if err != nil {
		return 0, 0, err
	}
	select {
	case at := <-r.to.counted.arrived:
		first = at.Sub(closed)
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	case <-time.After(time.Minute):
		return 0, 0, fmt.Errorf("%s did not come within a minute", name)
	}
	if told != nil {
		at, err := told.wait(ctx, name)
		if err != nil {
			return 0, 0, err
		}
		whole = at.Sub(closed)
	}
	time.Sleep(300 * time.Millisecond) // let what follows it end
	return first, whole, nil
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
	all := append(append(slices.Clone(r.inside), name), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Dir, cmd.Env, cmd.Stderr = r.state, env, r.said
	return cmd, cmd.Start()
}

func startMCWatch(ctx context.Context, r *job) (*exec.Cmd, error) {
	return r.background(ctx, r.mcEnvironment(), r.mc, "--config-dir", r.state, "--quiet", "mirror", "--watch", r.files, "bench/"+bucket+"/"+r.prefix)
}
