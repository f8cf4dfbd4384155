// Package nettest puts a bad network between a program under test and a server: a line
// that refuses, resets, stalls, lies and recovers when told to.
package nettest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Trouble is asked about every request before it is passed on. It returns true when it
// has dealt with the request, in whatever way.
type Trouble func(w http.ResponseWriter, r *http.Request) (over bool)

// Line stands before an HTTP server, at an address that it keeps when it is cut and
// mended. Its methods are safe for concurrent use.
type Line struct {
	t       testing.TB
	target  *url.URL
	tls     *tls.Config // nil: plain
	address string
	proxy   *httputil.ReverseProxy

	trouble     atomic.Pointer[Trouble]
	connections atomic.Int64

	mu       sync.Mutex
	requests []Request
	server   *http.Server // nil while the line is cut
	served   chan struct{}
}

// Request is one request that came.
type Request struct {
	At   time.Time
	Part bool   // to storage, otherwise to the API
	Path string // without the query
}

// Options of a Line. The zero value is usable.
type Options struct {
	Listener net.Listener // nil: one on 127.0.0.1
	TLS      *tls.Config  // nil: plain HTTP

	// Answer may change what the server answers; nil: nothing is changed.
	Answer func(*http.Response) error
}

// New puts a line before the server at base until the test ends.
func New(t testing.TB, base string, o Options) *Line {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	listener := o.Listener
	if listener == nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	l := &Line{t: t, target: target, tls: o.TLS, address: listener.Addr().String()}
	l.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Host = r.In.Host // part URLs lead through the line again
		},
		Transport: &http.Transport{DisableCompression: true},
		ModifyResponse: func(r *http.Response) error {
			if l.tls != nil {
				if err := secureURLs(r); err != nil {
					return err
				}
			}
			if o.Answer != nil {
				return o.Answer(r)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { Hangup(w, false) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	l.serve(listener)
	t.Cleanup(func() {
		l.Cut()
		l.proxy.Transport.(*http.Transport).CloseIdleConnections()
	})
	return l
}

// secureURLs makes the part URLs of a server that speaks plain HTTP lead through the
// line's TLS.
func secureURLs(r *http.Response) error {
	if !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return err
	}
	host := r.Request.Host
	body = bytes.ReplaceAll(body, []byte("http://"+host), []byte("https://"+host))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// Address is the host and port that the line listens on.
func (l *Line) Address() string { return l.address }

// BaseURL is the API's base by way of the line.
func (l *Line) BaseURL() string {
	scheme := "http://"
	if l.tls != nil {
		scheme = "https://"
	}
	return scheme + l.address + l.target.Path
}

// Set puts a trouble on the line; nil takes it off.
func (l *Line) Set(trouble Trouble) {
	if trouble == nil {
		l.trouble.Store(nil)
		return
	}
	l.trouble.Store(&trouble)
}

// Cut ends every connection and refuses new ones until Mend.
func (l *Line) Cut() {
	l.mu.Lock()
	server, served := l.server, l.served
	l.server = nil
	l.mu.Unlock()
	if server == nil {
		return
	}
	server.Close() // it is the connections' end that counts
	<-served
}

// Mend undoes Cut, at the same address.
func (l *Line) Mend() {
	l.t.Helper()
	var listener net.Listener
	var err error
	for range 100 { // another socket of this machine may just be using the port
		if listener, err = net.Listen("tcp", l.address); err == nil {
			l.serve(listener)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	l.t.Fatal(err)
}

func (l *Line) serve(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler:     l,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				l.connections.Add(1)
			}
		},
		// HTTP/1 only: a hijacked connection is how most troubles are made.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	if l.tls != nil {
		listener = tls.NewListener(listener, l.tls)
	}
	served := make(chan struct{})
	server.RegisterOnShutdown(cancel)
	go func() {
		defer close(served)
		defer cancel()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			l.t.Errorf("the line: %v", err)
		}
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server, l.served = server, served
}

// ServeHTTP is the line's work on one request.
func (l *Line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.requests = append(l.requests, Request{At: time.Now(), Part: IsPart(r), Path: r.URL.Path})
	l.mu.Unlock()
	if trouble := l.trouble.Load(); trouble != nil && (*trouble)(w, r) {
		return
	}
	l.proxy.ServeHTTP(w, r)
}

// IsPart reports whether a request is one to storage.
func IsPart(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/_storage/") }

// Requests returns the requests that came, in their order.
func (l *Line) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Request(nil), l.requests...)
}

// Connections returns how many connections were accepted.
func (l *Line) Connections() int { return int(l.connections.Load()) }

// Hangup ends a request's connection without a word, or with a reset.
func Hangup(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is gone already
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// Raw takes a request's connection over and writes bytes to it as they are.
func Raw(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, text)
}
