//go:build unix

package e2e

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// stranger is a program of another account on the ports of a daemon that was killed. It
// writes down what it is sent, and says yes to everything.
type stranger struct {
	mu    sync.Mutex
	heard bytes.Buffer
	calls int
}

// Answers that would do harm if anybody believed or printed them.
const strangersAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: "

const strangersBody = `{"running":true,"paused":true,"pid":1,"version":"9","trouble":"STRANGER \u001b[2J\u001b]0;owned\u0007\u202e","items":7,"queued":7,` +
	`"address":"http://stranger.example/?token=x","nonce":"n","proof":"00","counts":{"queued":3},"folders":[{"path":"/w\u001b[31m"}],"transfers":[]}`

func newStranger(t *testing.T, addresses ...string) *stranger {
	s := &stranger{}
	var all sync.WaitGroup
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() { s.serve(c) })
			}
		})
		defer t.Cleanup(func() { l.Close() })
	}
	t.Cleanup(all.Wait) // after all are closed
	return s
}

func (s *stranger) serve(c net.Conn) {
	defer c.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.calls++
		s.heard.Write(buffer[:n])
		s.mu.Unlock()
		_, _ = io.WriteString(c, strangersAnswer+strconv.Itoa(len(strangersBody))+"\r\n\r\n"+strangersBody)
	}
}

func (s *stranger) told() (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String(), s.calls
}

// After a daemon was killed, a stranger on its ports learns nothing from our commands,
// and nothing that it says is believed or printed: neither while nobody works in the data
// directory, nor while another command does.
func TestStrangerOnOurPorts(t *testing.T) {
	t.Parallel()
	s := newStudioWithCanaries(t)
	s.configure("text")
	d, access := s.run()
	sum := s.save(noise(3000, 1), "Characters", "a.png")
	s.imported(d, sum)
	d.kill()

	page, err := url.Parse(access.page)
	if err != nil {
		t.Fatal(err)
	}
	other := newStranger(t, access.control, page.Host)
	canaries := s.canaries(access)
	asked := [][]string{
		{"status"}, {"status", "--json"}, {"pause"}, {"pause", "--for", "1h"}, {"resume"}, {"retry"}, {"retry", s.path("Characters", "a.png")},
		{"adopt", "--all"}, {"adopt", s.path("Characters", "a.png")}, {"why", s.path("Characters", "a.png")}, {"why", "--json", s.path("Characters", "a.png")},
		{"history"}, {"history", "--json"}, {"open"}, {"check", "--offline"}, {"check", "--offline", "--json"},
	}
	ask := func(when string, codes map[string]int, words map[string]string) {
		t.Helper()
		for _, args := range asked {
			out, code := s.command(args...)
			if want := codes[args[0]]; code != want && (args[0] != "retry" && args[0] != "adopt" || len(args) == 1) {
				t.Errorf("%s, scenario-drop %q ends with %d, want %d:\n%s", when, args, code, want, out)
			}
			if want := words[args[0]]; !strings.Contains(out, want) && len(args) == 1 {
				t.Errorf("%s, scenario-drop %q says\n%s", when, args, out)
			}
			for _, bad := range []string{"STRANGER", "stranger.example", "\x1b", "\a", "\u202e", "Paused", "Resumed", "process 1)", "7 files"} {
				if strings.Contains(out, bad) {
					t.Errorf("%s, scenario-drop %q says %q:\n%s", when, args, bad, out)
				}
			}
		}
		heard, _ := other.told()
		s.clean("what the stranger heard", []byte(heard), canaries)
		for _, bad := range []string{"pause", "resume", "retry", "adopt", "status", "a.png"} {
			if strings.Contains(heard, bad) {
				t.Errorf("%s, the stranger heard %q:\n%s", when, bad, heard)
			}
		}
	}
	ask("with nobody at work", map[string]int{"pause": 1, "resume": 1, "open": 1},
		map[string]string{"status": "Not running", "pause": "no scenario-drop is running", "resume": "no scenario-drop is running", "open": "no scenario-drop is running"})
	if heard, calls := other.told(); calls > 0 {
		t.Errorf("the stranger was called %d times although nobody holds the lock:\n%s", calls, heard)
	}

	lock := flock.New(filepath.Join(s.data, "lock"))
	if ok, err := lock.TryLock(); err != nil || !ok {
		t.Fatal(ok, err)
	}
	defer lock.Unlock()
	if err := os.WriteFile(filepath.Join(s.data, "lock-holder.json"), []byte(`{"pid":7,"doing":"once"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ask("with somebody at work", map[string]int{"pause": 1, "resume": 1, "open": 1, "retry": 1, "adopt": 1},
		map[string]string{"status": "No daemon runs", "pause": "no scenario-drop is running", "open": "no scenario-drop is running", "retry": "is working in"})
	if _, calls := other.told(); calls == 0 {
		t.Error("the stranger was not even called, so this shows nothing")
	}
}
