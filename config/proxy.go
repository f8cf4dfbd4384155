package config

import (
	"net/url"
	"strings"
)

// proxy reports a proxy of the environment that would not be used, since its address
// cannot be read: everything would then go past it without a word. It never quotes the
// address, which may hold a password.
func (l Loader) proxy(t *table) {
	if l.getenv("NO_PROXY") == "*" || l.getenv("no_proxy") == "*" {
		return
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} { // the first that is set is used
		value := l.getenv(name)
		if value == "" {
			continue
		}
		if what := proxyFlaw(value); what != "" {
			t.missing(`write it as "http://proxy.example.com:3128", with user and password as "http://user:password@…" where it asks for them, or unset it`,
				"%s in the environment %s", name, what)
		}
		return
	}
}

// proxyFlaw says why a text is no proxy's address, put so that it follows its name; ""
// where it is one. Without a scheme it is http.
func proxyFlaw(value string) string {
	if strings.TrimFunc(value, blank) != value {
		return "begins or ends with a space"
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil && strings.Contains(value, "@"):
		return "is no address of a proxy; a special character in its user or password must be written as % and its code, such as %40 for @"
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "is no address of a proxy"
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return ""
	}
	return "begins with another word than http, https or socks5"
}
