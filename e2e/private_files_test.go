//go:build unix

package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Whatever the umask, all that the program keeps is its user's alone.
func TestFilesAreTheUsersOwn(t *testing.T) {
	t.Parallel()
	s := newStudioWithCanaries(t)
	s.configure("text")
	d := s.launch(exec.Command("sh", "-c", `umask 0000; exec "$0" run --config "$1"`, binary, s.path("config.toml")))
	sum := s.save(noise(3000, 1), "Characters", "a.png")
	s.imported(d, sum)
	check := func(when string, least int) {
		t.Helper()
		var names []string
		err := filepath.WalkDir(s.data, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return nil // it was there for a moment
			}
			names = append(names, filepath.Base(path))
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %s is %v", when, path, info.Mode())
			}
			return nil
		})
		if err != nil || len(names) < least {
			t.Errorf("%s: there is only %q, %v", when, names, err)
		}
	}
	check("while it runs", 5) // the directory, ledger, -wal, lock, control.json
	d.kill()
	check("after its death", 5)
	d = s.launch(exec.Command("sh", "-c", `umask 0000; exec "$0" once --config "$1"`, binary, s.path("config.toml")))
	<-d.ended
	check("after once", 2)

	// The config that init writes holds the key, and is the user's own too.
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `umask 0000; exec "$0" init --config "$1" --folder "$2" </dev/null`, binary, filepath.Join(home, "made", "config.toml"), filepath.Join(home, "watched"))
	cmd.Env = append(os.Environ(), "HOME="+home, "SCENARIO_SDK_API_KEY="+canaryKey, "SCENARIO_SDK_API_SECRET="+canarySecret)
	out, err := cmd.CombinedOutput()
	s.clean("init", out, s.canaries(reach{}))
	info, serr := os.Stat(filepath.Join(home, "made", "config.toml"))
	if serr != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("init's config: %v, %v\n%v\n%s", info, serr, err, out)
	}
}
