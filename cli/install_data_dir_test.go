package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"scenario-drop/config"
)

// install writes the data directory into the config, once, and leaves all else of it as
// it is.
func TestInstallWritesDataDir(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.toml")
	const text = "# mine\n[log]\nlevel = \"debug\" # loud\n[[watch]]\npath = 'in'\n"
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	load := func() *config.Config {
		c, err := readOnly.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	before := load()
	if note := writeDataDir(before); !strings.Contains(note, before.DataDir) {
		t.Error(note)
	}
	got, err := os.ReadFile(file)
	if err != nil || !strings.HasSuffix(string(got), text) || load().DataDir != before.DataDir {
		t.Errorf("%v\n%s", err, got)
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	if note := writeDataDir(load()); note != "" {
		t.Error(note)
	}
	if again, err := os.ReadFile(file); err != nil || string(again) != string(got) {
		t.Errorf("%v\n%s", err, again)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	// What lies behind a link is another program's to write.
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "config.toml")
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no symlinks here:", err)
	}
	if _, err := os.ReadFile(link); err != nil {
		t.Skip("links are not followed here:", err)
	}
	c, err := readOnly.Load(link)
	if err != nil {
		t.Fatal(err)
	}
	if note := writeDataDir(c); !strings.Contains(note, "Write it yourself") || !strings.Contains(note, "data_dir = '") {
		t.Error(note)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != text {
		t.Errorf("%v\n%s", err, after)
	}
}
