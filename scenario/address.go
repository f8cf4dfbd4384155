package scenario

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// parseAddress parses an address that bytes or keys may be sent to: https to any host,
// http to a loopback address only, no user name or password in it. Its errors do not
// repeat the address, which may hold a signature.
func parseAddress(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is not a valid address")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("it holds a user name or password")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("it names no server")
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, errors.New("plain http is allowed to this machine only; use https")
	default:
		return nil, errors.New("it does not start with https://")
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
