package config

import (
	"crypto/tls"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// MinPassword is how many characters a password of the status page has at least. Who can
// reach the page can guess day and night.
const MinPassword = 12

// Page is how the status page is reached by others than this machine.
type Page struct {
	Hosts       []string // names by which it is reached, in lower case, without a port
	TLSCert     string   // absolute; "" for none
	TLSKey      string   // absolute; "" exactly when TLSCert is
	BehindProxy bool     // a reverse proxy stands before it, which encrypts and says who asks
}

// page reads how others reach the page.
func (t *table) page(c *Config) {
	p := Page{
		Hosts:       t.hosts("hosts"),
		TLSCert:     t.path("tls_cert", "", "page.crt"),
		TLSKey:      t.path("tls_key", "", "page.key"),
		BehindProxy: t.bool("behind_proxy", false),
	}
	c.Status.Page = p
	for _, pair := range [][2]string{{"tls_cert", "tls_key"}, {"tls_key", "tls_cert"}} {
		if t.set(pair[0]) && !t.set(pair[1]) {
			t.problem(pair[0], "name both files, the certificate and its key", "`%s` is set, but `%s` is not", pair[0], pair[1])
		}
	}
	if p.TLSCert != "" && p.TLSKey != "" {
		t.certificate(c, p)
	}
}

// reach checks who can reach the page. Beyond this machine it needs a password, names by which it
// may be asked for (a name that somebody else lets lead here is not served), and
// encryption, by a certificate or by a reverse proxy.
func (t *table) reach(c *Config, beyond bool) {
	p := c.Status.Page
	key := "listen"
	switch {
	case beyond:
	case p.BehindProxy:
		key = "behind_proxy"
	case len(p.Hosts) > 0:
		key = "hosts"
	default:
		return
	}
	if c.Status.PasswordFile == "" {
		t.problem(key, `name a password_file under [status], or use listen = "`+DefaultListen+`" alone`,
			"`%s` lets other machines see the status page, which needs a password", key)
	}
	if len(p.Hosts) == 0 && !t.has("hosts") {
		t.problem(key, `write hosts = ["drop.studio.example"] under [status]: the names or addresses by which people open the page`,
			"`%s` lets other machines see the status page, which answers only to names that are listed in `hosts`", key)
	}
	if beyond && p.TLSCert == "" && !p.BehindProxy {
		t.problem(key, "name tls_cert and tls_key under [status], or write behind_proxy = true where a reverse proxy encrypts what others see",
			"`%s` lets other machines see the status page, and its password would cross the network unencrypted", key)
	}
}

// certificate checks the files, whose later change counts as an edit.
func (t *table) certificate(c *Config, p Page) {
	var pem [2][]byte
	for i, file := range []struct{ key, path string }{{"tls_cert", p.TLSCert}, {"tls_key", p.TLSKey}} {
		content, err := t.source.read(file.path)
		if err != nil {
			t.problem(file.key, "correct the path, or let the program's user read it", "`%s` %s cannot be read: %s", file.key, oneLine(file.path), reason(err))
			return
		}
		c.follows(file.path, content)
		pem[i] = content
	}
	t.source.readableByOthers(p.TLSKey, t.at("tls_key"), true)
	if _, err := tls.X509KeyPair(pem[0], pem[1]); err != nil {
		t.problem("tls_cert", "both are PEM files: -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----, without a password, and the key is that certificate's",
			"`tls_cert` and `tls_key` are no certificate and its key")
	}
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// hosts are names or addresses, without scheme and port.
func (t *table) hosts(key string) []string {
	var all []string
	for _, item := range t.once(key, "drop.studio.example") {
		host := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(item.value), "."))
		if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			all = append(all, ip.String())
			continue
		}
		if !hostName.MatchString(host) {
			t.source.problem(item.at, `for example "drop.studio.example" or "192.168.1.20", without http:// and without a port`, "this is no name of a host")
			continue
		}
		all = append(all, host)
	}
	return all
}

// PasswordFlaw says why a text is no password for the status page, put so that it follows
// the name of its file; "" where it is one.
func PasswordFlaw(password string) string {
	switch {
	case password == "":
		return "is empty"
	case strings.ContainsAny(password, "\r\n"):
		return "has more than one line"
	case utf8.RuneCountInString(password) < MinPassword:
		return "holds a password that is too short: who can reach the page could guess it"
	}
	return ""
}
