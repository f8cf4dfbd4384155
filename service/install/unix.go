//go:build !windows

package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strings"
)

func caller() account {
	a := account{admin: os.Geteuid() == 0}
	if name := os.Getenv("SUDO_USER"); a.admin && name != "root" {
		a.sudoUser = name
	}
	return a
}

// runAs chooses the account of a System service: the one asked for, else who
// called sudo (the folders are theirs), else the account the package makes.
func runAs(asked string, c account, exists func(name string) bool) (string, error) {
	switch {
	case asked != "":
		if strings.ContainsFunc(asked, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`%:/\"'{}`, r) }) {
			return "", fmt.Errorf("%q is not the name of an account", asked)
		}
		return asked, nil
	case c.sudoUser != "":
		return c.sudoUser, nil
	case exists(Name):
		return Name, nil
	}
	return "", fmt.Errorf("%w: it is not clear under which account the service should run; call it with sudo from that account, or make an account named %q first", ErrUnsupported, Name)
}

// hasAccount looks only into the machine's own list of accounts, which is where
// the packages put theirs.
func hasAccount(name string) bool {
	_, err := user.Lookup(name)
	return err == nil
}

// defined compares the definition that is at path with text, the one asked for:
// exists says whether there is one, and the error whether it is another one.
func defined(path, text string) (exists bool, err error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case string(old) != text:
		return true, fmt.Errorf("%w (%s); remove that one first", ErrInstalledDifferently, path)
	}
	return true, nil
}

// removeFile removes a definition; one that is gone already is fine.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return nil
}
