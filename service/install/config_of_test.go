package install

import (
	"errors"
	"testing"
)

// What a definition says of its config is what was asked for, whatever the path.
func TestConfigOfADefinition(t *testing.T) {
	for _, path := range []string{"/etc/scenario-drop/config.toml", "/home/ann/my art/50%/a$b{c}\"d'\\e.toml", "/ünï cödé/config.toml", "/a<b&c>/config.toml"} {
		o := Options{Scope: User, Executable: "/opt/my tools/scenario-drop", ConfigFile: path}
		unit, err := systemdUnit(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unitConfig(unit, "/x"); err != nil || got != path {
			t.Errorf("unit: %q, %v, want %q", got, err, path)
		}
		plist, err := launchdPlist(o, "/var/log/x.log")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := plistConfig(plist); err != nil || got != path {
			t.Errorf("property list: %q, %v, want %q", got, err, path)
		}
	}
	unit, err := packagedUserUnit()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unitConfig(unit, "/home/ann/.config"); err != nil || got != "/home/ann/.config/scenario-drop/config.toml" {
		t.Errorf("the package's: %q, %v", got, err)
	}
	for _, text := range []string{"", "[Service]\nExecStart=/bin/true\n", "<plist>", "ExecStart=/x run --config a --more b"} {
		if _, err := unitConfig(text, ""); !errors.Is(err, ErrConfigUnknown) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := plistConfig(text); !errors.Is(err, ErrConfigUnknown) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
