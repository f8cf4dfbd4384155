package nettest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy is an HTTP proxy that leads every CONNECT to one address, whatever name was
// asked for.
type Proxy struct {
	server  *httptest.Server
	trouble atomic.Pointer[Trouble]
	asked   atomic.Int64
}

// NewProxy runs a proxy until the test ends.
func NewProxy(t testing.TB, to string) *Proxy {
	p := &Proxy{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if trouble := p.trouble.Load(); trouble != nil && (*trouble)(w, r) {
			return
		}
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		tunnel(w, to)
	}))
	t.Cleanup(p.server.Close)
	return p
}

// URL is the proxy's address, as HTTPS_PROXY has it.
func (p *Proxy) URL() string { return p.server.URL }

// Asked returns how often the proxy was asked for a connection.
func (p *Proxy) Asked() int { return int(p.asked.Load()) }

// Set puts a trouble before the proxy's work.
func (p *Proxy) Set(trouble Trouble) { p.trouble.Store(&trouble) }

func tunnel(w http.ResponseWriter, to string) {
	out, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, "not reachable", http.StatusBadGateway)
		return
	}
	defer out.Close()
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	if _, err := io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { io.Copy(out, in); out.Close() })
	both.Go(func() { io.Copy(in, out); in.Close() })
	both.Wait()
}
