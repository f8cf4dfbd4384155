package status

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// told is a Daemon that writes down what it is told.
type told struct {
	until   time.Time
	paused  bool
	retried []string
	linked  []string
	asked   string
	forced  []string
	dryRun  bool
}

const hostile = "/w/<script>alert(1)</script>\xff.png"

func (d *told) Snapshot(context.Context) (Snapshot, error) {
	return Snapshot{Running: true, Paused: d.paused, Counts: map[drop.State]int{drop.Queued: 2, drop.Imported: 3},
		Awaited: Awaited{Count: 1, Files: []AwaitedFile{{Path: hostile, Sentence: "Is still being written, 12 GiB so far."}}},
		Folders: []Folder{{Path: hostile, Kind: "image", Mode: "events", Ignored: Ignored{Count: 2, ByRule: map[drop.Reason]IgnoredCount{drop.ReasonNotIncluded: {Files: 2}}}}}}, nil
}

func (d *told) Recent(context.Context, int, bool) ([]File, error) {
	return []File{{Path: hostile, State: drop.Failed, Sentence: "Failed."}}, nil
}

func (d *told) PathStatus(_ context.Context, path string) (PathStatus, error) {
	d.asked = path
	return PathStatus{Folder: "/in", Answered: true, File: &AwaitedFile{Path: path, Reason: drop.ReasonSettling}}, nil
}

func (d *told) Pause(_ context.Context, until time.Time) error {
	d.paused, d.until = true, until
	return nil
}

func (d *told) Resume(context.Context) error {
	d.paused = false
	return nil
}

func (d *told) Retry(_ context.Context, paths []string) (int, error) {
	if len(paths) == 0 {
		return 0, errors.New("nothing to retry")
	}
	d.retried = paths
	return len(paths), nil
}

func (d *told) Force(_ context.Context, paths []string, dryRun bool) ([]Forced, error) {
	d.forced, d.dryRun = paths, dryRun
	return []Forced{NothingForced(paths[0], "No.")}, nil
}

func (d *told) LinkExisting(_ context.Context, paths []string) (ledger.LinkedExisting, error) {
	d.linked = paths
	return ledger.LinkedExisting{Queued: 7 + len(paths), Unknown: 3}, nil
}

func serve(t *testing.T, o Options) *Server {
	t.Helper()
	return serveUntil(t, context.Background(), o)
}

// serveUntil serves until ctx or the test ends.
func serveUntil(t *testing.T, ctx context.Context, o Options) *Server {
	t.Helper()
	o.DataDir, o.Log = t.TempDir(), slog.New(slog.DiscardHandler)
	s, err := NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		if _, err := Dial(o.DataDir); !errors.Is(err, ErrNotRunning) {
			t.Errorf("after its end: %v", err)
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := Dial(o.DataDir); err == nil {
			return s
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestControl(t *testing.T) {
	d := &told{}
	s := serve(t, Options{Daemon: d})
	c, err := Dial(s.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	if snapshot, err := c.Snapshot(t.Context()); err != nil || !snapshot.Running || snapshot.Waiting() != 2 {
		t.Errorf("%+v, %v", snapshot, err)
	}
	until := time.Now().Add(time.Hour)
	if err := c.Pause(t.Context(), until); err != nil || !d.until.Equal(until) {
		t.Errorf("paused until %v, %v", d.until, err)
	}
	if err := c.Pause(t.Context(), time.Time{}); err != nil || !d.until.IsZero() {
		t.Errorf("paused until %v, %v", d.until, err)
	}
	if err := c.Resume(t.Context()); err != nil || d.paused {
		t.Error(err)
	}
	if n, err := c.Retry(t.Context(), []string{hostile}); err != nil || n != 1 || !slices.Equal(d.retried, []string{hostile}) {
		t.Errorf("%q, %d, %v", d.retried, n, err)
	}
	for _, dryRun := range []bool{true, false} {
		all, err := c.Force(t.Context(), []string{hostile}, dryRun)
		if err != nil || len(all) != 1 || string(all[0].PathBytes) != hostile || all[0].Does != ForceNothing || !slices.Equal(d.forced, []string{hostile}) || d.dryRun != dryRun {
			t.Errorf("%q, %+v, %v", d.forced, all, err)
		}
	}
	if o, err := c.PathStatus(t.Context(), hostile); err != nil || d.asked != hostile || o.File == nil || !o.Answered {
		t.Errorf("asked for a path: %+v, %v; the daemon was asked for %q", o, err, d.asked)
	}
	if _, err := c.Retry(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "nothing to retry") {
		t.Errorf("the daemon's error is lost: %v", err)
	}
	if a, err := c.LinkExisting(t.Context(), []string{hostile}); err != nil || a != (ledger.LinkedExisting{Queued: 8, Unknown: 3}) || !slices.Equal(d.linked, []string{hostile}) {
		t.Errorf("%q, %+v, %v", d.linked, a, err)
	}
	if a, err := c.LinkExisting(t.Context(), nil); err != nil || a.Queued != 7 || len(d.linked) != 0 {
		t.Errorf("of all: %q, %+v, %v", d.linked, a, err)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(filepath.Join(s.DataDir, accessFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	if s.Address() != "" {
		t.Error("the page is off and has an address")
	}
}

func TestAccess(t *testing.T) {
	const password = "open sesame"
	s := serve(t, Options{Daemon: &told{}, Listen: "127.0.0.1:0", Access: PageAccess{Password: password}})
	base := "http://" + s.page.Addr().String()
	for name, c := range map[string]struct {
		method, path string
		change       func(*http.Request)
		want         int
	}{
		"nobody":             {"GET", "/", nil, 401},
		"nobody, API":        {"GET", "/api/status", nil, 401},
		"token":              {"GET", "/api/status", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token) }, 200},
		"wrong token":        {"GET", "/api/status", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token+"x") }, 401},
		"token in the page":  {"GET", "/?token=" + s.token, nil, 303},
		"wrong one in it":    {"GET", "/?token=guess", nil, 401},
		"token opens no API": {"POST", "/api/pause?token=" + s.token, nil, 401},
		"cookie":             {"GET", "/", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token}) }, 200},
		"password":           {"GET", "/", func(r *http.Request) { r.SetBasicAuth("", password) }, 200},
		"wrong password":     {"GET", "/", func(r *http.Request) { r.SetBasicAuth("", "guess") }, 401},
		"rebound name": {"GET", "/api/status", func(r *http.Request) {
			r.Host = "evil.example"
			r.Header.Set("Authorization", "Bearer "+s.token)
		}, 403},
		"foreign page": {"POST", "/api/resume", func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"own page": {"POST", "/api/resume", func(r *http.Request) {
			r.Header.Set("Origin", base)
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 200},
		"foreign page without Origin": {"GET", "/api/status", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"page of another port": {"GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-site")
			r.Header.Set("Sec-Fetch-Mode", "no-cors")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"in a frame": {"GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Sec-Fetch-Dest", "iframe")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"a link to it": {"GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Sec-Fetch-Dest", "document")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 200},
		"typed in": {"GET", "/", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "none")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 200},
		"opaque origin": {"POST", "/api/resume", func(r *http.Request) {
			r.Header.Set("Origin", "null")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"another port's origin": {"POST", "/api/resume", func(r *http.Request) {
			r.Header.Set("Origin", "http://127.0.0.1:1")
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"name that only begins like ours": {"GET", "/", func(r *http.Request) {
			r.Host = "localhost.evil.example"
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token})
		}, 403},
		"no such thing": {"GET", "/etc/passwd", func(r *http.Request) { r.SetBasicAuth("", password) }, 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			c.change(req)
		}
		transport := &http.Transport{DisableKeepAlives: true}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.want {
			t.Errorf("%s: %s, %v; want %d", name, res.Status, err, c.want)
		}
		for header, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Content-Security-Policy": pagePolicy} {
			if got := res.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if strings.Contains(string(body), s.token) {
			t.Errorf("%s: the answer has the token in it", name)
		}
		for _, told := range []string{"Is still being written, 12 GiB so far.", "Ignored: 2 files that no include pattern matches.", "Nothing in this folder is taken"} {
			if name == "cookie" && !strings.Contains(string(body), told) {
				t.Errorf("the page does not say %q", told)
			}
		}
		if name == "cookie" && (strings.Contains(string(body), "<script>") || !strings.Contains(string(body), "&lt;script&gt;")) {
			t.Errorf("a file's name is not escaped on the page:\n%s", body)
		}
	}
}

func TestTakenPortIsNoReasonNotToRun(t *testing.T) {
	first := serve(t, Options{Daemon: &told{}, Listen: "127.0.0.1:0"})
	second := serve(t, Options{Daemon: &told{}, Listen: first.page.Addr().String()})
	if second.page.Addr().String() == first.page.Addr().String() {
		t.Error("two servers have one address")
	}
}

func TestSentence(t *testing.T) {
	now := time.Now()
	for _, state := range drop.States() {
		s := Sentence(ledger.Item{State: state, Asset: "asset_1", Detail: "Because of this", NotBefore: now.Add(time.Minute), Updated: now}, now)
		if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "retry") || !strings.Contains(s, "Because of this.") || len(s) < 20 {
			t.Errorf("%s: %q", state, s)
		}
	}
}
