package nettest

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/internal/testkit/testcert"
)

// Certificate makes a certificate for names and addresses, signed by a new authority
// whose own is in the file returned: for SSL_CERT_FILE.
func Certificate(t testing.TB, names ...string) (server *tls.Config, authority string) {
	t.Helper()
	a, err := testcert.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := a.Sign(a.Until(), names...)
	if err != nil {
		t.Fatal(err)
	}
	authority = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}, authority
}
