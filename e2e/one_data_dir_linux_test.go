package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scenario-drop/standin"
)

// person is an account of this computer, with a home of its own.
type person struct {
	uid  uint32
	home string
}

func (p person) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"HOME=" + p.home, "PATH=" + os.Getenv("PATH"), "NO_PROXY=127.0.0.1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: p.uid, Gid: p.uid}}
	return cmd
}

// newPerson makes an account's home. Only root can act for somebody else.
func newPerson(t *testing.T, dir string, uid uint32) person {
	t.Helper()
	for _, d := range []string{filepath.Dir(dir), dir} { // every account may go through
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := person{uid: uid, home: filepath.Join(dir, fmt.Sprint("home-", uid))}
	if err := os.MkdirAll(p.home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(p.home, int(uid), int(uid)); err != nil {
		t.Skip("only root can act for several accounts: ", err)
	}
	return p
}

// publicBinary is the program where every account can start it.
func publicBinary(t *testing.T, dir string) string {
	t.Helper()
	from, err := os.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(dir, "scenario-drop")
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// The same config means the same data directory for its owner, for root and for a
// service's account: one daemon, which everybody's commands find, and no file twice.
func TestOneConfigOneDataDir(t *testing.T) {
	for name, place := range map[string]struct {
		config func(home string) string
		data   func(home string) string
	}{
		"in a home":   {func(home string) string { return home + "/.config/scenario-drop/config.toml" }, func(home string) string { return home + "/.local/share/scenario-drop" }},
		"beside it":   {func(home string) string { return home + "/studio/drop.toml" }, func(home string) string { return home + "/studio/drop.toml.data" }},
		"second name": {func(home string) string { return home + "/.config/scenario-drop/two.toml" }, func(home string) string { return home + "/.local/share/scenario-drop/two.toml.data" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			anna, service := newPerson(t, s.dir, 61234), newPerson(t, s.dir, 61235)
			root := person{0, s.path("root")}
			program := publicBinary(t, s.dir)
			s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
			text, err := os.ReadFile(s.path("config.toml"))
			if err != nil {
				t.Fatal(err)
			}
			file := place.config(anna.home)
			_, rest, _ := strings.Cut(string(text), "\n") // without its data_dir
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(rest), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := exec.Command("chown", "-R", fmt.Sprint(anna.uid), anna.home).Run(); err != nil {
				t.Fatal(err)
			}
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			d := s.launch(anna.command(program, "run", "--config", file))
			s.imported(d, sum)
			if want := place.data(anna.home); !exists(want + "/ledger.db") {
				t.Fatalf("no ledger in %s:\n%s", want, d.output())
			}
			out, _ := root.command(program, "status", "--config", file).CombinedOutput()
			if !strings.Contains(string(out), "Running") {
				t.Errorf("root does not find the daemon:\n%s", out)
			}
			for _, who := range []person{root, service} {
				out, err := who.command(program, "once", "--config", file).CombinedOutput()
				if err == nil {
					t.Errorf("uid %d works beside the daemon:\n%s", who.uid, out)
				}
			}
			for _, dir := range []string{"/var/lib/scenario-drop", root.home + "/.local/share/scenario-drop", service.home + "/.local/share/scenario-drop"} {
				if exists(dir + "/ledger.db") {
					t.Errorf("there is a second ledger in %s", dir)
				}
			}
			s.exactlyOnce(sum)
		})
	}
}

// A local database that an earlier version kept by who started it is not left behind in
// silence, for a second one that would send every file again.
func TestLedgerOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	anna := newPerson(t, s.dir, 61234)
	program := publicBinary(t, s.dir)
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	text, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	earlier := anna.home + "/.local/share/scenario-drop"
	_, rest, _ := strings.Cut(string(text), "\n")
	file := anna.home + "/drop.toml"
	withDir := "data_dir = '" + earlier + "'\n" + rest
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	once := func(config string) (string, error) {
		if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command("chown", "-R", fmt.Sprint(anna.uid), anna.home).Run(); err != nil {
			t.Fatal(err)
		}
		out, err := anna.command(program, "once", "--config", file).CombinedOutput()
		return string(out), err
	}
	if out, err := once(withDir); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := once(rest); err == nil || !strings.Contains(out, "data_dir = '"+earlier+"'") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := once(withDir); err != nil || !strings.Contains(out, "Nothing to do") {
		t.Errorf("%v\n%s", err, out)
	}
	s.exactlyOnce(sum)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
