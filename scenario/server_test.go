package scenario

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What must never be seen where it does not belong.
const (
	canaryKey       = "key-canary-4711"
	canarySecret    = "secret-canary-0815"
	canarySignature = "5167c0ffee-signature-canary"
	canaryToken     = "token/canary+with=signs"
)

// apiClient is a client of a real server on loopback.
func apiClient(t *testing.T, h http.Handler, edit ...func(*Options)) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL+"/v1", edit...)
}

func clientOf(t *testing.T, base string, edit ...func(*Options)) *Client {
	t.Helper()
	o := Options{BaseURL: base, Key: canaryKey, Secret: canarySecret, ProjectID: "proj_1"}
	for _, e := range edit {
		e(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// answers gives every request the same answer.
func answers(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func jsonAnswer(body string) http.HandlerFunc { return answers(200, "application/json", body) }

// mustError gives err as an *Error of a class.
func mustError(t *testing.T, err error, want Class) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("want an error of class %v, got %v", want, err)
	}
	if e.Class != want {
		t.Fatalf("want class %v, got %v: %v", want, e.Class, e)
	}
	return e
}

// rawServer hands every connection to serve, one at a time, and closes it afterwards;
// end is closed at the end of the test.
func rawServer(t *testing.T, serve func(c net.Conn, r *bufio.Reader, end <-chan struct{})) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { c.Close() })
			serve(c, bufio.NewReader(c), ctx.Done())
			stop()
			c.Close()
		}
	}()
	t.Cleanup(func() {
		cancel()
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// readHead reads a request's line and headers as they came.
func readHead(r *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		b.WriteString(line)
		if err != nil || line == "\r\n" {
			return b.String(), err
		}
	}
}

// trusting lets a client's own transport trust a test server's certificate.
func trusting(t *testing.T, transport http.RoundTripper, srv *httptest.Server) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
