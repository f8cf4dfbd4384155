package config

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWithDataDir(t *testing.T) {
	const here = "/srv/Mike's \"data\""
	for _, test := range []struct{ text, want string }{
		{"# mine\n[log] # loud\nlevel = 'info'\n", "# What was sent already (the local database), and the logs.\ndata_dir = '/srv/data'\n\n# mine\n[log] # loud\nlevel = 'info'\n"},
		{"# mine\r\n[log]\r\n", "# What was sent already (the local database), and the logs.\r\ndata_dir = '/srv/data'\r\n\r\n# mine\r\n[log]\r\n"},
		{"# a\ndata_dir = \"\" # the usual\n[log]\n", "# a\ndata_dir = '/srv/data' # the usual\n[log]\n"},
		{"data_dir=''\n", "data_dir='/srv/data'\n"},
		{"\ufeffdata_dir = \"\"\"\"\"\"\n", "\ufeffdata_dir = '/srv/data'\n"},
		{"\ufeff[log]\n", "\ufeff# What was sent already (the local database), and the logs.\ndata_dir = '/srv/data'\n\n[log]\n"},
		{"data_dir = '/mine'\n", ""},
		{"[log]\n# data_dir = ''\n", "# What was sent already (the local database), and the logs.\ndata_dir = '/srv/data'\n\n[log]\n# data_dir = ''\n"},
	} {
		got, ok := WithDataDir(test.text, "/srv/data")
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%q: %q, %v", test.text, got, ok)
		}
	}
	if runtime.GOOS == "windows" {
		return // no such name
	}
	path := studio(t, "# all\n[log]\nlevel = 'debug'\n"+watchIn)
	text, ok := WithDataDir("# all\n[log]\nlevel = 'debug'\n"+watchIn, here)
	if !ok {
		t.Fatal("not edited")
	}
	write(t, path, text)
	c, err := withKey().Load(path)
	if err != nil || c.DataDir != filepath.Clean(here) || !strings.Contains(text, "# all\n") {
		t.Errorf("%+v, %v", c, err)
	}
}
