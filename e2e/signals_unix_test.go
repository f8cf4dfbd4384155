//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scenario-drop/standin"
)

// A hangup, as logrotate and "systemctl reload" send it, has the config read again and is
// no end.
func TestHangupReloads(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	d := s.start()
	s.imported(d, s.save(noise(1000, 1), "Characters", "a.png"))
	for n := 1; n <= 3; n++ {
		if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		until(t, "the config is read again", func() bool { return strings.Count(d.output(), "the config was read again") == n || d.dead() }, d.output)
	}
	// A bad config is told of with every order, not only the first time.
	good, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path("config.toml"), append(good, "nonsense = 1\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2; n++ {
		until(t, "the problem is told", func() bool { return strings.Count(d.output(), "nonsense") >= n || d.dead() }, d.output)
		if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	s.imported(d, s.save(noise(1000, 2), "Characters", "b.png"))
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "it ends", d.dead, d.output)
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d:\n%s", code, d.output())
	}
}

// Whatever becomes of the log (a reader that ended, one that reads no more, a full disk), the
// daemon goes on, and ends when it is asked to, with exit code 0.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("there is no full device here: %v", err)
	}
	t.Cleanup(func() { full.Close() })
	for name, log := range map[string]func(t *testing.T) *os.File{
		"its reader ended": func(t *testing.T) *os.File {
			r, w := pipe(t)
			r.Close()
			return w
		},
		"nobody reads it": func(t *testing.T) *os.File {
			_, w := pipe(t)
			return w
		},
		"the disk is full": func(*testing.T) *os.File { return full },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			s.configure("[log]\nlevel = 'debug'", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
			to := log(t)
			cmd := exec.Command(binary, "run", "--config", s.path("config.toml"))
			cmd.Stdout, cmd.Stderr = to, to
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			d := &daemon{t: t, cmd: cmd, ended: make(chan struct{})}
			go func() {
				defer close(d.ended)
				cmd.Wait() // how it ended is asked below
			}()
			t.Cleanup(d.kill)
			var sums []string
			for i := range 150 { // more lines than a pipe holds
				sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", "set", string(rune('a'+i%26)), filepath.Base(t.Name())+string(rune('a'+i/26))+".png"))
			}
			s.imported(d, sums...)
			s.exactlyOnce(sums...)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			until(t, "it ends", d.dead, func() string { return "it runs on" })
			if code := cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("it ended with %d (%v)", code, cmd.ProcessState)
			}
		})
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}
