package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"scenario-drop/internal/wait"
	"scenario-drop/standin"
)

// limited lets 10 000 files wait for an API that allows 20 requests a second, and tells
// how much of that is used, and how much refused, once the rate is found.
func (b *bench) limited(ctx context.Context) (err error) {
	const allowed, files = 20, 10_000
	const learning, measured = 10 * time.Second, 2 * time.Minute
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	fmt.Printf("\n%d files of 1 KiB at an API that allows %d requests a second, over %v after the first %v\n\n", files, allowed, measured, learning)
	fmt.Print("| Retry-After | used of what is allowed | refused |\n| --- | --- | --- |\n")
	for _, retryAfter := range []string{"", "seconds"} {
		folder := filepath.Join(state, "folder"+retryAfter)
		if err := (set{"", files, 1 << 10, 100}).make(folder); err != nil {
			return err
		}
		api, err := standin.New(standin.Options{Discard: true, ImportDelay: time.Second, Behavior: standin.Behavior{RatePerSecond: allowed, RetryAfter: retryAfter}})
		if err != nil {
			return err
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- api.Run(running) }()
		r := &job{programs: b.programs, files: folder, state: state, to: &s3{}, api: api}
		config, err := r.configure(api, "", "")
		if err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
		cmd, err := r.background(ctx, r.environment(), r.scenarioDrop, "run", "--config", config)
		if err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
		wait.For(ctx, learning)
		askedBefore, refusedBefore := apiRequests(api)
		start := time.Now()
		wait.For(ctx, measured)
		asked, refused := apiRequests(api)
		took := time.Since(start)
		cmd.Process.Signal(syscall.SIGTERM)
		err = cmd.Wait()
		stop()
		if err = errors.Join(err, <-ended); err != nil {
			return err
		}
		asked, refused = asked-askedBefore, refused-refusedBefore
		if retryAfter == "" {
			retryAfter = "not told"
		}
		fmt.Printf("| %s | %.1f %% | %.2f %% |\n", retryAfter, 100*float64(asked-refused)/(allowed*took.Seconds()), 100*float64(refused)/float64(asked))
		if err := os.RemoveAll(filepath.Join(state, "data")); err != nil {
			return err
		}
	}
	return nil
}

// apiRequests counts the requests to the API, parts left out, and those it refused.
func apiRequests(api *standin.Server) (asked, refused int) {
	a := api.Account()
	for op, n := range a.Requests {
		if op != standin.OpPart {
			asked += n
		}
	}
	return asked, a.RateLimited
}
