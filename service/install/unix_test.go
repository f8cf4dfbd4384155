//go:build !windows

package install

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAccountOfTheService(t *testing.T) {
	has := func(names ...string) func(string) bool {
		return func(name string) bool {
			for _, n := range names {
				if n == name {
					return true
				}
			}
			return false
		}
	}
	for _, c := range []struct {
		name, asked string
		who         account
		exists      func(string) bool
		want        string
		err         bool
	}{
		{"asked for", "bob", account{sudoUser: "ann"}, has(Name), "bob", false},
		{"asked for, in a directory service", `studio.bob-x_1@corp`, account{}, has(), "studio.bob-x_1@corp", false},
		{"another line of the unit", "bob\nExecStartPre=/bin/x", account{}, has(), "", true},
		{"a specifier of systemd", "%i", account{}, has(), "", true},
		{"who called sudo", "", account{sudoUser: "ann"}, has(Name), "ann", false},
		{"the package's account", "", account{}, has(Name), Name, false},
		{"never root by default", "", account{}, has("root"), "", true},
	} {
		got, err := runAs(c.asked, c.who, c.exists)
		if got != c.want || (err != nil) != c.err {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestDefined(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.service")
	if exists, err := defined(path, "one"); exists || err != nil {
		t.Errorf("without a file: %v, %v", exists, err)
	}
	if err := os.WriteFile(path, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if exists, err := defined(path, "one"); !exists || err != nil {
		t.Errorf("with the same text: %v, %v", exists, err)
	}
	if _, err := defined(path, "two"); !errors.Is(err, ErrInstalledDifferently) {
		t.Errorf("with another text: %v", err)
	}
}
