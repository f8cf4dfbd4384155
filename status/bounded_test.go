package status

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Idle connections, however many, are cut to a bounded number, and keep neither commands
// nor those who have the page's key out. One that showed that it may be here keeps its place.
func TestPageCannotBeFlooded(t *testing.T) {
	s := serve(t, Options{Daemon: &told{}, Listen: "127.0.0.1:0"})
	page := s.page.Addr().String()
	own := dial(t, page)
	askPage(t, own, s.token)
	for _, address := range []string{page, s.access.Address} {
		var idle []net.Conn
		for range 4 * maxConnections {
			idle = append(idle, dial(t, address))
		}
		open := s.openConnections(address == page)
		for deadline := time.Now().Add(time.Minute); open() < maxConnections && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if n := open(); n > maxConnections {
			t.Errorf("%d connections are open", n)
		}
		c, err := Dial(s.DataDir)
		if err != nil {
			t.Fatal(err)
		}
		if snapshot, err := c.Snapshot(t.Context()); err != nil || !snapshot.Running {
			t.Errorf("the daemon is not reached: %v", err)
		}
		askPage(t, own, s.token)
		askPage(t, dial(t, page), s.token)
		cut := 0
		for _, c := range idle {
			if err := c.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); !timedOut(err) {
				cut++
			}
			c.Close()
		}
		if cut < 2*maxConnections {
			t.Errorf("only %d of %d idle connections were cut", cut, len(idle))
		}
	}
}

func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// openConnections counts those of the page, or of the control API.
func (s *Server) openConnections(page bool) func() int {
	l := s.control
	if page {
		l = s.page
	}
	b := l.(*boundedListener)
	return func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.open)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// askPage asks for the page on a connection, which stays open.
func askPage(t *testing.T, c net.Conn, token string) {
	t.Helper()
	res, err := ask(c, fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", c.RemoteAddr(), cookieName, token))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the page answers %v, %v", res, err)
	}
}

func ask(c net.Conn, request string) (*http.Response, error) {
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil {
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	return res, err
}

// Headers have at most 8 KiB, bodies at most what a request needs, and who is slow is cut.
func TestRequestsAreBounded(t *testing.T) {
	s := serve(t, Options{Daemon: &told{}, Listen: "127.0.0.1:0"})
	for _, address := range []string{s.page.Addr().String(), s.access.Address} {
		for _, c := range []struct{ header, want int }{{4 << 10, http.StatusUnauthorized}, {8 << 10, http.StatusRequestHeaderFieldsTooLarge}, {1 << 20, http.StatusRequestHeaderFieldsTooLarge}} {
			line := dial(t, address)
			res, err := ask(line, fmt.Sprintf("GET /api/status HTTP/1.1\r\nHost: %s\r\nX-Long: %s\r\n\r\n", address, strings.Repeat("x", c.header)))
			if res == nil && err != nil && c.want != http.StatusUnauthorized { // it was cut while we still wrote
				continue
			}
			if res == nil || res.StatusCode != c.want {
				t.Errorf("%d bytes of headers: %v, %v", c.header, res, err)
			}
		}
	}
	line := dial(t, s.page.Addr().String())
	go io.Copy(line, io.MultiReader(strings.NewReader(fmt.Sprintf("POST /api/retry HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\nContent-Length: %d\r\n\r\n{\"paths\":[\"",
		line.RemoteAddr(), cookieName, s.token, 100<<20)), io.LimitReader(endless('e'), 100<<20)))
	res, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil || res.StatusCode != http.StatusBadRequest {
		t.Errorf("a body without end: %v, %v", res, err)
	}
	line.Close()

	slow := dial(t, s.access.Address)
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHost:"); err != nil {
		t.Fatal(err)
	}
	if err := slow.SetReadDeadline(time.Now().Add(6 * headerWithin)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, slow); timedOut(err) {
		t.Error("who never ends the headers is not cut")
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}
