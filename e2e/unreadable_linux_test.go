package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scenario-drop/standin"
)

const nobody = 65534

// A file that the program's user may not read is held with a sentence, and nothing
// else suffers; once it may be read it is sent.
func TestUnreadable(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can run the program as somebody else")
	}
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	good := s.save(noise(1000, 1), "Characters", "good.png")
	secret := s.save(noise(1000, 2), "Characters", "secret.png")
	if err := os.Chmod(s.path("Characters", "secret.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{s.path("data"), s.path("config.toml"), s.path("Characters"), s.path("Characters", "good.png")} {
		if err := os.MkdirAll(s.path("data"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{filepath.Dir(s.dir), s.dir, filepath.Dir(binary)} { // made for their owner alone
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	asNobody := func(args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--config", s.path("config.toml"))...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Env = []string{"HOME=/nonexistent"}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := asNobody("once"); code != 3 {
		t.Errorf("once ended with %d:\n%s", code, out)
	}
	s.exactlyOnce(good)
	if out, code := asNobody("why", s.path("Characters", "secret.png")); code != 0 || !strings.Contains(out, "read") {
		t.Errorf("why ended with %d:\n%s", code, out)
	}
	if err := os.Chmod(s.path("Characters", "secret.png"), fs.FileMode(0o644)); err != nil {
		t.Fatal(err)
	}
	if out, code := asNobody("once"); code != 0 {
		t.Errorf("the second once ended with %d:\n%s", code, out)
	}
	s.exactlyOnce(good, secret)
}
