package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
)

// tree takes a second look at T, whose files are all imported, beside find and the
// peers, and then watches it.
func (b *bench) tree(ctx context.Context) (err error) {
	t := setNamed("T")
	files := filepath.Join(b.dir, "files", t.name)
	if err := t.make(files); err != nil {
		return err
	}
	state, err := os.MkdirTemp("", "scenario-drop-bench-state-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	to, err := startS3(ctx, "versitygw", b.dir, nil)
	if err != nil {
		return err
	}
	defer to.stop()
	api, stop, err := to.api(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	r := &job{programs: b.programs, files: files, state: state, to: to, prefix: "tree", api: api}
	config, err := r.configure(api, "", "")
	if err != nil {
		return err
	}
	if err := fill(ctx, filepath.Join(state, "data"), api.BaseURL()+"#", files); err != nil {
		return err
	}
	looks := []client{
		{"scenario-drop once", func(ctx context.Context, r *job) (cost, error) {
			return measure(ctx, state, r.environment(), r.scenarioDrop, "once", "--config", config)
		}},
		{"find -type f -newer", func(ctx context.Context, r *job) (cost, error) {
			return measure(ctx, state, r.environment(), "find", files, "-type", "f", "-newer", "/proc/self/exe", "-size", "0")
		}},
	}
	if b.mc != "" {
		looks = append(looks, client{"mc mirror", runMC})
	}
	if b.rclone != "" {
		looks = append(looks, client{"rclone copy --size-only", func(ctx context.Context, r *job) (cost, error) { return r.rcloneCopy(ctx, "--size-only") }})
	}
	if b.mc != "" {
		if _, err := runMC(ctx, r); err != nil { // the peers' first time
			return err
		}
	}
	// Not measured: it may make what later runs use.
	if _, err := looks[0].run(ctx, r); err != nil {
		return err
	}
	all := make([]summary, len(looks))
	for round := range b.rounds {
		for i := range looks {
			n := (i + round) % len(looks)
			c, err := looks[n].run(ctx, r)
			if err != nil {
				return fmt.Errorf("%s: %w", looks[n].name, err)
			}
			all[n].name = looks[n].name
			all[n].rounds = append(all[n].rounds, c)
		}
	}
	report(os.Stdout, t, "a second look", all)
	return b.watchTree(ctx, r, config)
}

// fill writes a ledger in which every file is imported.
func fill(ctx context.Context, dataDir, scope, dir string) (err error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return err
	}
	l, err := ledger.Open(ctx, filepath.Join(dataDir, "ledger.db"), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var found []ledger.Observation
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		fp, _, err := file.Lstat(dir, path)
		found = append(found, ledger.Observation{Root: dir, Path: path, Fingerprint: fp, State: drop.Queued})
		return err
	})
	if err != nil {
		return err
	}
	for len(found) > 0 {
		n := min(len(found), 1000)
		if _, err := l.Admit(ctx, found[:n]); err != nil {
			return err
		}
		found = found[n:]
	}
	for {
		items, err := l.Claim(ctx, ledger.Claim{Owner: "bench", Until: time.Now().Add(time.Hour), MaxSize: 1 << 40, NoBody: true, Limit: 256})
		if err != nil || len(items) == 0 {
			return err
		}
		var g errgroup.Group
		for _, it := range items {
			g.Go(func() error { return imported(ctx, l, it, scope) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
}

// imported takes an item the whole way at once.
func imported(ctx context.Context, l *ledger.Ledger, it ledger.Item, scope string) error {
	var id [8]byte
	binary.LittleEndian.PutUint64(id[:], uint64(it.ID))
	sum := sha256.Sum256(id[:])
	it.Scope, it.Kind = scope, "asset"
	u, _, err := l.CompletingOnePart(ctx, it, "bench", ledger.Upload{Remote: fmt.Sprint("upload_", it.ID), PartSize: 8 << 20, Parts: 1},
		ledger.Content{Scope: scope, Kind: "asset", Size: it.Fingerprint.Size, SHA256: sum[:]})
	if err != nil {
		return err
	}
	it.Upload = u
	it.State = drop.Completing
	return l.Finished(ctx, it, "bench", fmt.Sprint("asset_", it.ID), nil)
}

// idleFor is how long the watching daemon is left alone.
const idleFor = time.Minute

// backupWithin is more than the daemon waits, after its start, before it makes the first
// backup of a ledger with anything new.
const backupWithin = 3 * time.Minute

// watchTree starts the daemon on T and tells what it takes until it is ready, for the
// first backup of its ledger, and idle.
func (b *bench) watchTree(ctx context.Context, r *job, config string) error {
	start := time.Now()
	cmd, err := r.background(ctx, r.environment(), r.scenarioDrop, "run", "--config", config)
	if err != nil {
		return err
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}()
	for !r.scanned(ctx, config) {
		if time.Since(start) > longestRun {
			return errors.New("the daemon does not get ready")
		}
		time.Sleep(100 * time.Millisecond)
	}
	ready, readyCPU := time.Since(start), processCPU(cmd.Process.Pid)
	wait.For(ctx, 5*time.Second) // what it still does after
	before := processCPU(cmd.Process.Pid)
	if err := r.backedUp(ctx, start); err != nil {
		return err
	}
	backupCPU := processCPU(cmd.Process.Pid) - before
	before = processCPU(cmd.Process.Pid)
	wait.For(ctx, idleFor)
	idle := processCPU(cmd.Process.Pid) - before
	fmt.Printf("\nWatching it: ready after %.2f s and %.2f s of CPU; %.2f s of CPU until the ledger's first backup was made, %.0f s after the start; "+
		"then %.3f s of CPU in a minute, and %d MB resident, %d MB at the peak\n",
		ready.Seconds(), readyCPU.Seconds(), backupCPU.Seconds(), (time.Since(start) - idleFor).Seconds(), idle.Seconds(),
		processMemory(cmd.Process.Pid)>>20, procValue(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid), "VmHWM:")>>10)
	return nil
}

// backedUp waits until the daemon has made a backup of its ledger.
func (r *job) backedUp(ctx context.Context, since time.Time) error {
	for time.Since(since) < backupWithin {
		if !wait.For(ctx, time.Second) {
			return ctx.Err()
		}
		made, err := filepath.Glob(filepath.Join(r.state, "data", "backups", "*.db"))
		if err != nil {
			return err
		}
		for _, name := range made {
			if info, err := os.Stat(name); err == nil && info.ModTime().After(since) {
				wait.For(ctx, 5*time.Second) // what it still does after
				return nil
			}
		}
	}
	return errors.New("the daemon makes no backup")
}

// scanned asks the daemon whether it has looked through its folder.
func (r *job) scanned(ctx context.Context, config string) bool {
	cmd := exec.CommandContext(ctx, r.scenarioDrop, "status", "--json", "--config", config)
	cmd.Env = r.environment()
	out, err := cmd.Output()
	if err != nil {
		return false
	}
	var s struct {
		Running bool
		Folders []struct {
			LastScan *time.Time `json:"last_scan"`
		}
	}
	return json.Unmarshal(out, &s) == nil && s.Running && len(s.Folders) == 1 && s.Folders[0].LastScan != nil
}
