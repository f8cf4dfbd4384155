package status

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Wrong passwords make an address wait: none after the first few, which are slips of the
// hand, then twice as long each time.
const (
	freeGuesses = 3
	firstWait   = time.Second
	maxWait     = time.Minute
	forgetAfter = time.Hour // without a further guess
	maxGuessers = 4096      // addresses that are remembered
)

// guesses counts the wrong passwords of each address. It is safe for concurrent use.
type guesses struct {
	now func() time.Time

	mu  sync.Mutex
	all map[netip.Addr]*guesser
}

type guesser struct {
	wrong int
	last  time.Time
	until time.Time // no guess is checked before
}

func newGuesses(now func() time.Time) *guesses {
	return &guesses{now: now, all: map[netip.Addr]*guesser{}}
}

// wait is how long an address has to wait before its next guess is checked.
func (g *guesses) wait(who netip.Addr) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known := g.all[who]; known != nil {
		return max(0, known.until.Sub(g.now()))
	}
	return 0
}

// wrong counts a wrong guess.
func (g *guesses) wrong(who netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	known := g.all[who]
	if known == nil || now.Sub(known.last) > forgetAfter {
		if known == nil && len(g.all) >= maxGuessers {
			g.forget(now)
		}
		known = &guesser{}
		g.all[who] = known
	}
	known.wrong++
	known.last = now
	known.until = now.Add(waitAfter(known.wrong))
}

// right forgets what an address guessed before.
func (g *guesses) right(who netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.all, who)
}

// forget makes room: all that are old, or else the one that guessed least lately.
func (g *guesses) forget(now time.Time) {
	var oldest netip.Addr
	for who, known := range g.all {
		if now.Sub(known.last) > forgetAfter {
			delete(g.all, who)
		} else if !oldest.IsValid() || known.last.Before(g.all[oldest].last) {
			oldest = who
		}
	}
	if len(g.all) >= maxGuessers {
		delete(g.all, oldest)
	}
}

// waitAfter is how long an address waits after so many wrong guesses.
func waitAfter(wrong int) time.Duration {
	if wrong <= freeGuesses {
		return 0
	}
	return min(maxWait, firstWait<<min(wrong-freeGuesses-1, 10))
}

// addressOf is the address that asks: of the connection, or, behind a reverse proxy, the one
// that the proxy added last to X-Forwarded-For (those before it are the caller's own
// words). Of IPv6 it is the network of 64 bits, which one customer has.
func addressOf(r *http.Request, behindProxy bool) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if all := r.Header.Values("X-Forwarded-For"); behindProxy && len(all) > 0 {
		last := all[len(all)-1]
		host = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.IPv6Unspecified() // all that cannot be told apart wait together
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return ip
}
