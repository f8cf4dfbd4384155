package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scenario-drop/internal/wait"
)

const (
	// A file that takes 84 s on a full line of 100 Mbit/s: it has a start and an end too.
	longLineFile = 1000 << 20
	// Clients that have not sent it by then are ended; of the peers it is known earlier what
	// they use.
	longLineMost, peerLineMost = 2 * time.Minute, 45 * time.Second
	// Of a transfer's start no line is used well.
	longLineStart = 10 * time.Second
)

// lines sends over the slow lines named: one large file over a long one with loss, a small
// file beside a large one, many small files over a long one, and a few over a very narrow one.
func (b *bench) lines(ctx context.Context, names []string) error {
	long := line{delay: 40 * time.Millisecond, rate: 100_000_000, loss: 0.005, limit: 1000}
	narrow := line{delay: 20 * time.Millisecond, rate: 50_000_000, limit: 1000}
	start := line{delay: 40 * time.Millisecond, rate: 100_000_000, limit: 1000}
	few := line{delay: 20 * time.Millisecond, rate: 2_000_000, limit: 100}
	for _, c := range []struct {
		name string
		line
		do func(context.Context, line, *far) error
	}{{"long", long, b.longLine}, {"narrow", narrow, b.besideLarge}, {"start", start, b.startSet("start")}, {"few", few, b.startSet("few")}} {
		if !slices.Contains(names, c.name) {
			continue
		}
		// At this loss CUBIC, which most systems use, is as slow as Reno (RFC 9438, section
		// 4.3), and a kernel may keep CUBIC from namespaces.
		for congestion := range strings.SplitSeq(b.congestion, ",") {
			if err := b.onLine(ctx, c.line, congestion, c.do); err != nil {
				return err
			}
		}
	}
	return nil
}

// onLine does something with servers at the end of a line.
func (b *bench) onLine(ctx context.Context, l line, congestion string, do func(context.Context, line, *far) error) (err error) {
	fmt.Printf("\nA line of %v; TCP's congestion control is %s; storage and API at its far end, both over TLS\n\n", l, congestion)
	n, err := newNetwork(ctx, b.self, l, congestion)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop(os.Stdout)) }()
	f, err := startFar(ctx, n, b.cert)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	return do(ctx, l, f)
}

// longLine tells how much of a line each client uses for one large file.
func (b *bench) longLine(ctx context.Context, l line, f *far) error {
	files := filepath.Join(b.dir, "files", "line")
	if err := (set{files: 1, size: longLineFile}).make(files); err != nil {
		return err
	}
	defer os.RemoveAll(files)
	fmt.Printf("One file of %s, peers for %v only, %d rounds; payload against the line's rate, which headers are part of. Medians (range).\n\n",
		sizeText(longLineFile), peerLineMost, b.rounds)
	fmt.Print("| client | from start to end | after the first ")
	fmt.Printf("%v | the median second | wall | CPU |\n| --- | --- | --- | --- | --- | --- |\n", longLineStart)
	for _, connections := range []int{1, 64} {
		share, err := f.plain(ctx, l, connections)
		if err != nil {
			return err
		}
		fmt.Printf("| %d plain TCP | – | %.1f %% | – | – | – |\n", connections, 100*share)
	}
	chosen, all, err := b.roundsOverLine(ctx, l, f, files)
	if err != nil {
		return err
	}
	for n, c := range chosen {
		u := all[n]
		fmt.Printf("| %s | %s %% | %s %% | %s %% | %s s | %.2f s |\n", c.name, spread(u.all), spread(u.after), spread(u.usual), spread(u.wall), median(u.cpu))
	}
	return nil
}

// startSet tells how much of a line each client uses for a set of small files, from the start of
// its process to the last byte.
func (b *bench) startSet(name string) func(context.Context, line, *far) error {
	return func(ctx context.Context, l line, f *far) error {
		t := setNamed(name)
		files := filepath.Join(b.dir, "files", "line")
		if err := t.make(files); err != nil {
			return err
		}
		defer os.RemoveAll(files)
		fmt.Printf("%v, %d rounds; payload against the line's rate, which headers are part of. Medians (range).\n\n", t, b.rounds)
		fmt.Print("| client | from start to end | the median second | wall | CPU |\n| --- | --- | --- | --- | --- |\n")
		chosen, all, err := b.roundsOverLine(ctx, l, f, files)
		if err != nil {
			return err
		}
		for n, c := range chosen {
			u := all[n]
			fmt.Printf("| %s | %s %% | %s %% | %s s | %.2f s |\n", c.name, spread(u.all), spread(u.usual), spread(u.wall), median(u.cpu))
		}
		return nil
	}
}

// roundsOverLine lets every client send the files over a line, one after the other, round by
// round, each round beginning with another client.
func (b *bench) roundsOverLine(ctx context.Context, l line, f *far, files string) ([]client, []usage, error) {
	var chosen []client
	for _, c := range clients(b.programs) {
		if b.wanted(c.name) && !strings.HasPrefix(c.name, "floor") {
			chosen = append(chosen, c)
		}
	}
	all := make([]usage, len(chosen))
	for round := range b.rounds {
		for i := range chosen {
			n := (i + round) % len(chosen)
			// An account of its own, or the files would be compared with what the one before left.
			fresh, err := startFar(ctx, f.network, b.cert)
			if err != nil {
				return nil, nil, err
			}
			u, err := b.overLine(ctx, l, fresh, files, chosen[n])
			if err = errors.Join(err, fresh.stop()); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", chosen[n].name, err)
			}
			all[n].add(u)
		}
	}
	return chosen, all, nil
}

// spread is a median and the range it comes of.
func spread(all []float64) string {
	m := median(all) // sorts them
	return fmt.Sprintf("%.1f (%.1f–%.1f)", m, all[0], all[len(all)-1])
}

// used is how much of a line one run used.
type used struct {
	cost
	all, after, usual float64 // percent of the line's rate: over the whole run, after its start, in the median second
}

// usage is what the rounds of one client used.
type usage struct{ all, after, usual, wall, cpu []float64 }

func (s *usage) add(u used) {
	s.all, s.after, s.usual = append(s.all, u.all), append(s.after, u.after), append(s.usual, u.usual)
	s.wall, s.cpu = append(s.wall, u.wall.Seconds()), append(s.cpu, u.cpu.Seconds())
}

// overLine lets one client send files over a line.
func (b *bench) overLine(ctx context.Context, l line, f *far, files string, c client) (u used, err error) {
	b.runs++
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	most := longLineMost
	if !strings.HasPrefix(c.name, "scenario-drop") {
		most = peerLineMost
	}
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	r := &job{programs: b.programs, files: files, state: state, to: f.s3, prefix: fmt.Sprint("run", b.runs), api: f.api, base: f.base, inside: f.network.inside()}
	ended := make(chan struct{})
	start, before := time.Now(), f.s3.counted.came.Load()
	go func() {
		defer close(ended)
		u.cost, err = c.run(limited, r)
	}()
	percent := func(bytes int64, d time.Duration) float64 {
		return 100 * float64(bytes*8) / d.Seconds() / float64(l.rate)
	}
	var at, last, second time.Duration // of the start of what counts, of the last byte, of the second under way
	var sent, early, sentBefore int64
	var seconds []float64
	for watching := true; watching; {
		select {
		case <-ended:
			watching = false
		case <-time.After(50 * time.Millisecond):
		}
		now, came := time.Since(start), f.s3.counted.came.Load()-before
		if came > sent {
			sent, last = came, now
		}
		if at == 0 && now >= longLineStart {
			at, early = now, came
		}
		if now-second >= time.Second {
			seconds = append(seconds, percent(came-sentBefore, now-second))
			second, sentBefore = now, came
		}
	}
	if limited.Err() != nil && ctx.Err() == nil {
		err = nil // it was ended here
	}
	u.all = percent(sent, u.wall)
	if last > at && at > 0 {
		u.after = percent(sent-early, last-at)
	}
	if len(seconds) > 0 {
		u.usual = median(seconds)
	}
	return u, err
}

// plain is the share of a line that plain TCP connections use once they have got going.
func (f *far) plain(ctx context.Context, l line, connections int) (float64, error) {
	const start, measured = 5 * time.Second, 10 * time.Second
	server, err := f.network.listen()
	if err != nil {
		return 0, err
	}
	defer server.Close()
	counted := newDiscard()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go io.Copy(counted, c)
		}
	}()
	for range connections {
		c, err := f.network.dial(server.Addr().String())
		if err != nil {
			return 0, err
		}
		defer c.Close()
		go func() {
			for buf := make([]byte, 64<<10); ; {
				if _, err := c.Write(buf); err != nil {
					return
				}
			}
		}()
	}
	if !wait.For(ctx, start) {
		return 0, ctx.Err()
	}
	before, since := counted.came.Load(), time.Now()
	if !wait.For(ctx, measured) {
		return 0, ctx.Err()
	}
	return float64((counted.came.Load()-before)*8) / time.Since(since).Seconds() / float64(l.rate), nil
}
