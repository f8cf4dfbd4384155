package status

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

const goodPassword = "correct horse battery"

// exposed is a page that others reach, at a time of the test's own.
type exposed struct {
	*guard
	clock time.Time
}

func newExposed(access PageAccess) *exposed {
	e := &exposed{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	e.guard = &guard{token: "the-token", access: func() *PageAccess { return &access }, guesses: newGuesses(func() time.Time { return e.clock }),
		next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	return e
}

func (e *exposed) ask(change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "https://drop.example/", nil)
	r.RemoteAddr = "198.51.100.7:4711"
	change(r)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func from(address, password string) func(*http.Request) {
	return func(r *http.Request) {
		r.RemoteAddr = address
		r.SetBasicAuth("", password)
	}
}

// Guesses of one address are checked more and more slowly, others' are not, and the
// token is no guess.
func TestGuessesAreSlowed(t *testing.T) {
	e := newExposed(PageAccess{Password: goodPassword, Hosts: []string{"drop.example"}})
	const here, there = "198.51.100.7:4711", "198.51.100.8:4711"
	looked := 0
	for range 3 * 3600 { // one guess a second, for three hours
		if e.ask(from(here, "guess")).Code == http.StatusUnauthorized {
			looked++
		}
		e.clock = e.clock.Add(time.Second)
	}
	if looked < 100 || looked > 3*60+20 {
		t.Errorf("%d guesses of three hours were looked at", looked)
	}
	e.ask(from(here, "guess"))
	w := e.ask(from(here, goodPassword))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("the right one amid guesses: %d, %v", w.Code, w.Header())
	}
	if code := e.ask(from(there, goodPassword)).Code; code != http.StatusOK {
		t.Errorf("of another address: %d", code)
	}
	if code := e.ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer the-token") }).Code; code != http.StatusOK {
		t.Errorf("the token: %d", code)
	}
	e.clock = e.clock.Add(maxWait)
	if code := e.ask(from(here, goodPassword)).Code; code != http.StatusOK {
		t.Errorf("after the wait: %d", code)
	}
	for i := range freeGuesses {
		if code := e.ask(from(here, "slip")).Code; code != http.StatusUnauthorized {
			t.Errorf("slip %d: %d", i, code)
		}
	}
	if code := e.ask(from(here, goodPassword)).Code; code != http.StatusOK {
		t.Errorf("after some slips: %d", code)
	}
}

func TestGuessersAreBounded(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	g := newGuesses(func() time.Time { return now })
	for i := range 3 * maxGuessers {
		now = now.Add(time.Millisecond)
		who := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		for range freeGuesses + 1 {
			g.wrong(who)
		}
		if g.wait(who) <= 0 {
			t.Fatal("a guesser was not remembered")
		}
	}
	if len(g.all) > maxGuessers {
		t.Errorf("%d are remembered", len(g.all))
	}
}

func TestAddressOf(t *testing.T) {
	for _, c := range []struct {
		remote    string
		forwarded []string
		behind    bool
		want      string
	}{
		{"198.51.100.7:1", nil, false, "198.51.100.7"},
		{"198.51.100.7:1", []string{"192.0.2.1"}, false, "198.51.100.7"}, // anybody can write this
		{"127.0.0.1:1", []string{"192.0.2.1, 203.0.113.9"}, true, "203.0.113.9"},
		{"127.0.0.1:1", []string{"192.0.2.1", "203.0.113.9"}, true, "203.0.113.9"},
		{"127.0.0.1:1", nil, true, "127.0.0.1"},
		{"[2001:db8:1:2:3::4]:1", nil, false, "2001:db8:1:2::"},
		{"[::ffff:198.51.100.7]:1", nil, false, "198.51.100.7"},
		{"127.0.0.1:1", []string{"nonsense"}, true, "::"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := addressOf(r, c.behind); got.String() != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Beyond this machine the page answers only to names that the config lists.
func TestOnlyNamedHosts(t *testing.T) {
	access := PageAccess{Password: goodPassword, Hosts: []string{"drop.example", "192.168.1.20", "fe80::1"}}
	for host, want := range map[string]int{
		"drop.example": 200, "DROP.example:8490": 200, "drop.example.": 200, "192.168.1.20:8490": 200, "[fe80::1]:8490": 200,
		"evil.example": 403, "drop.example.evil.example": 403, "192.168.1.21": 403, "": 403, "127.0.0.1:8490": 403, "localhost": 403,
	} {
		got := newExposed(access).ask(func(r *http.Request) {
			r.Host = host
			r.SetBasicAuth("", goodPassword)
		}).Code
		if got != want {
			t.Errorf("%q: %d, want %d", host, got, want)
		}
	}
	// Behind a proxy of this machine, both the names and this machine's own are served.
	access.BehindProxy = true
	for host, want := range map[string]int{"drop.example": 200, "127.0.0.1:8490": 200, "evil.example": 403} {
		e := newExposed(access)
		e.loopback = true
		got := e.ask(func(r *http.Request) {
			r.Host = host
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("Origin", "https://"+host)
			r.SetBasicAuth("", goodPassword)
		}).Code
		if got != want {
			t.Errorf("behind a proxy, %q: %d, want %d", host, got, want)
		}
	}
}

func TestPageAddress(t *testing.T) {
	hosts := []string{"drop.example", "192.168.1.20"}
	for _, c := range []struct {
		at     string
		access PageAccess
		want   string
	}{
		{"127.0.0.1:8490", PageAccess{}, "http://127.0.0.1:8490"},
		{"127.0.0.1:8490", PageAccess{Hosts: hosts, BehindProxy: true}, "http://127.0.0.1:8490"},
		{"127.0.0.1:8490", PageAccess{Hosts: hosts, Certificate: &tls.Certificate{}}, "https://drop.example:8490"},
		{"[::]:8490", PageAccess{Hosts: hosts, Certificate: &tls.Certificate{}}, "https://drop.example:8490"},
		{"[::]:8490", PageAccess{Hosts: hosts, BehindProxy: true}, "https://drop.example"},
	} {
		if got := c.access.address(c.at); got != c.want {
			t.Errorf("%s %+v: %s, want %s", c.at, c.access, got, c.want)
		}
	}
}
