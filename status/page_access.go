package status

import (
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// PageAccess is how others than this machine reach the page. The zero value is: not.
type PageAccess struct {
	Password    string           // "": none is asked for, and nobody beyond this machine gets in
	Hosts       []string         // names by which the page may be asked for, in lower case, without a port
	Certificate *tls.Certificate // nil: no https
	BehindProxy bool             // a reverse proxy stands before the page and says who asks
}

// SetPageAccess changes how the page is reached, at once. Whether it is https stays as it
// was at the start.
func (s *Server) SetPageAccess(a PageAccess) {
	switch before := s.pageAccess.Load(); {
	case before == nil: // the start
	case before.Certificate == nil:
		a.Certificate = nil
	case a.Certificate == nil:
		a.Certificate = before.Certificate
	}
	s.pageAccess.Store(&a)
}

// beyond reports whether an address can be reached by others than this machine.
func (a PageAccess) beyond(address string) bool {
	return !loopbackHost(address) || a.BehindProxy || len(a.Hosts) > 0
}

// serves reports whether the page answers to a request's Host. A browser sends the name by
// which it found the page, so one that somebody else lets lead here is told by it.
func (a PageAccess) serves(hostport string, loopback bool) bool {
	if loopback && loopbackHost(hostport) {
		return true
	}
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	}
	return slices.Contains(a.Hosts, host)
}

// withTLS wraps the page's listener where there is a certificate, of which always the
// newest is shown.
func (s *Server) withTLS(l net.Listener) net.Listener {
	if s.pageAccess.Load().Certificate == nil {
		return l
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.pageAccess.Load().Certificate, nil }})
}

// Address returns where the page is, with the key that lets a browser in; "" when the
// page is off.
func (s *Server) Address() string {
	if s.page == nil {
		return ""
	}
	return s.pageAccess.Load().address(s.page.Addr().String()) + "/?token=" + s.token
}

// address is where a browser finds the page that listens at host:port.
func (a PageAccess) address(at string) string {
	scheme := "http"
	if a.Certificate != nil {
		scheme = "https"
	}
	_, port, err := net.SplitHostPort(at)
	switch {
	case len(a.Hosts) == 0 || err != nil:
	case a.BehindProxy && !loopbackHost(at): // it is the proxy's to be reached
		return "https://" + a.Hosts[0]
	case !loopbackHost(at), a.Certificate != nil: // the name that the certificate has
		at = net.JoinHostPort(a.Hosts[0], port)
	}
	return scheme + "://" + at
}
