package config

import (
	"fmt"

	"scenario-drop/file"
)

// exposed reports what another account can change although the program goes by it: as
// root or SYSTEM it is refused, else warned of. The account that data_dir belongs to is
// the one that the program runs as, whoever checks the config; as root itself the
// program takes no data_dir but root's.
func (l Loader) exposed(c *Config, top, scenario, status *table, credentialsFile string) {
	s := top.source
	if e := file.Exposed(c.File, c.DataDir); e != nil {
		l.tellExposed(s, -1, "the config", c.File, e)
	}
	for _, f := range []struct {
		table *table
		key   string
		what  string
		path  string
	}{
		{scenario, "credentials_file", "the credentials file", credentialsFile},
		{status, "password_file", "the password file", c.Status.PasswordFile},
		{status, "tls_cert", "the certificate", c.Status.Page.TLSCert},
		{status, "tls_key", "the certificate's key", c.Status.Page.TLSKey},
	} {
		if f.path == "" {
			continue
		}
		if e := file.Exposed(f.path, c.DataDir); e != nil {
			l.tellExposed(s, f.table.at(f.key), f.what, f.path, e)
		}
	}
	// Whether root itself may work there is asked with the lock.
	if e := file.Exposed(c.DataDir, c.DataDir); e != nil {
		s.warnings = append(s.warnings, exposedProblem(s, top.at("data_dir"), "the data directory", c.DataDir, e))
	}
}

func (l Loader) tellExposed(s *source, offset int, what, path string, e *file.Exposure) {
	p := exposedProblem(s, offset, what, path, e)
	if RunsAsSystem() && !l.SkipCredentials && !l.ForAService { // it is going to work
		s.problems = append(s.problems, p)
		return
	}
	s.warnings = append(s.warnings, p)
}

// exposedProblem is about the file as a whole where offset is negative.
func exposedProblem(s *source, offset int, what, path string, e *file.Exposure) Problem {
	p := Problem{File: s.name, Hint: oneLine(e.Fix)}
	if offset >= 0 {
		p.Line, p.Column = s.place(offset)
	}
	through := "it"
	if e.Path != path {
		through = oneLine(e.Path)
	}
	p.Message = fmt.Sprintf("another account can change %s %s: %s %s", what, oneLine(path), through, oneLine(e.What))
	return p
}
