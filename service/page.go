package service

import (
	"crypto/tls"
	"fmt"
	"os"
	"strings"

	"scenario-drop/config"
	"scenario-drop/status"
)

// pageAccess reads how others reach the status page of a config, with the files it names.
func pageAccess(c *config.Config) (status.PageAccess, error) {
	a := status.PageAccess{Hosts: c.Status.Page.Hosts, BehindProxy: c.Status.Page.BehindProxy}
	if file := c.Status.PasswordFile; file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return a, fmt.Errorf("read the password of the status page: %w", err)
		}
		a.Password = strings.TrimSpace(string(data))
		if flaw := config.PasswordFlaw(a.Password); flaw != "" {
			return a, fmt.Errorf("the password_file %s %s", file, flaw)
		}
	}
	if cert := c.Status.Page.TLSCert; cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, c.Status.Page.TLSKey)
		if err != nil {
			return a, fmt.Errorf("read the certificate of the status page: %w", err)
		}
		a.Certificate = &pair
	}
	return a, nil
}

// changePage takes a changed password, certificate or list of hosts at once. With another
// address they belong to that, which is listened on from the next start.
func (d *Daemon) changePage(c *config.Config) error {
	if c.Status.Listen != d.Config.Status.Listen {
		return nil
	}
	a, err := pageAccess(c)
	if err != nil {
		return err
	}
	d.server.SetPageAccess(a)
	return nil
}
