package scenario

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
)

func storage(t *testing.T, edit ...func(*StorageOptions)) *Storage {
	t.Helper()
	var o StorageOptions
	for _, e := range edit {
		e(&o)
	}
	s := NewStorage(o)
	t.Cleanup(s.CloseIdleConnections)
	return s
}

func stallAfter(d time.Duration) func(*StorageOptions) {
	return func(o *StorageOptions) { o.StallTimeout = d }
}

// signed is the presigned URL of a part at a server.
func signed(base string) string {
	return base + "/bucket/a%2Fb%20c/d?partNumber=1&X-Amz-Security-Token=token%2Fcanary%2Bwith%3Dsigns&X-Amz-Signature=" + canarySignature
}

// The whole request as it goes over the line: what the URL was signed for, no more.
func TestPutPartOnTheWire(t *testing.T) {
	body := make([]byte, 3<<20)
	_, _ = rand.Read(body)
	for name, contentType := range map[string]string{"typed": "image/png", "untyped": ""} {
		t.Run(name, func(t *testing.T) {
			type request struct {
				head string
				body []byte
				rest int
			}
			got := make(chan request, 1)
			address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
				head, err := readHead(r)
				if err != nil {
					t.Error(err)
				}
				b := make([]byte, len(body))
				if _, err := io.ReadFull(r, b); err != nil {
					t.Error(err)
				}
				got <- request{head, b, r.Buffered()}
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nETag: \"abc\"\r\nContent-Length: 0\r\n\r\n")
			})
			etag, err := storage(t).PutPart(t.Context(), PutPart{
				URL: signed("http://" + address), Body: iotest.HalfReader(bytes.NewReader(body)), Size: int64(len(body)), ContentType: contentType,
			})
			if err != nil || etag != `"abc"` {
				t.Fatalf("%q, %v", etag, err)
			}
			want := "PUT " + signed("") + " HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 3145728\r\n"
			if contentType != "" {
				want += "Content-Type: image/png\r\n"
			}
			r := <-got
			if r.head != want+"\r\n" {
				t.Errorf("head\n%s\nwant\n%s", r.head, want)
			}
			if !bytes.Equal(r.body, body) || r.rest != 0 {
				t.Errorf("another body came, and %d bytes more", r.rest)
			}
		})
	}
}

func TestPutPartOverTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("protocol %s", r.Proto)
		}
		for name := range r.Header {
			if name != "Content-Type" && name != "Content-Length" {
				t.Errorf("header %s: %q", name, r.Header[name])
			}
		}
		n, _ := io.Copy(io.Discard, r.Body)
		w.Header().Set("ETag", fmt.Sprint(n))
	}))
	srv.EnableHTTP2 = true // offered, not taken
	srv.StartTLS()
	defer srv.Close()
	s := storage(t)
	trusting(t, s.transport, srv)
	for range 3 {
		etag, err := s.PutPart(t.Context(), PutPart{URL: signed(srv.URL), Body: bytes.NewReader(make([]byte, 1<<20)), Size: 1 << 20, ContentType: "a/b"})
		if err != nil || etag != "1048576" {
			t.Fatalf("%q, %v", etag, err)
		}
	}
}

// stores answers as storage does.
func stores() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("ETag", `"x"`)
	}
}

// An ETag is what storage acknowledges with; without one, a request id and no body will do.
func TestPutPartWithoutETag(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Amz-Request-Id", "r1")
	}))
	defer srv.Close()
	etag, err := storage(t).PutPart(t.Context(), PutPart{URL: srv.URL, Body: strings.NewReader("abc"), Size: 3})
	if err != nil || etag != "" {
		t.Errorf("%q, %v", etag, err)
	}
}

func TestPutPartKeepsConnections(t *testing.T) {
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(stores())
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	s := storage(t)
	for range 20 {
		if _, err := s.PutPart(t.Context(), PutPart{URL: srv.URL, Body: strings.NewReader("abc"), Size: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for parts one after the other", n)
	}
}

func TestPutPartAddressRefused(t *testing.T) {
	s := storage(t)
	for _, address := range []string{
		"http://s3.example.com/x?sig=" + canarySignature, "https://me:" + canarySecret + "@s3.example.com/",
		"ftp://127.0.0.1/", "https://", "/just/a/path", "", "https://%zz" + canarySecret, "https:opaque", "http://127.0.0.1.example.com/",
	} {
		_, err := s.PutPart(t.Context(), PutPart{URL: address, Body: strings.NewReader("x"), Size: 1})
		e := mustError(t, err, Garbled)
		if strings.Contains(e.Error(), "canary") || strings.Contains(e.Error(), "example") {
			t.Errorf("%v", e)
		}
	}
	for _, size := range []int64{0, -1} {
		_, err := s.PutPart(t.Context(), PutPart{URL: "https://127.0.0.1/", Body: strings.NewReader(""), Size: size})
		mustError(t, err, Rejected)
	}
}

func TestPutPartAnswers(t *testing.T) {
	xml := func(code, message string) string {
		return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>" + code + "</Code><Message>" + message +
			"</Message><RequestId>x1</RequestId><StringToSign>" + canarySignature + "</StringToSign></Error>"
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    Error
	}{
		{"expired", answers(403, "application/xml", xml("AccessDenied", "Request has expired")),
			Error{Class: Expired, Status: 403, Code: "AccessDenied", Message: "Request has expired", RequestID: "x1"}},
		{"token expired", answers(400, "application/xml", xml("ExpiredToken", "The provided token has expired.")),
			Error{Class: Expired, Status: 400, Code: "ExpiredToken", Message: "The provided token has expired.", RequestID: "x1"}},
		{"gone", answers(404, "application/xml", xml("NoSuchUpload", "no"), "X-Amz-Request-Id", "h1"),
			Error{Class: NotFound, Status: 404, Code: "NoSuchUpload", Message: "no", RequestID: "h1"}},
		{"slow down", answers(503, "application/xml", xml("SlowDown", "Reduce your request rate."), "Retry-After", "9"),
			Error{Class: ServerFault, Status: 503, Code: "SlowDown", Message: "Reduce your request rate.", RequestID: "x1", RetryAfter: 9 * time.Second}},
		{"limited", answers(429, "", ""), Error{Class: RateLimited, Status: 429}},
		{"quoted", answers(400, "application/xml", xml("Bad", "no "+canarySignature+" or "+canaryToken)),
			Error{Class: Rejected, Status: 400, Code: "Bad", Message: "no [removed] or [removed]", RequestID: "x1"}},
		{"cut XML", answers(411, "application/xml", "<Error><Code>Missing"), Error{Class: Garbled, Status: 411, Message: notStorage}},
		{"not found, by whom", answers(404, "text/plain", "default backend - 404"), Error{Class: Garbled, Status: 404, Message: notStorage}},
		{"forbidden, by whom", answers(403, "text/plain", "blocked"), Error{Class: Expired, Status: 403}},
		{"somebody's success", answers(200, "text/plain", "Welcome"), Error{Class: Garbled, Status: 200, Message: notStorage}},
		{"empty success", answers(204, "", ""), Error{Class: Garbled, Status: 204, Message: notStorage}},
		{"success with a body", answers(200, "application/json", "{}", "X-Request-Id", "r1"), Error{Class: Garbled, Status: 200, Message: notStorage, RequestID: "r1"}},
		{"block page", answers(403, "text/html", "<html>blocked"), Error{Class: Garbled, Status: 403, Message: notScenario}},
		{"portal", answers(200, "text/html", "<html>log in"), Error{Class: Garbled, Status: 200, Message: notScenario}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				c.handler(w, r)
			}))
			defer srv.Close()
			_, err := storage(t).PutPart(t.Context(), PutPart{URL: signed(srv.URL), Body: strings.NewReader("abc"), Size: 3})
			e := mustError(t, err, c.want.Class)
			c.want.Op, c.want.ServerDate = opPart, e.ServerDate
			if *e != c.want || e.ServerDate.IsZero() {
				t.Errorf("%#v\nwant %#v", *e, c.want)
			}
		})
	}
}

func TestPutPartRedirectNotFollowed(t *testing.T) {
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer trap.Close()
	srv := httptest.NewServer(http.RedirectHandler(trap.URL, http.StatusTemporaryRedirect))
	defer srv.Close()
	_, err := storage(t).PutPart(t.Context(), PutPart{URL: srv.URL, Body: strings.NewReader("abc"), Size: 3})
	mustError(t, err, Garbled)
}

func TestPutPartStalls(t *testing.T) {
	t.Run("not reading", func(t *testing.T) {
		address := rawServer(t, func(_ net.Conn, r *bufio.Reader, end <-chan struct{}) {
			_, _ = readHead(r)
			<-end
		})
		body := &endless{}
		_, err := storage(t, stallAfter(100*time.Millisecond)).PutPart(t.Context(),
			PutPart{URL: signed("http://" + address), Body: body, Size: 1 << 40})
		if e := mustError(t, err, Network); !errors.Is(e, errStalled) {
			t.Errorf("%v", e)
		}
		if body.read.Load() == 0 {
			t.Error("nothing was read of the body")
		}
	})
	t.Run("not answering", func(t *testing.T) {
		address := rawServer(t, func(_ net.Conn, r *bufio.Reader, end <-chan struct{}) {
			_, _ = readHead(r)
			_, _ = r.Discard(3)
			<-end
		})
		_, err := storage(t, stallAfter(100*time.Millisecond)).PutPart(t.Context(),
			PutPart{URL: signed("http://" + address), Body: strings.NewReader("abc"), Size: 3})
		if e := mustError(t, err, Network); !errors.Is(e, errStalled) {
			t.Errorf("%v", e)
		}
	})
	t.Run("half an answer", func(t *testing.T) {
		address := rawServer(t, func(c net.Conn, r *bufio.Reader, end <-chan struct{}) {
			_, _ = readHead(r)
			_, _ = r.Discard(3)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
			<-end
		})
		_, err := storage(t, stallAfter(100*time.Millisecond)).PutPart(t.Context(),
			PutPart{URL: signed("http://" + address), Body: strings.NewReader("abc"), Size: 3})
		if e := mustError(t, err, Network); !errors.Is(e, errStalled) {
			t.Errorf("%v", e)
		}
	})
}

// Time that the body itself takes (a speed limit, a slow disk) is no stall.
func TestPutPartSlowBodyIsNoStall(t *testing.T) {
	srv := httptest.NewServer(stores())
	defer srv.Close()
	const stall = 50 * time.Millisecond
	body := readerFunc(func(p []byte) (int, error) {
		time.Sleep(3 * stall)
		return copy(p, "x"), nil
	})
	_, err := storage(t, stallAfter(stall)).PutPart(t.Context(), PutPart{URL: srv.URL, Body: io.LimitReader(body, 3), Size: 3})
	if err != nil {
		t.Fatal(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestPutPartCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := rawServer(t, func(_ net.Conn, r *bufio.Reader, end <-chan struct{}) {
		_, _ = readHead(r)
		cancel()
		<-end
	})
	body := &endless{}
	_, err := storage(t).PutPart(ctx, PutPart{URL: signed("http://" + address), Body: body, Size: 1 << 40})
	if !errors.Is(err, context.Canceled) || ClassOf(err) != 0 || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v of class %v", err, ClassOf(err))
	}
	// A limiter in the body gives the context's error itself.
	ctx, cancel = context.WithCancel(t.Context())
	limited := readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	})
	address = rawServer(t, func(_ net.Conn, r *bufio.Reader, _ <-chan struct{}) { _, _ = io.Copy(io.Discard, r) })
	_, err = storage(t).PutPart(ctx, PutPart{URL: signed("http://" + address), Body: limited, Size: 10})
	if !errors.Is(err, context.Canceled) || ClassOf(err) != 0 {
		t.Errorf("%v of class %v", err, ClassOf(err))
	}
}

// Once PutPart has returned, its body is the caller's again.
func TestPutPartLetsGoOfBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 1000) // and answers in the middle
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer srv.Close()
	s := storage(t)
	for range 20 {
		var over atomic.Bool
		body := readerFunc(func(p []byte) (int, error) {
			if over.Load() {
				t.Error("read after the end")
			}
			return len(p), nil
		})
		_, err := s.PutPart(t.Context(), PutPart{URL: srv.URL, Body: body, Size: 64 << 20})
		over.Store(true)
		mustError(t, err, ServerFault)
	}
}

// A storage that refuses at once and hangs up, while the part is on its way, is
// understood: what it said must not be taken for trouble with the network.
func TestPutPartRefusedWhileSending(t *testing.T) {
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		_, _ = readHead(r)
		_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		// Unread bytes make this a reset.
	})
	s := storage(t)
	for range 20 {
		_, err := s.PutPart(t.Context(), PutPart{URL: signed("http://" + address), Body: &endless{}, Size: 1 << 40})
		mustError(t, err, Expired)
	}
}

// An answer before the part is whole is nobody's who stored it.
func TestPutPartAnsweredTooEarly(t *testing.T) {
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		_, _ = readHead(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, r)
	})
	_, err := storage(t).PutPart(t.Context(), PutPart{URL: signed("http://" + address), Body: &endless{}, Size: 1 << 40})
	mustError(t, err, Garbled)
}

// A kept connection that dies with a part on it must not make net/http send the part,
// or what is left of it, again.
func TestPutPartNotRepeated(t *testing.T) {
	var heads atomic.Int32
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		for {
			if _, err := readHead(r); err != nil {
				return
			}
			if heads.Add(1)%2 == 0 {
				return // with the part unread
			}
			_, _ = r.Discard(3)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n")
		}
	})
	s := storage(t)
	for i := range 10 {
		_, err := s.PutPart(t.Context(), PutPart{URL: signed("http://" + address), Body: strings.NewReader("abc"), Size: 3})
		if i%2 == 0 && err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			mustError(t, err, Network)
		}
	}
	if heads.Load() != 10 {
		t.Errorf("%d requests for 10 parts", heads.Load())
	}
}
