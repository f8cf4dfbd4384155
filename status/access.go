package status

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const cookieName = "scenario-drop"

// guard lets in only requests that know the token (a header, or the cookie that the
// page's address with the token sets), or, on an address others can reach, the
// password, which can be guessed only slowly. Requests of foreign web pages are turned
// away whatever they know: their Host or Origin is another (DNS rebinding, cross-site
// requests).
type guard struct {
	token    string
	access   func() *PageAccess
	guesses  *guesses
	loopback bool // the address is
	next     http.Handler
}

func newToken() string { return rand.Text() }

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	access := g.access()
	if !access.serves(r.Host, g.loopback) {
		http.Error(w, "This page does not answer to this name. The names it answers to are hosts under [status] in the config.", http.StatusForbidden)
		return
	}
	encrypted := r.TLS != nil || access.BehindProxy && r.Header.Get("X-Forwarded-Proto") == "https"
	if o := r.Header.Get("Origin"); o != "" && o != "http://"+r.Host && (!encrypted || o != "https://"+r.Host) {
		http.Error(w, "not from other web pages", http.StatusForbidden)
		return
	}
	if foreign(r) {
		http.Error(w, "not from other web pages", http.StatusForbidden)
		return
	}
	if token := r.URL.Query().Get("token"); token != "" && r.URL.Path == "/" && equal(token, g.token) {
		http.SetCookie(w, &http.Cookie{Name: cookieName, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: encrypted})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	known, wait := g.knows(r, access)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		http.Error(w, "Too many wrong passwords from this address. Wait a minute, and try again.", http.StatusTooManyRequests)
		return
	}
	if !known {
		if access.Password != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="scenario-drop"`)
		}
		http.Error(w, "This page needs its key. Open it from the program itself, which has the key.", http.StatusUnauthorized)
		return
	}
	welcome(r.Context())
	g.next.ServeHTTP(w, r)
}

// pagePolicy lets the page load nothing, send nothing and be framed by nobody; its style
// stands in it.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// foreign reports whether a browser made the request for another web page, without
// saying so by Origin, as it does for a GET. A person who follows a link to the page is
// no such thing.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none": // no browser; the page itself; typed in
		return false
	}
	return r.Method != http.MethodGet || r.URL.Path != "/" || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// knows reports whether a request knows the token or the password, or how long its address
// has to wait before a password of it is checked.
func (g *guard) knows(r *http.Request, access *PageAccess) (known bool, wait time.Duration) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return equal(token, g.token), 0
	}
	if c, err := r.Cookie(cookieName); err == nil && equal(c.Value, g.token) {
		return true, 0
	}
	_, password, ok := r.BasicAuth()
	if access.Password == "" || !ok {
		return false, 0
	}
	who := addressOf(r, access.BehindProxy)
	if wait := g.guesses.wait(who); wait > 0 {
		return false, wait
	}
	if !equal(password, access.Password) {
		g.guesses.wrong(who)
		return false, 0
	}
	g.guesses.right(who)
	return true, 0
}

// equal compares in a time that tells nothing of where two secrets differ, nor of
// their lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
