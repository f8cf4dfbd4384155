package e2e

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/standin"
	"scenario-drop/status"
)

// withPage has the config show a page.
func (s *studio) withPage() {
	s.t.Helper()
	config, err := os.ReadFile(s.path("config.toml"))
	s.must(err)
	s.must(os.WriteFile(s.path("config.toml"), []byte(strings.Replace(string(config), "listen = 'off'", "listen = '127.0.0.1:0'", 1)), 0o600))
}

// reached waits for the daemon's control API, and returns its address and the page's.
func (s *studio) reached(d *daemon) (control, page string) {
	s.t.Helper()
	until(s.t, "the daemon can be reached", func() bool {
		access, err := status.ReadAccess(s.data)
		if err != nil {
			return d.dead()
		}
		control = access.Address
		c, err := status.Dial(s.data)
		s.must(err)
		address, err := c.Page(s.t.Context())
		if u, perr := url.Parse(address); err == nil && perr == nil {
			page = u.Host
		}
		return err == nil || d.dead()
	}, d.output)
	return control, page
}

// Hundreds of connections that do nothing, to a daemon that may have few descriptors, keep
// it neither from sending nor from answering its own commands.
func TestUploadsGoOnInAFlood(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	s.withPage()
	d := s.launch(exec.Command("sh", "-c", `ulimit -n 160; exec "$0" run --config "$1"`, binary, s.path("config.toml")))
	control, page := s.reached(d)
	flood := func() {
		for _, address := range []string{control, page} {
			for range 200 {
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
			}
		}
	}
	flood()
	var sums []string
	for i := range 40 {
		sums = append(sums, s.save(noise(3000, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
		if i%10 == 0 {
			flood()
			if out, code := s.command("status"); code != 0 || !strings.Contains(out, "Running since") {
				t.Errorf("in the flood, status ended with %d:\n%s", code, out)
			}
		}
	}
	s.imported(d, sums...)
	s.exactlyOnce(sums...)
	for _, bad := range []string{"too many open files", "has problems", "no more files"} {
		if strings.Contains(d.output(), bad) {
			t.Errorf("the log has %q:\n%s", bad, d.output())
		}
	}
}

// limitDescriptors sets how many descriptors the daemon may have, and returns the limit it had.
func (d *daemon) limitDescriptors(n uint64) uint64 {
	d.t.Helper()
	var old unix.Rlimit
	err := unix.Prlimit(d.pid(), unix.RLIMIT_NOFILE, nil, &old)
	if err == nil {
		err = unix.Prlimit(d.pid(), unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: old.Max}, nil)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return old.Cur
}

// A daemon that can open nothing more says just that: an edit of the config is not called
// wrong, no file fails, and all goes on when it can again.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	d := s.start()
	s.reached(d)
	first := s.save(noise(3000, 1), "Characters", "before.png")
	s.imported(d, first)

	before := d.limitDescriptors(3) // all that is opened from now on has a higher number
	until(t, "the log says it", func() bool { return strings.Contains(d.output(), "no more files and connections can be opened") }, d.output)
	config, err := os.ReadFile(s.path("config.toml"))
	s.must(err)
	s.must(os.WriteFile(s.path("config.toml"), append(config, []byte("on_change = 'new'\n")...), 0o600))
	second := s.save(noise(3000, 2), "Characters", "meanwhile.png")
	time.Sleep(3 * time.Second) // whoever would call the edit wrong has had the time to

	d.limitDescriptors(before)
	until(t, "the edit is in force", func() bool { return strings.Contains(d.output(), "the edited config is in force") }, d.output)
	s.imported(d, second)
	s.exactlyOnce(first, second)
	until(t, "the end of it is said", func() bool { return strings.Contains(d.output(), "can be opened again") }, d.output)
	for _, bad := range []string{"has problems", "panic", "failed"} {
		if strings.Contains(d.output(), bad) {
			t.Errorf("the log has %q:\n%s", bad, d.output())
		}
	}
	if out, code := s.command("history", "--failed"); code != 0 || !strings.Contains(out, "No file") {
		t.Errorf("history --failed ended with %d:\n%s", code, out)
	}
}
