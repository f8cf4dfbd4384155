package e2e

import (
	"math/bits"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// scenarioName is what the far servers of these tests are called. No name server knows
// it (RFC 2606).
const scenarioName = "api.scenario.test"

// withBase makes the config name another address than the stand-in's own.
func (s *studio) withBase(base string) {
	s.t.Helper()
	text, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	edited := strings.Replace(string(text), s.server.BaseURL(), base, 1)
	if err := os.WriteFile(s.path("config.toml"), []byte(edited), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// named is a line's API base, by the name.
func named(t *testing.T, l *nettest.Line) string {
	t.Helper()
	u, err := url.Parse(l.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	u.Host = scenarioName + ":" + u.Port()
	return u.String()
}

// environment is this process's, without what would lead the program elsewhere.
func environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(e), "=")
		switch name {
		case "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR":
		default:
			env = append(env, e)
		}
	}
	return append(env, more...)
}

// A proxy that refuses, in whatever way, is an outage like any other: the file waits,
// and is imported once the proxy lets it through.
func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	secure, authority := nettest.Certificate(t, scenarioName)
	for name, trouble := range map[string]nettest.Trouble{
		"403":      nettest.Answer(403, "text/html", "<html>blocked by policy</html>"),
		"407":      nettest.Answer(407, "text/html", "<html>log in</html>", "Proxy-Authenticate", `Basic realm="studio"`),
		"502":      nettest.Answer(502, "text/html", "<html>no route</html>"),
		"hangs up": func(w http.ResponseWriter, _ *http.Request) bool { nettest.Hangup(w, true); return true },
		"is no proxy": func(w http.ResponseWriter, _ *http.Request) bool {
			nettest.Raw(w, "SSH-2.0-OpenSSH_9.9\r\n")
			return true
		},
		"looks into it": func(w http.ResponseWriter, _ *http.Request) bool {
			nettest.Raw(w, "HTTP/1.1 200 OK\r\n\r\n<html>")
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
			line := nettest.New(t, s.server.BaseURL(), nettest.Options{TLS: secure})
			s.withBase(named(t, line))
			proxy := nettest.NewProxy(t, line.Address())
			limited, struck := nettest.Some(3, func(*http.Request) bool { return true }, trouble)
			proxy.Set(limited)
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			cmd := exec.CommandContext(t.Context(), binary, "once", "--config", s.path("config.toml"))
			cmd.Env = environment("HTTPS_PROXY="+proxy.URL(), "SSL_CERT_FILE="+authority)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("once: %v\n%s", err, out)
			}
			s.exactlyOnce(sum)
			if struck() != 3 || proxy.Asked() <= 3 {
				t.Errorf("the proxy refused %d times and was asked %d times", struck(), proxy.Asked())
			}
		})
	}
}

// A service that cannot be reached for longer than `once` waits leaves the files for
// another time, with exit code 4; the daemon goes on as soon as it is back.
func TestServiceGoneAndBack(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("part_size = '5MiB'", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	line := nettest.New(t, s.server.BaseURL(), nettest.Options{})
	s.withBase(line.BaseURL())
	s.server.Inject(standin.Fault{Op: standin.OpPart, When: standin.After, Do: standin.DoDelay, Delay: 300 * time.Millisecond, Times: 3})
	sum := s.save(noise(4*partSize, 1), "Characters", "orc.png")
	d := s.start()
	until(t, "a part was sent", func() bool { return s.server.Account().Requests[standin.OpPart] > 0 }, d.output)
	line.Cut()
	until(t, "the log says so", func() bool { return strings.Contains(d.output(), "cannot be used for now") }, d.output)
	time.Sleep(outage)
	line.Mend()
	back := time.Now()
	s.imported(d, sum)
	s.settled(d)
	s.exactlyOnce(sum)
	if took := time.Since(back); took > 45*time.Second {
		t.Errorf("it took %v to go on", took)
	}
	if n := len(s.server.Account().Uploads); n != 1 {
		t.Errorf("there are %d uploads, want 1", n)
	}
	// The sums of what repeats come after ten seconds, and then at intervals that double.
	sums := bits.Len(uint(outage / (10 * time.Second)))
	for _, host := range []string{"Scenario", "Storage"} {
		began, ended := strings.Count(d.output(), host+" cannot be used for now"), strings.Count(d.output(), host+" can be reached again")
		if began > 1+sums || ended > 1 {
			t.Errorf("the outage of %s begins in %d lines and ends in %d:\n%s", host, began, ended, d.output())
		}
	}
}

// A key that is refused is waited for at length, but not once the config is edited.
func TestRefusedKeyIsMended(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	right, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(string(right), s.server.Secret(), "another", 1)
	if err := os.WriteFile(s.path("config.toml"), []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	d := s.start()
	until(t, "the log says so", func() bool { return strings.Contains(d.output(), "cannot be used for now (refused)") }, d.output)
	time.Sleep(time.Second)
	requests := 0
	for _, n := range s.server.Account().Requests {
		requests += n
	}
	if requests > 32 {
		t.Errorf("%d requests with a key that is refused", requests)
	}
	mended := time.Now()
	if err := os.WriteFile(s.path("config.toml"), right, 0o600); err != nil {
		t.Fatal(err)
	}
	s.imported(d, sum)
	s.exactlyOnce(sum)
	if took := time.Since(mended); took > 25*time.Second {
		t.Errorf("it took %v after the edit: the minute of the refusal was waited for", took)
	}
}
