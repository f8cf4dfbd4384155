package scenario

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// With the limit that the program has, a part that takes hours is not cut for as long as
// it moves, and one that stands still is, a limit after its last byte. The time is that
// of the test's own bubble.
func TestProgressNotTotal(t *testing.T) {
	for name, c := range map[string]struct {
		pause time.Duration // before each piece is taken
		from  int           // the first piece that is paused before
		fails bool
	}{
		"slow for hours":      {pause: DefaultStallTimeout - time.Second},
		"stops at once":       {pause: DefaultStallTimeout + time.Second, fails: true},
		"stops in the middle": {pause: DefaultStallTimeout + time.Second, from: 100, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const pieces = 300
				here, there := net.Pipe()
				server := &http.Server{ErrorLog: discardLog(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for i := range pieces {
						if i >= c.from {
							time.Sleep(c.pause)
						}
						if _, err := io.CopyN(io.Discard, r.Body, leastPiece); err != nil {
							return
						}
					}
					w.Header().Set("ETag", `"x"`)
				})}
				served := make(chan struct{})
				go func() {
					defer close(served)
					server.Serve(&oneConn{conn: there, closed: make(chan struct{})})
				}()
				transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
				s := NewStorage(StorageOptions{Transport: transport})
				start := time.Now()
				_, err := s.PutPart(t.Context(), PutPart{URL: "http://127.0.0.1/", Size: pieces * leastPiece,
					Body: io.LimitReader(readerFunc(func(p []byte) (int, error) { return len(p), nil }), pieces*leastPiece)})
				took := time.Since(start)
				transport.CloseIdleConnections()
				server.Close()
				<-served
				time.Sleep(2 * c.pause) // for the server to find out
				switch {
				case !c.fails && err != nil:
					t.Errorf("after %v: %v", took, err)
				case !c.fails && took < 4*time.Hour:
					t.Errorf("it took %v only", took)
				case c.fails && !errors.Is(err, errStalled):
					t.Errorf("after %v: %v", took, err)
				case c.fails && (took < DefaultStallTimeout || took > DefaultStallTimeout+time.Second):
					t.Errorf("it was ended after %v, want %v", took, DefaultStallTimeout)
				case c.fails && !strings.Contains(err.Error(), "no data moved"):
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	close(l.closed)
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
