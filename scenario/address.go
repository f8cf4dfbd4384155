package scenario

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"
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
	switch {
	case err == nil && (disguised(ip) || offLimits(ip, public)),
		err != nil && disguisedName(host),
		public && (isLoopback(host) || isLocalhost(host)):
		return nil, errOffLimits
	}
	return u, nil
}

// disguised reports whether an address is an IPv4 address within an IPv6 one. What is behind
// it depends on the network; storage's addresses are not written so.
func disguised(ip netip.Addr) bool {
	_, carried := carriedIPv4(ip)
	return carried || ip.Is6() && teredo.Contains(ip)
}

// disguisedName reports whether a host that is no address as it should be written may be
// taken for one by somebody: by the system's resolver, or by a proxy, which looks names up
// itself. Those are names that end in a number, such as 2130706433, 127.1, 0x7f.1,
// 0177.0.0.1 and 127.0.0.1 with a dot at its end, and names with other letters than ASCII's,
// which may become digits and dots.
func disguisedName(host string) bool {
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return true
	}
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hex, is := strings.CutPrefix(last, "0x"); is {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// isLocalhost reports whether a name is one that means this machine, however it is written.
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "localhost.localdomain" || host == "ip6-localhost" || host == "ip6-loopback"
}

var errOffLimits = errors.New("it leads to this machine or its closest surroundings, where Scenario keeps nothing")

// Prefixes of IPv6 addresses that carry an IPv4 address.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
	compatible = netip.MustParsePrefix("::/96")          // RFC 4291, no longer used
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380; it scrambles what it carries
)

// carriedIPv4 returns the IPv4 address that an IPv6 address stands for.
func carriedIPv4(ip netip.Addr) (carried netip.Addr, ok bool) {
	b := ip.As16()
	switch {
	case ip.Is4In6():
		return ip.Unmap(), true
	case !ip.Is6() || ip.IsLoopback() || ip.IsUnspecified():
		return ip, false
	case nat64.Contains(ip), nat64Local.Contains(ip), compatible.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:])), true
	case sixToFour.Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return ip, false
}

// offLimits reports whether parts never go to an address: those of one network link,
// multicast, none at all and, for a public API, this machine's own.
func offLimits(ip netip.Addr, public bool) bool {
	ip = ip.WithZone("")
	if carried, ok := carriedIPv4(ip); ok {
		ip = carried
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
