//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"scenario-drop/config"
)

// The browser inherits what a browser needs, and none of our secrets.
func TestBrowserDoesNotGetTheSecrets(t *testing.T) {
	dir := t.TempDir()
	saw := filepath.Join(dir, "saw")
	opener := map[bool]string{true: "open", false: "xdg-open"}[runtime.GOOS == "darwin"]
	script := "#!/bin/sh\necho \"$1\" >\"$SAW\"\nenv >>\"$SAW\"\n"
	if err := os.WriteFile(filepath.Join(dir, opener), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	const canary = "canary-of-a-secret"
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("SAW", saw)
	t.Setenv("LANG", "de_DE.UTF-8")
	for _, name := range []string{config.EnvKey, config.EnvSecret, "SCENARIO_DROP_REGISTRY", "CREDENTIALS_DIRECTORY", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, canary)
	}
	if err := browse(t.Context(), "http://127.0.0.1:8490/"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(saw)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.HasPrefix(got, "http://127.0.0.1:8490/\n") || !strings.Contains(got, "LANG=de_DE.UTF-8") {
		t.Errorf("the browser was started with:\n%s", got)
	}
	if strings.Contains(string(text), canary) {
		t.Errorf("the browser has a secret:\n%s", text)
	}
}
