package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An edit that opens the config to others is not taken by root, which goes on with what it
// has; who only asks is warned.
func TestExposedEditIsRefusedByRoot(t *testing.T) {
	if !RunsAsSystem() {
		t.Skip("SKIPPED: only root refuses")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	text := "data_dir = '" + filepath.Join(dir, "data") + "'\n[scenario]\napi_key = 'key_1'\napi_secret = 'secret_1'\n[[watch]]\npath = '" + t.TempDir() + "'\nkind = 'image'\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := Loader{Debounce: time.Millisecond, Reread: 10 * time.Millisecond}
	c, err := l.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	edits := make(chan error, 10)
	end := make(chan error, 1)
	go func() { end <- l.Follow(t.Context(), c, func(_ *Config, err error) { edits <- err }) }()
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text+"hide = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var problems Problems
	select {
	case err := <-edits:
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), "another account can change the config") || strings.Contains(err.Error(), "secret_1") {
			t.Errorf("the edit comes to %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing is said of the edit")
	}
	c, err = Loader{SkipCredentials: true}.Load(path)
	if err != nil || len(c.Warnings) == 0 || !strings.Contains(c.Warnings[0].Message, "another account can change the config") {
		t.Errorf("who only asks is told %v, %v", c, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-edits:
		if err != nil {
			t.Errorf("mended, it comes to %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the mended edit is not taken")
	}
}
