//go:build programs

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario-drop/standin"
)

// Real programs save, export, download and unpack into a watched folder, and what becomes
// assets is compared with what they leave there. docs/programs.md has the results.
//
//	go test -tags programs -run Programs -timeout 30m -v ./e2e
//
// A program that is not installed is skipped by name.

// programJob is what one program does.
type programJob struct {
	name  string   // what is done, by which program
	needs []string // executables
	work  func(w *worker)
	// arrive are the files, by their names in the folder, that are assets in the end: each
	// once, as they are once the program is done.
	arrive []string
	// versions allows earlier states of a file that were saved whole and left alone.
	versions bool
	keys     string // of the folder, in the config
}

// worker is the one who does it, in the watch folder.
type worker struct {
	*testing.T
	dir    string // the watch folder
	away   string // a folder that is not watched
	saved  map[string]bool
	began  time.Time
	server *standin.Server
	daemon *daemon
}

// in is a path in the watch folder.
func (w *worker) in(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

func (w *worker) outside(parts ...string) string {
	return filepath.Join(append([]string{w.away}, parts...)...)
}

// run runs a program to its end, in the watch folder, and fails the test if it fails.
func (w *worker) run(name string, args ...string) {
	w.Helper()
	if out, err := w.command(name, args...).CombinedOutput(); err != nil {
		w.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// command is a program with a home of its own.
func (w *worker) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.Context(), name, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "HOME="+w.outside("home"), "XDG_RUNTIME_DIR="+w.outside("home"), "QT_QPA_PLATFORM=offscreen", "GIT_CONFIG_NOSYSTEM=1")
	return cmd
}

// stopped starts a program and ends it when done says so.
func (w *worker) stopped(with os.Signal, done func() bool, name string, args ...string) {
	w.Helper()
	cmd := w.command(name, args...)
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	until(w, name+" is half-way", done, func() string { return "" })
	cmd.Process.Signal(with) // it may be done already
	cmd.Wait()               // it was ended
}

// note remembers the state of a file as one that was saved whole.
func (w *worker) note(name string) { w.saved[w.sum(name)] = true }

func (w *worker) sum(name string) string {
	w.Helper()
	data, err := os.ReadFile(w.in(name))
	if err != nil {
		w.Fatal(err)
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// holds reports whether an asset has that content.
func (w *worker) holds(sum string) bool { return len(w.server.Account().BySHA256()[sum]) > 0 }

// settled waits until nothing in the folder is awaited or uploading.
func (w *worker) settled(s *studio) {
	w.Helper()
	var out string
	quiet := 0
	until(w, "all is settled", func() bool {
		var status struct {
			Counts  map[string]int
			Awaited struct{ Count, Held int }
		}
		var code int
		if out, code = s.command("status", "--json"); code != 0 {
			return false
		}
		if err := json.Unmarshal([]byte(out), &status); err != nil {
			w.Fatal(err)
		}
		active := status.Awaited.Count - status.Awaited.Held
		for state, n := range status.Counts {
			if !slices.Contains([]string{"held", "imported", "failed", "ignored", "superseded", "gone"}, state) {
				active += n
			}
		}
		if quiet++; active > 0 {
			quiet = 0
		}
		return quiet > 3 || w.daemon.dead()
	}, func() string { return out + w.daemon.output() })
}

// changed is when the content of a file last changed, or its name.
func changed(w *worker, name string) time.Time {
	var stat syscall.Stat_t
	if err := syscall.Stat(w.in(name), &stat); err != nil {
		w.Fatal(err)
	}
	return time.Unix(stat.Ctim.Unix())
}

func TestPrograms(t *testing.T) {
	var jobs []programJob
	jobs = append(jobs, pictureJobs()...)
	jobs = append(jobs, modelJobs()...)
	jobs = append(jobs, mediaJobs()...)
	jobs = append(jobs, documentJobs()...)
	jobs = append(jobs, transferJobs()...)
	var table strings.Builder
	for _, job := range jobs {
		t.Run(job.name, func(t *testing.T) { doJob(t, job, &table) })
	}
	t.Logf("what arrived, and how long after the last change:\n%s", table.String())
}

func doJob(t *testing.T, job programJob, table *strings.Builder) {
	for _, name := range job.needs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"in": "kind = 'auto'\n" + job.keys})
	w := &worker{T: t, dir: s.path("in"), away: s.path("away"), saved: map[string]bool{}, server: s.server}
	if err := os.MkdirAll(w.outside("home"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.daemon = s.start()
	until(t, "the daemon answers", func() bool { _, code := s.command("status", "--json"); return code == 0 }, w.daemon.output)
	job.work(w)

	times := map[string]time.Time{}
	var sums []string
	moves := strings.Contains(job.keys, "after_upload")
	for _, name := range job.arrive {
		if moves { // it may have been moved already
			continue
		}
		times[name] = changed(w, name)
		sums = append(sums, w.sum(name))
	}
	if !moves {
		s.imported(w.daemon, sums...)
	}
	w.settled(s)
	if moves {
		for _, name := range job.arrive {
			sums = append(sums, w.sum(filepath.Join("Uploaded", name)))
		}
	}
	allowed := slices.Clone(sums)
	for sum := range w.saved {
		if job.versions && w.holds(sum) && !slices.Contains(allowed, sum) {
			allowed = append(allowed, sum)
		}
	}
	s.exactlyOnce(allowed...)
	if t.Failed() {
		history, _ := s.command("history")
		status, _ := s.command("status")
		t.Logf("history:\n%s\nstatus:\n%s\nfiles:\n%s\nlog:\n%s", history, status, listing(w), w.daemon.output())
	}
	account := s.server.Account().BySHA256()
	for i, name := range job.arrive {
		if all := account[sums[i]]; len(all) == 1 {
			took := "moved"
			if !moves {
				took = fmt.Sprintf("%.2f s", all[0].CreatedAt.Sub(times[name]).Seconds())
			}
			fmt.Fprintf(table, "%-62s %-28s %-6s %s\n", job.name, name, all[0].Kind, took)
		}
	}
}

func listing(w *worker) string {
	var b strings.Builder
	filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error { // for a person to read
		if info, e := d.Info(); err == nil && e == nil && !d.IsDir() {
			fmt.Fprintf(&b, "%9d %s\n", info.Size(), path)
		}
		return nil
	})
	return b.String()
}
