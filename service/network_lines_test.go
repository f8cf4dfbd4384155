package service

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/logging"
)

// first lets a trouble strike the first request of each method and path, and tells how
// many it struck.
func first(fits func(*http.Request) bool, trouble nettest.Trouble) (limited nettest.Trouble, struck func() int) {
	var mu sync.Mutex
	seen := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request) bool {
			if !fits(r) {
				return false
			}
			call := r.Method + " " + r.URL.Path
			mu.Lock()
			again := seen[call]
			seen[call] = true
			mu.Unlock()
			return !again && trouble(w, r)
		}, func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(seen)
		}
}

// uploadOf is the id of the upload that a request is about; "" for other requests.
func uploadOf(r *http.Request) string {
	for _, piece := range strings.Split(r.URL.Path, "/") {
		if strings.HasPrefix(piece, "upload_") {
			return piece
		}
	}
	return ""
}

// shiftClock shows the server's clock ahead of what it is: in the Date of its answers,
// and in when its part URLs expire, a minute from then.
func shiftClock(ahead time.Duration) func(*http.Response) error {
	return func(r *http.Response) error {
		now := time.Now().Add(ahead)
		r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
		if !strings.Contains(r.Header.Get("Content-Type"), "json") {
			return nil
		}
		var answer map[string]any
		err := json.NewDecoder(r.Body).Decode(&answer)
		r.Body.Close()
		if err != nil {
			return err
		}
		if u, ok := answer["upload"].(map[string]any); ok {
			if parts, ok := u["parts"].([]any); ok {
				for _, p := range parts {
					p.(map[string]any)["expires"] = now.Add(time.Minute).UTC().Format(time.RFC3339)
				}
			}
		}
		b, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.Header.Set("Content-Length", strconv.Itoa(len(b)))
		return nil
	}
}

// narrow listens for connections that hold little between the two ends, so that a slow
// reader is felt by the writer.
func narrow(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return narrowListener{l}
}

type narrowListener struct{ net.Listener }

func (l narrowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetReadBuffer(32 << 10)
	}
	return c, err
}

// slowBody is read a little at a time.
type slowBody struct {
	io.ReadCloser
	took *atomic.Int64 // nanoseconds
}

func (b *slowBody) Read(p []byte) (int, error) {
	start := time.Now()
	time.Sleep(100 * time.Millisecond)
	n, err := b.ReadCloser.Read(p[:min(len(p), 32<<10)])
	b.took.Add(int64(time.Since(start)))
	return n, err
}

// foldedLines keeps what is logged at info and above, and folds what repeats, as the
// program's own log does.
func foldedLines() (*slog.Logger, *logtest.Buffer) {
	text := &logtest.Buffer{}
	return slog.New(logging.NewDeduplicator(slog.NewTextHandler(text, nil), time.Now)), text
}
