package config

import "testing"

// What is taken for a proxy's address is what the connections would use.
func TestProxyFlaw(t *testing.T) {
	for value, good := range map[string]bool{
		"http://proxy:3128": true, "proxy:3128": true, "proxy": true, "https://u:p@proxy.studio.example": true, "socks5://127.0.0.1:1080": true, "socks5h://p": true,
		"http://u:p%40ss@proxy:3128": true, "[::1]:3128": true, "http://[::1]:3128": true,
		"http://": false, "http://u:p/@proxy:3128": false, "http://proxy:port": false, " http://proxy:3128": false, "ftp://proxy": false, "socks4://proxy": false,
		"http:proxy:3128": false, "http://proxy:3128 ": false, "http://pro xy": false, "://": false,
	} {
		if flaw := proxyFlaw(value); (flaw == "") != good {
			t.Errorf("%q: %q", value, flaw)
		}
	}
}
