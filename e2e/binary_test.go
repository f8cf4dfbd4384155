// Package e2e tests the program as it is shipped: the built binary in processes of its
// own, against the stand-in, real storage, and its own sudden death.
package e2e

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	_ "scenario-drop/cli" // tests run anew when the program changes
	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/standin"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if requests := os.Getenv(otherAccount); requests != "" {
		askAll(requests)
		return 0
	}
	dir, err := os.MkdirTemp("", "scenario-drop-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "scenario-drop")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", "build", "-o", binary, "scenario-drop")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// studio is a stand-in for Scenario and a config file for the program.
type studio struct {
	t      testing.TB
	dir    string
	data   string // the data directory
	server *standin.Server
}

func newStudio(t testing.TB, o standin.Options) *studio {
	t.Helper()
	dir := t.TempDir()
	return &studio{t: t, dir: dir, data: filepath.Join(dir, "data"), server: standintest.Start(t, o)}
}

func (s *studio) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// configure writes the config: general keys first, then a table for each folder, in which each
// version of a file is uploaded unless the table says otherwise.
func (s *studio) configure(upload string, watches map[string]string) {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "data_dir = '%s'\n[scenario]\nbase_url = '%s'\napi_key = '%s'\napi_secret = '%s'\n[status]\nlisten = 'off'\n[upload]\n%s\n",
		s.data, s.server.BaseURL(), s.server.Key(), s.server.Secret(), upload)
	for name, keys := range watches {
		if err := os.MkdirAll(s.path(name), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if !strings.Contains(keys, "version_interval") { // these tests save often
			keys += "\nversion_interval = '0s'"
		}
		fmt.Fprintf(&b, "[[watch]]\npath = '%s'\n%s\n", s.path(name), keys)
	}
	if err := os.WriteFile(s.path("config.toml"), []byte(b.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *studio) save(data []byte, parts ...string) (sum string) {
	s.t.Helper()
	path := s.path(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// command runs a command of the program to its end and returns what it wrote, and its
// exit code.
func (s *studio) command(args ...string) (out string, code int) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), binary, append(args, "--config", s.path("config.toml"))...)
	text, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !asExit(err, &exit) {
		s.t.Fatalf("%v: %v", args, err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func asExit(err error, exit **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*exit = e
	return ok
}

// daemon is the program's `run` in a process of its own.
type daemon struct {
	t     testing.TB
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

func (s *studio) start() *daemon {
	s.t.Helper()
	return s.launch(exec.Command(binary, "run", "--config", s.path("config.toml")))
}

// launch starts a command that becomes the daemon.
func (s *studio) launch(cmd *exec.Cmd) *daemon {
	s.t.Helper()
	d := &daemon{t: s.t, cmd: cmd, ended: make(chan struct{})}
	stderr, err := d.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(d.ended)
		d.read(stderr)
		d.cmd.Wait() // how it ended is for the test to ask
	}()
	s.t.Cleanup(d.kill)
	return d
}

func (d *daemon) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		d.mu.Lock()
		d.log.WriteString(lines.Text() + "\n")
		d.mu.Unlock()
	}
}

// output returns what the daemon has logged.
func (d *daemon) output() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

func (d *daemon) pid() int { return d.cmd.Process.Pid }

func (d *daemon) dead() bool {
	select {
	case <-d.ended:
		return true
	default:
		return false
	}
}

// signalKill ends the process as a power cut would, without waiting for that.
func (d *daemon) signalKill() {
	d.cmd.Process.Kill() // it may have ended by itself meanwhile
}

// kill ends the process as a power cut would, and waits for that.
func (d *daemon) kill() {
	if !d.dead() {
		d.signalKill()
		<-d.ended
	}
}

// until waits for a condition, for as long as the slowest machine may take.
func until(t testing.TB, what string, holds func() bool, instead func() string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s; %s", what, instead())
		}
	}
}

// imported waits until the stand-in holds every content, and nothing is on its way.
func (s *studio) imported(d *daemon, sums ...string) {
	s.t.Helper()
	until(s.t, "all is imported", func() bool {
		if d != nil && d.dead() {
			return true
		}
		held := s.server.Account().BySHA256()
		for _, sum := range sums {
			if len(held[sum]) == 0 {
				return false
			}
		}
		return true
	}, func() string {
		return fmt.Sprintf("Scenario holds %d contents\n%s", len(s.server.Account().BySHA256()), d.output())
	})
	if d != nil && d.dead() {
		s.t.Fatalf("the daemon died:\n%s", d.output())
	}
}

// exactlyOnce asserts that Scenario holds each content once, and nothing else.
func (s *studio) exactlyOnce(sums ...string) {
	s.t.Helper()
	account := s.server.Account()
	held := account.BySHA256()
	for _, sum := range sums {
		if n := len(held[sum]); n != 1 {
			s.t.Errorf("content %s is %d assets, want 1", sum[:12], n)
		}
		delete(held, sum)
	}
	for _, all := range held {
		s.t.Errorf("Scenario holds %q, which nobody sent so", all[0].Name)
	}
	for _, v := range account.Violations {
		s.t.Errorf("violation: %s: %s", v.Kind, v.Detail)
	}
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}).Read(b)
	return b
}
