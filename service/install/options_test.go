package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRights(t *testing.T) {
	var (
		artist  = account{}
		root    = account{admin: true}
		sudo    = account{admin: true, sudoUser: "ann"}
		windows = account{noUserScope: true}
		winRoot = account{noUserScope: true, admin: true}
	)
	for _, c := range []struct {
		name  string
		op    string
		scope Scope
		who   account
		want  error
		says  string
	}{
		{"own service", "install", User, artist, nil, ""},
		{"machine's service without rights", "install", System, artist, ErrRights, "sudo"},
		{"likewise start", "start", System, artist, ErrRights, "--user"},
		{"looking is free", "status", System, artist, nil, ""},
		{"root", "install", System, root, nil, ""},
		{"root's own service", "install", User, root, nil, ""},
		{"sudo for the machine", "install", System, sudo, nil, ""},
		{"sudo for oneself", "install", User, sudo, ErrRights, "without sudo"},
		{"Windows has no user services", "install", User, winRoot, ErrUnsupported, "--system"},
		{"not even to look at", "status", User, windows, ErrUnsupported, "--system"},
		{"Windows without rights", "stop", System, windows, ErrRights, "Run as administrator"},
		{"Windows with rights", "stop", System, winRoot, nil, ""},
	} {
		err := checkRights(c.op, c.scope, c.who)
		if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if c.says != "" && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not tell of %q", c.name, err, c.says)
		}
	}
}

func TestPathsAreMadeAbsoluteAndChecked(t *testing.T) {
	// Programs in the system's temporary folder are refused. Where the repository is, and where
	// the tests keep their files, may well be there: so the test has one of its own.
	root := t.TempDir()
	temporary := filepath.Join(root, "temporary")
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temporary)
	}
	t.Chdir(root)
	const dir = "lasting" // relative
	for _, d := range []string{dir, temporary} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	exe, config := filepath.Join(dir, "scenario-drop"), filepath.Join(dir, "config.toml")
	for _, f := range []string{exe, config} {
		if err := os.WriteFile(f, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	o := Options{Executable: exe, ConfigFile: config}
	if err := o.absolute(); err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(o.Executable) || !filepath.IsAbs(o.ConfigFile) {
		t.Errorf("not absolute: %+v", o)
	}
	tmp := filepath.Join(temporary, "scenario-drop")
	if err := os.WriteFile(tmp, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    Options
		want error // nil: any
		says string
	}{
		{"no config", Options{Executable: exe}, ErrNoConfig, "config file"},
		{"missing config", Options{Executable: exe, ConfigFile: filepath.Join(dir, "none.toml")}, fs.ErrNotExist, "none.toml does not exist"},
		{"config is a folder", Options{Executable: exe, ConfigFile: dir}, nil, "is not a file"},
		{"missing program", Options{Executable: filepath.Join(dir, "gone"), ConfigFile: config}, fs.ErrNotExist, "gone does not exist"},
		{"go run", Options{Executable: tmp, ConfigFile: config}, ErrUnsupported, "go build"},
	} {
		err := c.o.absolute()
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
			continue
		}
		if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", c.name, err, c.says)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		path, dir string
		want      bool
	}{
		{"/tmp/go-build1/x", "/tmp", true},
		{"/tmp", "/tmp", false},
		{"/tmpx/y", "/tmp", false},
		{"/usr/bin/x", "/tmp", false},
		{"/tmp/../usr/x", "/tmp", false},
	} {
		if got := within(filepath.FromSlash(c.path), filepath.FromSlash(c.dir)); got != c.want {
			t.Errorf("within(%q, %q) = %v", c.path, c.dir, got)
		}
	}
}
