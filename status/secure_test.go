package status

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Looking changes nothing: whatever a browser may be made to GET, the daemon goes on as
// it was.
func TestReadingChangesNothing(t *testing.T) {
	d := &told{until: time.Unix(1, 0)}
	s := serve(t, Options{Daemon: d, Listen: "127.0.0.1:0"})
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
		for _, path := range []string{"/", "/api/status", "/api/pause", "/api/resume", "/api/retry", "/api/link_existing"} {
			req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.page.Addr().String()+path, strings.NewReader(`{"paths":["eA=="]}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+s.token)
			res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if known := path == "/" || path == "/api/status"; !known && res.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %s", method, path, res.Status)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: other web pages may read it", method, path)
			}
		}
	}
	if d.paused || len(d.retried) != 0 || len(d.linked) != 0 || !d.until.Equal(time.Unix(1, 0)) {
		t.Errorf("something was done: %+v", d)
	}
}

// An address that others can reach is not listened on without a password.
func TestOthersNeedAPassword(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0"} {
		s, err := NewServer(Options{Daemon: &told{}, DataDir: t.TempDir(), Listen: address, Log: log})
		if err == nil {
			s.control.Close()
			s.page.Close()
			t.Errorf("%s: listens for everybody", address)
		}
	}
	s, err := NewServer(Options{Daemon: &told{}, DataDir: t.TempDir(), Listen: "0.0.0.0:0", Access: PageAccess{Password: "open sesame", Hosts: []string{"drop.example"}}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	s.control.Close()
	s.page.Close()
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"", "", true}, {"a", "a", true}, {"a", "b", false}, {"a", "aa", false}, {"", "a", false}} {
		if equal(c.a, c.b) != c.want {
			t.Errorf("%q and %q", c.a, c.b)
		}
	}
}
