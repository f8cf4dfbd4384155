package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests; nothing depends on its length.
const patience = 20 * time.Second

// start runs a server until the end of the test.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	})
	return s
}

// client is a bare client of the API; it retries nothing and follows nothing.
type client struct {
	t           *testing.T
	s           *Server
	key, secret string
	project     string
	http        *http.Client
}

func newClient(t *testing.T, s *Server) *client {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &client{t: t, s: s, key: DefaultKey, secret: DefaultSecret, http: &http.Client{
		Transport: tr, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// do sends a request; body may be nil, bytes, or anything for JSON.
func (c *client) do(method, path string, body any) reply {
	c.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	if c.project != "" {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + "projectId=" + c.project
	}
	req, err := http.NewRequest(method, c.s.BaseURL()+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	req.SetBasicAuth(c.key, c.secret)
	return c.send(req)
}

func (c *client) send(req *http.Request) reply {
	c.t.Helper()
	res, err := c.http.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, header: res.Header, body: b, err: err}
}

// want decodes a reply of this status into v, which may be nil.
func (c *client) want(r reply, status int, v any) {
	c.t.Helper()
	if r.err != nil {
		c.t.Fatalf("request failed: %v", r.err)
	}
	if r.status != status {
		c.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if v != nil {
		if err := json.Unmarshal(r.body, v); err != nil {
			c.t.Fatalf("answer %q: %v", r.body, err)
		}
	}
}

type uploadAnswer struct{ Upload uploadWire }

func (c *client) create(kind, name string, size, parts int, options *assetOptions) uploadWire {
	c.t.Helper()
	var a uploadAnswer
	c.want(c.do("POST", "/uploads", newUploadBody(kind, name, size, parts, options)), 200, &a)
	return a.Upload
}

func newUploadBody(kind, name string, size, parts int, options *assetOptions) map[string]any {
	m := map[string]any{"fileName": name, "fileSize": size, "contentType": "image/png", "kind": kind, "parts": parts}
	if options != nil {
		m["assetOptions"] = options
	}
	return m
}

func (c *client) put(url string, body []byte) reply {
	c.t.Helper()
	req, err := http.NewRequest("PUT", url, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(req)
}

func (c *client) complete(id string) reply {
	c.t.Helper()
	return c.do("POST", "/uploads/"+id+"/action", map[string]string{"action": "complete"})
}

func (c *client) get(id string) uploadWire {
	c.t.Helper()
	var a uploadAnswer
	c.want(c.do("GET", "/uploads/"+id, nil), 200, &a)
	return a.Upload
}

// follow polls until the upload has this status, and returns all statuses seen.
func (c *client) follow(id, status string) (uploadWire, []string) {
	c.t.Helper()
	var seen []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		u := c.get(id)
		if len(seen) == 0 || seen[len(seen)-1] != u.Status {
			seen = append(seen, u.Status)
		}
		if u.Status == status {
			return u, seen
		}
	}
	c.t.Fatalf("upload never became %s; seen %v", status, seen)
	return uploadWire{}, nil
}

// upload takes content all the way to its import.
func (c *client) upload(kind, name string, content []byte, options *assetOptions) uploadWire {
	c.t.Helper()
	u := c.create(kind, name, len(content), 1, options)
	c.want(c.put(u.Parts[0].URL, content), 200, nil)
	c.want(c.complete(u.ID), 200, nil)
	u, _ = c.follow(u.ID, statusImported)
	return u
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}
