package main

import (
	"crypto/tls"
	"os"
	"path/filepath"

	"scenario-drop/internal/testkit/testcert"
)

// The addresses at the ends of a slow line: of the clients, and of the servers.
const nearAddress, farAddress = "10.77.0.1", "10.77.0.2"

// certificate is that of the servers, for the runs over TLS.
type certificate struct {
	authorityFile, certFile, keyFile string // PEM
	server                           tls.Certificate
}

func newCertificate(dir string) (*certificate, error) {
	a, err := testcert.NewAuthority()
	if err != nil {
		return nil, err
	}
	c := &certificate{authorityFile: filepath.Join(dir, "authority.pem"), certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem")}
	if c.server, err = a.Sign(a.Until(), "127.0.0.1", farAddress); err != nil {
		return nil, err
	}
	cert, key, err := testcert.ServerPEM(c.server)
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{c.authorityFile: a.PEM(), c.certFile: cert, c.keyFile: key} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
	}
	return c, nil
}
