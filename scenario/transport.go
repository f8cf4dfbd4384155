package scenario

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Bounds on the phases that no progress can be seen in.
const (
	dialTimeout = 15 * time.Second // all addresses of a name together
	tlsTimeout  = 15 * time.Second
	// keepAlive finds peers that vanished without a word; two missed probes of HTTP/2
	// keep the next call from being put on the same dead connection.
	keepAlive   = 15 * time.Second
	pingTimeout = 15 * time.Second
	// apiConnections bounds the connections to an API that speaks HTTP/1.1 only.
	apiConnections = 16
)

// NewTransport is the transport of a Client that was given none, for wrapping.
func NewTransport() *http.Transport { return apiTransport() }

// apiTransport is for the API: few, small, latency-bound calls to one host.
func apiTransport() *http.Transport {
	t := baseTransport()
	t.Protocols.SetHTTP2(true)
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: keepAlive, PingTimeout: pingTimeout}
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost = apiConnections, apiConnections // where there is no HTTP/2
	t.IdleConnTimeout = 90 * time.Second
	return t
}

// storageTransport is for parts: HTTP/1.1 only, since parallel parts over one HTTP/2
// connection would share one TCP window. connections is how many the pool holds; more
// requests wait for one. public is that of parsePartAddress, here for what a name leads
// to; a proxy is the user's word again, and looks the names up itself.
func storageTransport(connections int, public bool) *http.Transport {
	t := baseTransport()
	toProxy, proxy := t.DialContext, proxyAddress()
	guarded := newDialer()
	guarded.Control = func(network, address string, conn syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err != nil || offLimits(to.Addr(), public) {
			return errOffLimits
		}
		return limitUnsent(network, address, conn)
	}
	t.DialContext = graceDial(func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == proxy {
			return toProxy(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	})
	t.MaxConnsPerHost = connections
	t.MaxIdleConnsPerHost = connections
	t.MaxIdleConns = connections
	// S3 hangs up on idle connections after some 20 s; being earlier avoids the race.
	t.IdleConnTimeout = 15 * time.Second
	t.WriteBufferSize = 64 << 10
	t.DisableCompression = true // would add Accept-Encoding
	return t
}

func newDialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive, Control: limitUnsent}
}

// proxyAddress is where the connections to the proxy of the environment go, host:port;
// "" without one. Only https goes by a proxy: plain http does not leave this machine.
func proxyAddress() string {
	u := environmentProxy()
	if u == nil {
		return ""
	}
	port := cmp.Or(u.Port(), map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme], "80")
	return net.JoinHostPort(u.Hostname(), port)
}

func baseTransport() *http.Transport {
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            newDialer().DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		MaxResponseHeaderBytes: 256 << 10,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}
