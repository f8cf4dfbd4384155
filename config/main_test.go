package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Secrets of the tests: unlike anything else in a config, so that a leak is found.
const (
	canaryKey    = "canary-key-4711"
	canarySecret = "canary-secret-0815"
)

// alone loads without any source of credentials but the files.
func alone() Loader {
	return Loader{
		Getenv:   func(string) string { return "" },
		Keychain: func(string) (string, error) { return "", errors.New("no keychain here") },
	}
}

// withKey is alone with a key in the environment.
func withKey() Loader {
	l := alone()
	l.Getenv = environment(EnvKey, canaryKey, EnvSecret, canarySecret)
	return l
}

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// studio makes a directory with config.toml and a watch folder "in", and returns the
// path of the config.
func studio(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.toml")
	write(t, path, content)
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// problemsOf is the error of Load as Problems; none for a good config.
func problemsOf(t *testing.T, err error) Problems {
	t.Helper()
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("the error is %T, not Problems: %v", err, err)
	}
	return problems
}
