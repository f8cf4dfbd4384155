package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

func TestTomlStringRoundTrip(t *testing.T) {
	for _, s := range []string{"", "plain", `C:\Art\new`, `say "hi"`, "a\nb\tc\x00\x1f\x7f", "ü 🎨 \u0085 \u2028", `'''`, `\u0041`} {
		quoted, err := tomlString(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var got struct{ S string }
		if _, err := toml.Decode("s = "+quoted, &got); err != nil || got.S != s {
			t.Errorf("%q became %s, which is %q (%v)", s, quoted, got.S, err)
		}
	}
	if s, err := tomlString("\xff"); err == nil {
		t.Errorf("bytes that are no text became %s", s)
	}
}

func FuzzTomlString(f *testing.F) {
	f.Add("a\"\\\x00")
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := tomlString(s)
		if err != nil {
			return
		}
		var got struct{ S string }
		if _, err := toml.Decode("s = "+quoted, &got); err != nil || got.S != s {
			t.Errorf("%q became %s, which is %q (%v)", s, quoted, got.S, err)
		}
	})
}

// What init writes must be a config, whatever it was told.
func TestConfigTextIsAConfig(t *testing.T) {
	dir := t.TempDir()
	for _, store := range []string{storeConfig, storeKeychain, storeEnvironment} {
		s := &setup{BaseURL: config.DefaultBaseURL, Listen: config.DefaultListen, Key: "k", Secret: `s"\`, Store: store}
		for _, kind := range kinds {
			f := setupFolder{Path: filepath.Join(dir, "the "+kind+" 'folder'"), Kind: kind, Collections: []string{`"Orcs"`, "Ünï"}}
			if err := os.MkdirAll(f.Path, 0o700); err != nil {
				t.Fatal(err)
			}
			s.Folders = append(s.Folders, f)
		}
		text, err := configText(s)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, store+".toml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := func(name string) string {
			if store != storeConfig && (name == config.EnvKey || name == config.EnvSecret) {
				return "x"
			}
			return ""
		}
		c, err := config.Loader{Getenv: env}.Load(file)
		if err != nil {
			t.Fatalf("%s: %v", store, err)
		}
		if len(c.Watches) != len(kinds) || c.Watches[1].Collections[0] != `"Orcs"` {
			t.Errorf("%s: not what was asked for: %+v", store, c.Watches)
		}
		if store == storeConfig && c.Scenario.Credentials.Secret != `s"\` {
			t.Errorf("the secret did not come through")
		}
		if strings.Contains(text, "api_secret = ") != (store == storeConfig) {
			t.Errorf("%s: the secret is in the wrong place", store)
		}
	}
}

func TestStatusWords(t *testing.T) {
	at := time.Date(2026, 3, 4, 15, 16, 0, 0, time.Local)
	running := status.Snapshot{Running: true, PID: 7, Started: &at}
	paused, pausedTo := running, running
	paused.Paused = true
	pausedTo.Paused, pausedTo.PausedUntil = true, &at
	busy := running
	busy.Trouble = "No network."
	busy.Counts = map[drop.State]int{drop.Imported: 2, drop.Uploading: 1, drop.Queued: 3, drop.Preparing: 1}
	busy.Transfers = []status.Transfer{{Path: "/a\n.png", Size: 2048, Sent: 512, Doing: "sending"}, {Path: "/empty", Doing: "reading"}}
	for _, c := range []struct {
		report         statusReport
		headline, line string
	}{
		{statusReport{}, "Not running. Start it with: scenario-drop start (or: scenario-drop run)", "not running; no files yet"},
		{statusReport{Holder: &heldLock{5, "once"}}, "No daemon runs, but scenario-drop once (process 5) is at work.", "once is at work; no files yet"},
		{statusReport{Snapshot: status.Snapshot{Paused: true}}, "Not running. Start it with: scenario-drop start (or: scenario-drop run); it will then be paused until: scenario-drop resume", "not running; no files yet"},
		{statusReport{Snapshot: running}, "Running since 2026-03-04 15:16 (process 7).", "running; no files yet"},
		{statusReport{Snapshot: paused}, "Running since 2026-03-04 15:16 (process 7), paused until: scenario-drop resume.", "paused until: scenario-drop resume; no files yet"},
		{statusReport{Snapshot: pausedTo}, "Running since 2026-03-04 15:16 (process 7), paused until 2026-03-04 15:16.", "paused until 2026-03-04 15:16; no files yet"},
		{statusReport{Snapshot: busy}, "Running since 2026-03-04 15:16 (process 7).",
			`running; No network.; 2 imported, 3 queued, 2 uploading; "/a\n.png": sending, 25% of 2.0 KiB; /empty: reading, 0% of 0 B`},
	} {
		if got := headline(c.report, at); got != c.headline {
			t.Errorf("headline %q, want %q", got, c.headline)
		}
		if got := statusLine(c.report); got != c.line {
			t.Errorf("line %q, want %q", got, c.line)
		}
	}
}

func TestProgressText(t *testing.T) {
	for want, got := range map[string]string{
		" 0 of 0 files · 0 B sent · looking for files": progressText(0, 0, 0, false, ""),
		" 3 of 4 files · 1.0 KiB sent · No network.":   progressText(3, 1, 1024, true, "No network."),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNoticing(t *testing.T) {
	local, share := watcher.Filesystem{Type: "ext4"}, watcher.Filesystem{Type: "cifs", Remote: true, Why: "it is a network share"}
	for _, c := range []struct {
		poll string
		fs   watcher.Filesystem
		mode string
		why  string
	}{
		{"auto", local, "events", ""},
		{"auto", share, "polling", "it is a network share"},
		{"never", share, "events", ""},
		{"always", local, "polling", `the config says poll = "always"`},
	} {
		if mode, why := noticing(c.poll, c.fs); mode != c.mode || why != c.why {
			t.Errorf("%s on %s: %s, %q", c.poll, c.fs.Type, mode, why)
		}
	}
}

func TestFolderPath(t *testing.T) {
	t.Setenv("HOME", "/home/artist")
	t.Setenv("USERPROFILE", "/home/artist")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"~": "/home/artist", "~/Art": "/home/artist/Art", "Art": filepath.Join(here, "Art"), "~artist": filepath.Join(here, "~artist")} {
		if got, err := folderPath(in); err != nil || got != filepath.FromSlash(want) {
			t.Errorf("%s: %q (%v), want %q", in, got, err, want)
		}
	}
}

// Help speaks of the local database: ledger is our own word for it.
func TestHelpSpeaksOfTheLocalDatabase(t *testing.T) {
	for _, cmd := range (&app{}).root().Commands() {
		if text := cmd.Short + " " + cmd.Long + " " + cmd.Flags().FlagUsages(); strings.Contains(strings.ToLower(text), "ledger") {
			t.Errorf("help of %s: %s", cmd.Name(), text)
		}
	}
}
