package scenario

import (
	"net"
	"net/http"
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
)

// apiTransport is for the API: few, small, latency-bound calls to one host.
func apiTransport() *http.Transport {
	t := baseTransport()
	t.Protocols.SetHTTP2(true)
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: keepAlive, PingTimeout: pingTimeout}
	t.MaxIdleConnsPerHost = 8
	t.IdleConnTimeout = 90 * time.Second
	return t
}

// storageTransport is for parts: HTTP/1.1 only, since parallel parts over one HTTP/2
// connection would share one TCP window. connections is how many the pool holds; more
// requests wait for one.
func storageTransport(connections int) *http.Transport {
	t := baseTransport()
	t.DialContext = patientDial(t.DialContext)
	t.MaxConnsPerHost = connections
	t.MaxIdleConnsPerHost = connections
	t.MaxIdleConns = connections
	// S3 hangs up on idle connections after some 20 s; being earlier avoids the race.
	t.IdleConnTimeout = 15 * time.Second
	t.WriteBufferSize = 64 << 10
	t.DisableCompression = true // would add Accept-Encoding
	return t
}

func baseTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive, Control: limitUnsent}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		MaxResponseHeaderBytes: 256 << 10,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}
