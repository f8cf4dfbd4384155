package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"scenario-drop/internal/wait"
)

const (
	besideFile  = 20 << 30 // sparse; it is not sent to its end
	besideDrops = 10
	// The line counts as full when this share of its rate is used.
	besideFull = 0.85
)

// besideLarge takes the time from the close of a picture of 200 KiB to its being
// imported, as the daemon's own log says, over a line that is idle, and then over the
// same line while a large file fills it.
func (b *bench) besideLarge(ctx context.Context, l line, f *far) (err error) {
	// On a disk, as an artist's folder is.
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	told := newImports()
	defer told.Close()
	r := &job{programs: b.programs, files: filepath.Join(state, "folder"), state: state, to: f.s3, api: f.api, base: f.base,
		inside: f.network.inside(), said: told}
	if err := os.Mkdir(r.files, 0o755); err != nil {
		return err
	}
	cmd, err := r.daemon(ctx, "")
	if err != nil {
		return err
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}()
	fmt.Printf("From the close of a PNG of 200 KiB until it is imported, default settings, %d one after the other\n\n", besideDrops)
	fmt.Print("| dropped | median | range |\n| --- | --- | --- |\n")
	alone, err := r.importedAfter(ctx, "alone", told)
	if err != nil {
		return err
	}
	if err := sparse(filepath.Join(r.files, "large.bin"), besideFile); err != nil {
		return err
	}
	share, err := f.untilFull(ctx, l)
	if err != nil {
		return err
	}
	before, since := f.s3.counted.came.Load(), time.Now()
	beside, err := r.importedAfter(ctx, "beside", told)
	if err != nil {
		return err
	}
	meanwhile := float64((f.s3.counted.came.Load()-before)*8) / time.Since(since).Seconds() / float64(l.rate)
	fmt.Printf("\n%.2f s later beside the large file than alone (medians); %.0f %% of the line was used before, %.0f %% meanwhile\n",
		(median(beside) - median(alone)), 100*share, 100*meanwhile)
	return nil
}

// importedAfter drops pictures, each after the one before was imported, and returns the
// seconds that each took.
func (r *job) importedAfter(ctx context.Context, name string, told *imports) (took []float64, err error) {
	for i := range besideDrops + 1 {
		this := fmt.Sprintf("%s%d.png", name, i)
		data, err := picture()
		if err != nil {
			return nil, err
		}
		closed, err := save(filepath.Join(r.files, this), data)
		if err != nil {
			return nil, err
		}
		at, err := told.wait(ctx, this)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first also waits for the watcher to be ready
			took = append(took, at.Sub(closed).Seconds())
		}
		// Not in step with anything, and not in the wake of the one before.
		if !wait.For(ctx, time.Second+time.Duration(i*137)*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
	all := slices.Clone(took)
	m := median(all)
	fmt.Printf("| %s | %.2f s | %.2f–%.2f s |\n", name, m, all[0], all[len(all)-1])
	return took, nil
}

func sparse(name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}

// untilFull waits until the line is full, and goes on for a while then, since what fills
// it still looks for the best number of connections. It returns the share in use.
func (f *far) untilFull(ctx context.Context, l line) (share float64, err error) {
	const interval, fullFor, within = 2 * time.Second, 6, 60
	for n, full := 0, 0; full < fullFor; n++ {
		if n == within {
			return 0, fmt.Errorf("the line does not fill: %.0f %% of it is used", 100*share)
		}
		before, since := f.s3.counted.came.Load(), time.Now()
		if !wait.For(ctx, interval) {
			return 0, ctx.Err()
		}
		share = float64((f.s3.counted.came.Load()-before)*8) / time.Since(since).Seconds() / float64(l.rate)
		if share >= besideFull {
			full++
		}
	}
	return share, nil
}
