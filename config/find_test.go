package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

func TestFind(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if _, err := os.Stat(SystemFile(nil)); err == nil {
		t.Skip("this machine has a config of its own")
	}
	named := filepath.Join(t.TempDir(), "named.toml")
	byEnv := environment(EnvFile, named)
	user := filepath.Join(home, "scenario-drop", "config.toml")

	_, err := Find("", byEnv)
	var missing *NotFoundError
	if !errors.As(err, &missing) || missing.By != "$SCENARIO_DROP_CONFIG" || !slices.Equal(missing.Searched, []string{named}) {
		t.Errorf("the environment names a missing file: %v", err)
	}
	_, err = Find("other.toml", byEnv)
	if !errors.As(err, &missing) || missing.By != "--config" || !filepath.IsAbs(missing.Searched[0]) || filepath.Base(missing.Searched[0]) != "other.toml" {
		t.Errorf("the flag names a missing file: %v", err)
	}
	_, err = Find("", environment())
	if !errors.As(err, &missing) || missing.By != "" || !slices.Equal(missing.Searched, []string{user, SystemFile(nil)}) {
		t.Errorf("nothing is there: %v", err)
	}
	for _, word := range []string{user, SystemFile(nil)} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %s: %v", word, err)
		}
	}

	if err := os.MkdirAll(filepath.Dir(user), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, user, "")
	if got, err := Find("", environment()); got != user || err != nil {
		t.Errorf("the user's: %s, %v", got, err)
	}
	write(t, named, "")
	if got, err := Find("", byEnv); got != named || err != nil {
		t.Errorf("the environment before the user's: %s, %v", got, err)
	}
	other := filepath.Join(t.TempDir(), "other.toml")
	write(t, other, "")
	if got, err := Find(other, byEnv); got != other || err != nil {
		t.Errorf("the flag before the environment: %s, %v", got, err)
	}
}
