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

// parsePartAddress is parseAddress for where a part goes. That is the API's word, not
// the user's: it does not lead to where only this machine can reach, such as the service
// of a cloud that gives out keys (169.254.169.254), and to this machine itself only if
// the API is here too, which is not public then. Addresses of private networks are let
// pass: a studio's own gateway to its storage has one.
func parsePartAddress(raw string, public bool) (*url.URL, error) {
	u, err := parseAddress(raw)
	if err != nil {
		return nil, err
	}
	host, _, _ := strings.Cut(u.Hostname(), "%") // the zone of an IPv6 address
	ip, err := netip.ParseAddr(host)
	if err == nil && offLimits(ip, public) || public && isLoopback(host) {
		return nil, errOffLimits
	}
	return u, nil
}

var errOffLimits = errors.New("it leads to this machine or its closest surroundings, where Scenario keeps nothing")

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// offLimits reports whether parts never go to an address: those of one network link,
// multicast, none at all and, for a public API, this machine's own.
func offLimits(ip netip.Addr, public bool) bool {
	ip = ip.Unmap()
	if nat64.Contains(ip) { // an IPv4 address in a coat
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || public && ip.IsLoopback()
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
