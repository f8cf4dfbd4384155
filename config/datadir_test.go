package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

// Where the data is follows from where the config is, on every system.
func TestKnownDataDir(t *testing.T) {
	for _, test := range []struct{ goos, file, want string }{ // "": beside the config
		{"linux", "/etc/scenario-drop/config.toml", "/var/lib/scenario-drop"},
		{"linux", "/etc/scenario-drop/second.toml", "/var/lib/scenario-drop/second.toml.data"},
		{"linux", "/home/anna/.config/scenario-drop/config.toml", "/home/anna/.local/share/scenario-drop"},
		{"linux", "/home/anna/.config/scenario-drop/second.toml", "/home/anna/.local/share/scenario-drop/second.toml.data"},
		{"linux", "/root/.config/scenario-drop/config.toml", "/root/.local/share/scenario-drop"},
		{"linux", "/home/anna/.config/other/config.toml", ""},
		{"linux", "/.config/scenario-drop/config.toml", ""},
		{"linux", "/srv/studio/config.toml", ""},
		{"linux", "/home/anna/Library/Application Support/scenario-drop/config.toml", ""},
		{"darwin", "/Users/anna/Library/Application Support/scenario-drop/config.toml", "/Users/anna/Library/Application Support/scenario-drop"},
		{"darwin", "/Users/anna/.config/scenario-drop/config.toml", ""},
		{"darwin", "/Library/Application Support/scenario-drop/config.toml", "/Library/Application Support/scenario-drop"},
		{"windows", `C:\Users\anna\AppData\Local\scenario-drop\config.toml`, `C:\Users\anna\AppData\Local\scenario-drop`},
		{"windows", `D:\Profiles\Anna\appdata\roaming\Scenario-Drop\Config.toml`, `D:\Profiles\Anna\AppData\Local\scenario-drop`},
		{"windows", `C:\ProgramData\scenario-drop\config.toml`, `C:\ProgramData\scenario-drop`},
		{"windows", `C:\ProgramData\scenario-drop\second.toml`, `C:\ProgramData\scenario-drop\second.toml.data`},
		{"windows", `C:\Art\config.toml`, ""},
	} {
		system := map[string][2]string{"linux": {"/etc/scenario-drop", "/var/lib/scenario-drop"},
			"darwin":  {"/Library/Application Support/scenario-drop", "/Library/Application Support/scenario-drop"},
			"windows": {`C:\ProgramData\scenario-drop`, `C:\ProgramData\scenario-drop`}}[test.goos]
		if got, ok := knownDataDir(test.file, test.goos, system[0], system[1]); got != test.want || ok != (test.want != "") {
			t.Errorf("%s %s: %q, %v, want %q", test.goos, test.file, got, ok, test.want)
		}
	}
}

// One config is one data directory, by whatever way it is named.
func TestDefaultDataDirOfLinks(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "studio.toml")
	write(t, file, "")
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "config.toml")
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no symlinks here:", err)
	}
	if to, err := filepath.EvalSymlinks(link); err != nil || to != real {
		t.Skip("links are not followed here:", to, err)
	}
	for _, name := range []string{file, link} {
		if got := DefaultDataDir(name); got != real+".data" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// ~ in data_dir is the home that the config lies in, and nobody's where it lies in none.
func TestHomeInDataDir(t *testing.T) {
	asks := t.TempDir()
	t.Setenv("HOME", asks)
	t.Setenv("USERPROFILE", asks)
	_, err := withKey().Load(studio(t, "data_dir = '~/drop'\n"+watchIn))
	if problems := problemsOf(t, err); len(problems) != 1 || !strings.Contains(problems[0].Message, "`data_dir` begins with ~") || problems[0].Line != 1 {
		t.Errorf("of a config elsewhere: %v", err)
	}
	home := t.TempDir()
	file := inHome(t, home)
	if err := os.Mkdir(filepath.Join(home, "Art"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, "data_dir = '~/drop'\n[[watch]]\npath = '~/Art'\n")
	c, err := withKey().Load(file)
	if err != nil || c.DataDir != filepath.Join(home, "drop") || c.Watches[0].Path != filepath.Join(home, "Art") {
		t.Errorf("%+v, %v", c, err)
	}
}

// Plain words with commas between may be a list that was meant, or a name.
func TestCommaInAPattern(t *testing.T) {
	c, err := withKey().Load(studio(t, watchIn+"exclude = ['old, older', 'Smith, John*', 'a{b,c}']\n"))
	if err != nil || len(c.Warnings) != 1 || c.Warnings[0].Column != 12 || !strings.Contains(c.Warnings[0].Hint, `exclude = ["old", "older"]`) {
		t.Errorf("%+v, %v", c.Warnings, err)
	}
}

// inHome makes the config folder of a home, and returns where its config belongs.
func inHome(t *testing.T, home string) string {
	t.Helper()
	dir := filepath.Join(home, configInHome(runtime.GOOS)[0], appDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, fileName)
}

// A local database where an earlier version kept it is never left behind in silence.
func TestEarlierLedgerIsNotForgotten(t *testing.T) {
	if RunsAsSystem() {
		if there, _ := ledgerIn(earlierDataDir("x", "")); there {
			t.Skip("this machine has one of its own")
		}
	}
	dataHome := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dataHome)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	path := studio(t, watchIn)
	earlier := earlierDataDir(path, dataHome)
	if !strings.HasPrefix(earlier, dataHome) {
		t.Skip("as root, the earlier place is the system's")
	}
	if err := os.MkdirAll(earlier, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(earlier, "ledger.db"), "x")
	_, err := withKey().Load(path)
	problems := problemsOf(t, err)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, earlier) || !strings.Contains(problems[0].Hint, "data_dir = '"+earlier+"'") {
		t.Fatalf("got %v", err)
	}
	write(t, path, "data_dir = '"+earlier+"'\n"+watchIn)
	if c, err := withKey().Load(path); err != nil || c.DataDir != earlier {
		t.Errorf("once it is said: %v", err)
	}
	write(t, path, watchIn)
	now := DefaultDataDir(path)
	if err := os.Mkdir(now, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(now, "ledger.db"), "x")
	if c, err := withKey().Load(path); err != nil || c.DataDir != now {
		t.Errorf("with one of its own: %v", err)
	}
}
