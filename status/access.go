package status

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const cookieName = "scenario-drop"

// guard lets in only requests that know the token (a header, or the cookie that the
// page's address with the token sets), or, on an address others can reach, the
// password. Requests of foreign web pages are turned away whatever they know: their
// Host or Origin is another (DNS rebinding, cross-site requests).
type guard struct {
	token    string
	password string // "" unless a password_file is configured
	loopback bool
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
	if g.loopback && !loopbackHost(r.Host) {
		http.Error(w, "this address is for this machine only", http.StatusForbidden)
		return
	}
	if o := r.Header.Get("Origin"); o != "" && strings.TrimPrefix(o, "http://") != r.Host {
		http.Error(w, "not from other web pages", http.StatusForbidden)
		return
	}
	if foreign(r) {
		http.Error(w, "not from other web pages", http.StatusForbidden)
		return
	}
	if token := r.URL.Query().Get("token"); token != "" && r.URL.Path == "/" && equal(token, g.token) {
		http.SetCookie(w, &http.Cookie{Name: cookieName, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !g.knows(r) {
		if g.password != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="scenario-drop"`)
		}
		http.Error(w, "This page needs its key. Open it with: scenario-drop open", http.StatusUnauthorized)
		return
	}
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

func (g *guard) knows(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return equal(token, g.token)
	}
	if c, err := r.Cookie(cookieName); err == nil && equal(c.Value, g.token) {
		return true
	}
	if g.password != "" {
		_, password, ok := r.BasicAuth()
		return ok && equal(password, g.password)
	}
	return false
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
