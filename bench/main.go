// Command bench compares scenario-drop with other ways of bringing the same files to the
// same S3 server, side by side and round by round, and measures what it promises
// besides:
//
//	go run ./bench [-sets S,M,L1,L4] [-servers versitygw,discard] [-rounds 5]
//	go run ./bench -what tree      # a second look at 100 000 files, and watching them
//	go run ./bench -what latency   # from the close of a file to its first byte sent
//	go run ./bench -what limited   # 10 000 files at an API that allows 20 requests a second
//	go run ./bench -what lines     # slow lines: Linux only, as root
//
// The peers rclone and mc, and the server versitygw, are found in PATH; a peer that is
// not there is left out. Client and server share the machine's processors, so that only
// ratios within one run say something. docs/performance.md has the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "floor" {
		f := flag.NewFlagSet("floor", flag.ContinueOnError)
		hash := f.Bool("hash", false, "hash every file first")
		if err := f.Parse(args[1:]); err != nil {
			return err
		}
		if f.NArg() != 4 {
			return errors.New("floor [-hash] BASE_URL KEY SECRET FOLDER")
		}
		return runFloor(ctx, f.Arg(0), f.Arg(1), f.Arg(2), f.Arg(3), *hash)
	}
	if len(args) > 0 && args[0] == "line" {
		return runLine(ctx, args[1:])
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	what := f.String("what", "peers", "`peers`, tree, latency, limited or lines")
	names := f.String("sets", "S,M,L1,L4", "the `sets` of files")
	lines := f.String("lines", "long,narrow,start,few", "the `lines`: long (and lossy), narrow, start (many small files), few (small files, very narrow)")
	congestion := f.String("congestion", "reno,bbr", "TCP's congestion `controls` on lines")
	old := f.String("old", "", "another `build` of scenario-drop to compare with")
	servers := f.String("servers", "versitygw,discard", "the `servers`: versitygw, discard, each also with +tls")
	rounds := f.Int("rounds", 5, "how often each client sends each set")
	dir := f.String("dir", "/dev/shm", "where the files and the server's store are; memory, so that no disk is measured")
	only := f.String("clients", "", "only the clients whose names contain one of these, comma between")
	if err := f.Parse(args); err != nil {
		return err
	}
	b := &bench{rounds: *rounds, only: *only, congestion: *congestion, programs: programs{old: *old}}
	return b.inDir(ctx, *dir, func() error {
		switch *what {
		case "peers":
			return b.peers(ctx, strings.Split(*names, ","), strings.Split(*servers, ","))
		case "tree":
			return b.tree(ctx)
		case "latency":
			return b.latency(ctx)
		case "limited":
			return b.limited(ctx)
		case "lines":
			return b.lines(ctx, strings.Split(*lines, ","))
		}
		return fmt.Errorf("-what %s: there are peers, tree, latency, limited and lines", *what)
	})
}

// bench is one run of the command.
type bench struct {
	programs
	rounds     int
	only       string
	congestion string
	dir        string
	cert       *certificate
	runs       int
}

// inDir does something in a directory of its own below parent.
func (b *bench) inDir(ctx context.Context, parent string, do func() error) (err error) {
	if b.dir, err = os.MkdirTemp(parent, "scenario-drop-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.prepare(ctx); err != nil {
		return err
	}
	return do()
}

// peers compares the clients on sets and servers by their names.
func (b *bench) peers(ctx context.Context, names, servers []string) error {
	for _, t := range sets() {
		if !slices.Contains(names, t.name) {
			continue
		}
		files := filepath.Join(b.dir, "files", t.name)
		if err := t.make(files); err != nil {
			return err
		}
		for _, server := range servers {
			if err := b.compare(ctx, t, files, server); err != nil {
				return fmt.Errorf("%s on %s: %w", t.name, server, err)
			}
		}
		if err := os.RemoveAll(files); err != nil {
			return err
		}
	}
	return nil
}

// prepare builds scenario-drop and finds the peers.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.cert, err = newCertificate(b.dir); err != nil {
		return err
	}
	// The S3 client of the stand-in's store reads this when it first meets a certificate.
	if err := os.Setenv("SSL_CERT_FILE", b.cert.authorityFile); err != nil {
		return err
	}
	b.scenarioDrop = filepath.Join(b.dir, "scenario-drop")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.scenarioDrop, "scenario-drop")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build scenario-drop: %w\n%s", err, out)
	}
	b.rclone, b.mc = find("rclone"), find("mc")
	return nil
}

func find(program string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s is not in PATH and is left out\n", program)
		return ""
	}
	return path
}

// compare lets every client send the set, one after the other, round by round, each
// round beginning with another client.
func (b *bench) compare(ctx context.Context, t set, files, server string) error {
	var all []summary
	var chosen []client
	for _, c := range clients(b.programs) {
		if b.wanted(c.name) {
			chosen = append(chosen, c)
			all = append(all, summary{name: c.name})
		}
	}
	if err := readAll(files); err != nil {
		return err
	}
	for round := range b.rounds {
		for i := range chosen {
			n := (i + round) % len(chosen)
			c, err := b.once(ctx, files, server, chosen[n])
			if err != nil {
				return fmt.Errorf("%s: %w", chosen[n].name, err)
			}
			all[n].rounds = append(all[n].rounds, c)
		}
	}
	report(os.Stdout, t, server, all)
	return nil
}

func (b *bench) wanted(name string) bool {
	if b.only == "" {
		return true
	}
	for word := range strings.SplitSeq(b.only, ",") {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// once lets one client send the set to a server that holds nothing yet.
func (b *bench) once(ctx context.Context, files, server string, c client) (got cost, err error) {
	b.runs++
	// What a client keeps is on the disk that programs keep such things on.
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	to, err := startS3(ctx, server, b.dir, b.cert)
	if err != nil {
		return got, err
	}
	defer to.stop()
	got, err = c.run(ctx, &job{programs: b.programs, files: files, state: state, to: to, prefix: fmt.Sprint("run", b.runs)})
	if err == nil && to.counted != nil {
		got.requests += int(to.counted.requests.Load())
	}
	return got, err
}

// readAll brings the files into the page cache.
func readAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}
