package config

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestFindDataDir(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		value string
		known bool
	}{
		"nothing":                   {"", "", true},
		"set":                       {"data_dir = '/x'\n[scenario]\n", "/x", true},
		"set, and broken below":     {"data_dir = \"/x\" # here\n[scenario\napi_key = '\n", "/x", true},
		"set, and broken above":     {"nonsense\n  data_dir='/x'\n", "/x", true},
		"in a comment":              {"# data_dir = '/x'\nnonsense\n", "", true},
		"empty":                     {"data_dir = ''\n", "", true},
		"broken itself":             {"data_dir = '/x\n", "", false},
		"of another type":           {"data_dir = 5\n", "", false},
		"twice":                     {"data_dir = '/x'\ndata_dir = '/y'\n", "", false},
		"below a heading":           {"[scenario]\ndata_dir = '/x'\n", "", false},
		"mistyped":                  {"data_dri = '/x'\n", "", false},
		"another key":               {"nonsense = '/x'\n[[watch]]\npath = 'in'\n", "", true},
		"with a value of two lines": {"data_dir = '''\n/x'''\n", "", false},
	} {
		if value, known := findDataDir(test.text); value != test.value || known != test.known {
			t.Errorf("%s: %q, %v", name, value, known)
		}
	}
}

// The data directory is found as Load finds it, whatever else is wrong.
func TestLocateWithProblems(t *testing.T) {
	for name, text := range map[string]string{
		"none":              "",
		"an unknown key":    "[scenario]\nprojct = 1\n",
		"a wrong type":      "[upload]\nconnections = 'many'\n[[watch]]\npath = 5\n",
		"no TOML":           "[scenario]\napi_key = 'x\n",
		"a list not closed": "[[watch]]\npath = 'in'\ninclude = ['*.png'\n",
		"no folder":         "[scenario]\n",
	} {
		for _, head := range []string{"", "data_dir = 'data'\n", "data_dir = '" + filepath.ToSlash(filepath.Join(os.TempDir(), "elsewhere")) + "'\n"} {
			good := studio(t, head+watchIn)
			want, err := withKey().Load(good)
			if err != nil {
				t.Fatal(err)
			}
			bad := filepath.Join(filepath.Dir(good), "config.toml")
			write(t, bad, head+watchIn+text)
			got, err := withKey().Locate(bad)
			if err != nil || got.DataDir != want.DataDir || (got.Problem == nil) != (name == "none" || name == "no folder") {
				t.Errorf("%s, %q: %v, %v, want %s", name, head, got, err, want.DataDir)
			}
			if name == "an unknown key" && (len(got.Watches) != 1 || got.Watches[0].Path != want.Watches[0].Path) {
				t.Errorf("the folders: %+v", got.Watches)
			}
		}
	}
	// In doubt, nothing is guessed.
	if _, err := withKey().Locate(studio(t, "[scenario]\ndata_dir = 'x'\n"+watchIn)); err == nil {
		t.Error("a data_dir below a heading was taken, or passed over")
	}
}

// ~ is the home that the config lies in, also while it has problems: who asks changes nothing.
func TestLocateWithProblemsInAHome(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, configInHome(runtime.GOOS)[0], appDir, fileName)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, "data_dir = '~/drop data'\nbanana = 1\n[[watch]]\npath = '~/in'\nkind = 'image'\n")
	c, err := withKey().Locate(file)
	if err != nil || c.Problem == nil {
		t.Fatalf("%+v, %v", c, err)
	}
	if want := filepath.Join(home, "drop data"); c.DataDir != want {
		t.Errorf("the data directory is %s, want %s", c.DataDir, want)
	}
	if want := filepath.Join(home, "in"); len(c.Watches) != 1 || c.Watches[0].Path != want {
		t.Errorf("the folders: %+v, want %s", c.Watches, want)
	}
}
