package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// absolute fills in o.Executable and makes both paths absolute and checked.
func (o *Options) absolute() error {
	if o.Executable == "" {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the running program: %w", err)
		}
		o.Executable = exe
	}
	var err error
	if o.Executable, err = regular(o.Executable); err != nil {
		return fmt.Errorf("the program: %w", err)
	}
	if within(o.Executable, os.TempDir()) {
		return fmt.Errorf("%w: the program is in a temporary folder (%s), as it is with \"go run\", and would soon be gone; "+
			"build it with \"go build\", put it in a lasting place and install from there", ErrUnsupported, o.Executable)
	}
	if o.ConfigFile == "" {
		return ErrNoConfig
	}
	if o.ConfigFile, err = regular(o.ConfigFile); err != nil {
		return fmt.Errorf("%w: %w", ErrNoConfig, err)
	}
	return nil
}

// regular returns path made absolute, provided that a regular file is there
// and that its name can be written in a service definition.
func regular(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s does not exist: %w", abs, fs.ErrNotExist)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a file", abs)
	case !utf8.ValidString(abs) || strings.ContainsFunc(abs, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", fmt.Errorf("%q holds characters that a service definition cannot; rename it", abs)
	}
	return abs, nil
}

// within reports whether path lies below dir.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// DefaultScope is the scope to use where the user named none: System for an
// administrator and on Windows, which has no other, else User.
func DefaultScope() Scope {
	if c := caller(); c.noUserScope || c.admin {
		return System
	}
	return User
}

// account says who is calling, as far as rights go.
type account struct {
	admin       bool   // root, or an elevated process on Windows
	sudoUser    string // who called sudo; "" for nobody and for root itself
	noUserScope bool   // this system has no services of a user
}

// checkRights decides before anything is touched whether c may do op, since the
// service managers' own refusals name neither the cause nor the cure.
func checkRights(op string, s Scope, c account) error {
	switch {
	case s == User && c.noUserScope:
		return fmt.Errorf("%w: Windows has no services of a single user; use --system in a command prompt opened with \"Run as administrator\"", ErrUnsupported)
	case op == "status":
		return nil
	case s == System && !c.admin && c.noUserScope:
		return fmt.Errorf("%w: a service can be changed by an administrator only; open the command prompt with \"Run as administrator\" and try again", ErrRights)
	case s == System && !c.admin:
		return fmt.Errorf("%w: the service of the whole machine can be changed by an administrator only; run it with sudo, or use --user", ErrRights)
	case s == User && c.admin && c.sudoUser != "":
		return fmt.Errorf("%w: with sudo, --user would mean root's own service; run it without sudo, or use --system", ErrRights)
	}
	return nil
}
