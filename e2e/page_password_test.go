package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"scenario-drop/internal/testkit/testcert"
	"scenario-drop/standin"
)

// A changed password and a renewed certificate of the status page are taken without a
// restart; a password that is too short is refused, and the one before stays.
func TestPagePasswordAndCertificateChange(t *testing.T) {
	t.Parallel()
	authority, err := testcert.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'"})
	password := func(text string) {
		if err := os.WriteFile(s.path("password"), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate := func() (serial string) {
		cert, err := authority.Sign(authority.Until(), "drop.example")
		if err != nil {
			t.Fatal(err)
		}
		key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		for name, block := range map[string]*pem.Block{"page.key": {Type: "PRIVATE KEY", Bytes: key}, "page.crt": {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}} {
			if err := os.WriteFile(s.path(name), pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.String()
	}
	address := closedPort(t)
	const first, second = "correct horse battery", "staple battery horse"
	password(first)
	certificate()
	text, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "listen = 'off'", "listen = '"+address+"'\nhosts = ['drop.example']\npassword_file = 'password'\ntls_cert = 'page.crt'\ntls_key = 'page.key'", 1)
	if err := os.WriteFile(s.path("config.toml"), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(password string) (status int, serial string) {
		transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), ServerName: "drop.example"}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "drop.example"
		req.SetBasicAuth("", password)
		res, err := transport.RoundTrip(req)
		if err != nil {
			return 0, ""
		}
		defer res.Body.Close()
		return res.StatusCode, res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	d := s.start()
	until(t, "the page is served", func() bool { status, _ := ask(first); return status == http.StatusOK }, d.output)
	out, _ := s.command("open", "--print")
	if found := regexp.MustCompile(`https?://[^/\s]+`).FindString(out); found != "" && !strings.HasPrefix(found, "https://drop.example:") {
		t.Errorf("open names %s", found)
	}

	password(second)
	until(t, "the new password is taken", func() bool { status, _ := ask(second); return status == http.StatusOK }, d.output)
	if status, _ := ask(first); status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", status)
	}
	serial := certificate()
	until(t, "the new certificate is taken", func() bool { status, got := ask(second); return status == http.StatusOK && got == serial }, d.output)

	password("short")
	until(t, "a short one is refused", func() bool {
		out, _ := s.command("status")
		return strings.Contains(out, "too short")
	}, d.output)
	if status, _ := ask("short"); status == http.StatusOK {
		t.Error("a short password lets in")
	}
	if status, _ := ask(second); status != http.StatusOK {
		t.Errorf("the one before: %d", status)
	}
	if strings.Contains(d.output(), second) || strings.Contains(d.output(), first) {
		t.Error("a password is in the log")
	}
}
