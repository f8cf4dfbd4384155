package standin

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPartRefusals(t *testing.T) {
	edit := func(key, value string) func(*http.Request) {
		return func(r *http.Request) {
			q := r.URL.Query()
			q.Set(key, value)
			r.URL.RawQuery = q.Encode()
		}
	}
	for _, tc := range []struct {
		name      string
		change    func(*http.Request)
		status    int
		code      string
		violation string
	}{
		{"as it should be", func(*http.Request) {}, 200, "", ""},
		{"a forged signature", edit("X-Amz-Signature", "00"), 403, "SignatureDoesNotMatch", ""},
		{"a longer life", edit("X-Amz-Expires", "99999999999999"), 403, "SignatureDoesNotMatch", ""},
		{"no signature", func(r *http.Request) { r.URL.RawQuery = "" }, 403, "SignatureDoesNotMatch", ""},
		{"another part", func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "1") + "2" }, 403, "SignatureDoesNotMatch", ""},
		{"no number", func(r *http.Request) { r.URL.Path = strings.TrimSuffix(r.URL.Path, "1") + "one" }, 403, "SignatureDoesNotMatch", ""},
		{"credentials", func(r *http.Request) { r.SetBasicAuth(DefaultKey, DefaultSecret) }, 400, "InvalidArgument", CredentialsToStorage},
		{"chunked", func(r *http.Request) { r.ContentLength = -1 }, 411, "MissingContentLength", Chunked},
		{"an unsigned header", func(r *http.Request) { r.Header.Set("X-Amz-Meta-A", "b") }, 403, "AccessDenied", UnsignedHeader},
		{"a content type", func(r *http.Request) { r.Header.Set("Content-Type", "image/png") }, 200, "", ""},
		{"larger than S3 takes", func(r *http.Request) { r.ContentLength = maxPartSize + 1 }, 400, "EntityTooLarge", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			c := newClient(t, s)
			u := c.create("image", "a.png", 5, 2, nil)
			req, err := http.NewRequest("PUT", u.Parts[0].URL, io.NopCloser(strings.NewReader("bytes")))
			if err != nil {
				t.Fatal(err)
			}
			req.ContentLength = 5
			tc.change(req)
			r := c.send(req)
			// A client that has not sent all it promised may fail before it reads the answer.
			if r.err != nil && tc.code == "EntityTooLarge" {
				t.Skipf("the answer was not read: %v", r.err)
			}
			c.want(r, tc.status, nil)
			if tc.code != "" && (!strings.Contains(string(r.body), "<Code>"+tc.code+"</Code>") || r.header.Get("Content-Type") != "application/xml") {
				t.Errorf("answer %s", r.body)
			}
			a := s.Account()
			if got := len(a.Uploads[0].Parts) == 1; got != (tc.status == 200) {
				t.Errorf("parts kept: %+v", a.Uploads[0].Parts)
			}
			if tc.violation == "" && len(a.Violations) > 0 || tc.violation != "" && (len(a.Violations) != 1 || a.Violations[0].Kind != tc.violation) {
				t.Errorf("violations: %+v", a.Violations)
			}
		})
	}
}

func TestPartURLsExpire(t *testing.T) {
	s := start(t, Options{PartURLLifetime: -time.Second})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1, 1, nil)
	r := c.put(u.Parts[0].URL, []byte("x"))
	c.want(r, 403, nil)
	if !strings.Contains(string(r.body), "Request has expired") {
		t.Errorf("answer %s", r.body)
	}
}

func TestPartAfterCompletion(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1, 1, nil)
	c.want(c.put(u.Parts[0].URL, []byte("x")), 200, nil)
	c.want(c.complete(u.ID), 200, nil)
	c.want(c.put(u.Parts[0].URL, []byte("y")), 404, nil)
	c.follow(u.ID, statusImported)
	if got := s.Account().Assets[0].SHA256; got != sumOf([]byte("x")) {
		t.Error("the content changed after completion")
	}
}

func TestBrokenOffPartLeavesNothing(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1<<20, 1, nil)
	req, err := http.NewRequest("PUT", u.Parts[0].URL, io.MultiReader(strings.NewReader("half"), brokenReader{}))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 1 << 20
	if r := c.send(req); r.err == nil {
		t.Fatalf("answer %d", r.status)
	}
	eventually(t, "the bytes are accounted for", func() bool { return s.Account().Uploads[0].Received == 4 })
	if got := s.Account().Uploads[0].Parts; len(got) != 0 {
		t.Errorf("parts %+v", got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestConcurrentPutsOfOnePart(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	const size, writers = 1 << 20, 8
	u := c.create("image", "a.png", size, 1, nil)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			if r := c.put(u.Parts[0].URL, bytes.Repeat([]byte{byte(i)}, size)); r.status != 200 {
				t.Errorf("put: %d %v", r.status, r.err)
			}
		})
	}
	wg.Wait()
	c.want(c.complete(u.ID), 200, nil)
	c.follow(u.ID, statusImported)
	a := s.Account()
	whole := false
	for i := range writers {
		whole = whole || a.Assets[0].SHA256 == sumOf(bytes.Repeat([]byte{byte(i)}, size))
	}
	if !whole || a.Uploads[0].Parts[0].Puts != writers {
		t.Errorf("account: %+v", a)
	}
}

func TestPartURLHasTheClientsHost(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.root(), "http://"), ":")
	req, err := http.NewRequest("POST", "http://localhost:"+port+"/v1/uploads",
		strings.NewReader(`{"fileName":"a.png","fileSize":1.0,"contentType":"image/png","kind":"image","parts":1e0}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "localhost:" + port
	req.URL.Host = "127.0.0.1:" + port
	req.SetBasicAuth(DefaultKey, DefaultSecret)
	var a uploadAnswer
	c.want(c.send(req), 200, &a)
	link, err := url.Parse(a.Upload.Parts[0].URL)
	if err != nil || link.Hostname() != "localhost" {
		t.Errorf("part URL %s, %v", a.Upload.Parts[0].URL, err)
	}
}
