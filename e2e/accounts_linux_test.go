package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scenario-drop/standin"
)

// as runs a command of the program as another account.
func (s *studio) as(uid uint32, args ...string) (string, int) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), binary, append(args, "--config", s.path("config.toml"))...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	cmd.Env, cmd.Dir = []string{"HOME=/nonexistent"}, "/"
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// newSharedStudio is a studio that other accounts can look into, with one folder.
func newSharedStudio(t *testing.T) *studio {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can run the program as somebody else")
	}
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	for _, dir := range []string{filepath.Dir(s.dir), s.dir, filepath.Dir(binary)} {
		s.must(os.Chmod(dir, 0o755))
	}
	return s
}

func (s *studio) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// As root the program does not go by what another account can change, nor work there.
func TestRootRefusesWhatOthersCanChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(s *studio)
		words   string
	}{
		"config of another":        {func(s *studio) { s.must(os.Chown(s.path("config.toml"), nobody, nobody)) }, "config.toml: it belongs to nobody"},
		"config that all write":    {func(s *studio) { s.must(os.Chmod(s.path("config.toml"), 0o666)) }, "config.toml: it can be written by every account"},
		"folder that all write":    {func(s *studio) { s.must(os.Chmod(s.dir, 0o777)) }, s0 + " can be written by every account"},
		"folder that a group may":  {func(s *studio) { s.must(os.Chown(s.dir, 0, nobody)); s.must(os.Chmod(s.dir, 0o770)) }, s0 + " can be written by the group nogroup"},
		"credentials of another":   {func(s *studio) { s.credentials(nobody, 0o600) }, "credentials.env: it belongs to nobody"},
		"credentials all can edit": {func(s *studio) { s.credentials(0, 0o606) }, "credentials.env: it can be written by every account"},
		"data_dir of another": {func(s *studio) {
			s.must(os.Mkdir(s.data, 0o700))
			s.must(os.Chown(s.data, nobody, nobody))
		}, `data" belongs to nobody`},
		"data_dir that all write": {func(s *studio) {
			s.must(os.Mkdir(s.data, 0o700))
			s.must(os.Chmod(s.data, os.ModeSticky|0o777))
		}, `data" can be written by every account`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSharedStudio(t)
			s.save(noise(1000, 1), "Characters", "a.png")
			c.prepare(s)
			words := strings.ReplaceAll(c.words, s0, s.dir)
			for _, command := range []string{"run", "once"} {
				out, code := s.command(command)
				if code != 2 || !strings.Contains(out, words) || !strings.Contains(out, "another account can change") {
					t.Errorf("%s ended with %d:\n%s", command, code, out)
				}
			}
			if entries, err := os.ReadDir(s.data); err == nil && len(entries) > 0 {
				t.Errorf("something was made in the data directory: %v", entries)
			}
			if n := len(s.server.Account().Assets); n > 0 {
				t.Errorf("%d files were sent", n)
			}
			// Whoever asks what is wrong is told.
			if out, _ := s.command("check", "--offline"); !strings.Contains(out, "another account can change") && name[:8] != "data_dir" {
				t.Errorf("check says\n%s", out)
			}
		})
	}
}

// s0 stands for a studio's own folder.
const s0 = "<studio>"

// credentials has the config name a credentials file of the account.
func (s *studio) credentials(uid int, mode os.FileMode) {
	s.t.Helper()
	path := s.path("credentials.env")
	s.must(os.WriteFile(path, fmt.Appendf(nil, "SCENARIO_SDK_API_KEY=%s\nSCENARIO_SDK_API_SECRET=%s\n", s.server.Key(), s.server.Secret()), 0o600))
	s.must(os.Chmod(path, mode))
	s.must(os.Chown(path, uid, uid))
	config, err := os.ReadFile(s.path("config.toml"))
	s.must(err)
	text := strings.Replace(string(config), "[status]", "credentials_file = '"+path+"'\n[status]", 1)
	s.must(os.WriteFile(s.path("config.toml"), []byte(text), 0o600))
}

// A person's own daemon works all the same, and says so at its start and in check.
func TestWhatOthersCanChangeIsTold(t *testing.T) {
	t.Parallel()
	s := newSharedStudio(t)
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	open := s.path("open")
	s.must(os.Mkdir(open, 0o700))
	s.must(os.Chmod(open, 0o777))
	s.data = filepath.Join(open, "data")
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	s.must(os.Chown(s.path("config.toml"), nobody, nobody))
	for _, args := range [][]string{{"once"}, {"check", "--offline"}, {"once", "--dry-run"}} {
		out, code := s.as(nobody, args...)
		if code != 0 || !strings.Contains(out, "another account can change the data directory") || !strings.Contains(out, open+" can be written by every account") {
			t.Errorf("%q ended with %d:\n%s", args, code, out)
		}
	}
	s.exactlyOnce(sum)
	cmd := exec.Command(binary, "run", "--config", s.path("config.toml"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.Env, cmd.Dir = []string{"HOME=/nonexistent"}, "/"
	d := s.launch(cmd)
	until(t, "the log tells it", func() bool {
		return strings.Contains(d.output(), "another account can change the data directory") || d.dead()
	}, d.output)
	d.end()
	out, _ := s.as(nobody, "check", "--offline", "--json")
	var report struct{ Warnings []struct{ Message string } }
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0].Message, open) {
		t.Errorf("%v\n%s", err, out)
	}
}

// Links that somebody planted where our own files belong lead nowhere: what they point at
// is neither written nor made, whichever of our files it is.
func TestPlantedLinks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lock", "lock-holder.json", "control.json", "ledger.db", "ledger.db-state", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal", "backups"} {
		for _, there := range []bool{true, false} {
			t.Run(fmt.Sprint(name, there), func(t *testing.T) {
				t.Parallel()
				s := newSharedStudio(t)
				s.save(noise(1000, 1), "Characters", "a.png")
				s.must(os.Mkdir(s.data, 0o700))
				victim := s.path("victim")
				switch {
				case there && name == "backups":
					s.must(os.Mkdir(victim, 0o755))
				case there:
					s.must(os.WriteFile(victim, []byte("theirs"), 0o644))
				}
				s.must(os.Symlink(victim, filepath.Join(s.data, name)))
				out, code := s.command("once")
				if code == 1 && !strings.Contains(out, "is a link") && !strings.Contains(out, name) {
					t.Errorf("once ended with %d:\n%s", code, out)
				}
				d := s.start()
				until(t, "the daemon runs or ends", func() bool { return strings.Contains(d.output(), "scenario-drop runs") || d.dead() }, d.output)
				if !d.dead() {
					d.end()
				}
				info, err := os.Lstat(victim)
				switch {
				case !there && err == nil:
					t.Errorf("the link's target was made: %v\n%s%s", info, out, d.output())
				case there && err != nil:
					t.Error(err)
				case there && name == "backups":
					if entries, err := os.ReadDir(victim); err != nil || len(entries) > 0 {
						t.Errorf("in the link's target is %v, %v", entries, err)
					}
				case there:
					if got, err := os.ReadFile(victim); err != nil || string(got) != "theirs" || info.Mode().Perm() != 0o644 {
						t.Errorf("the link's target has %q, %v, %v\n%s%s", got, info.Mode(), err, out, d.output())
					}
				}
			})
		}
	}
}

// Another account that asks is told whose it is and how to ask, and never that nothing
// runs, which it cannot know.
func TestAnotherAccountAsks(t *testing.T) {
	t.Parallel()
	s := newSharedStudio(t)
	s.must(os.Chmod(s.path("config.toml"), 0o644))
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	d := s.start()
	s.imported(d, sum)
	file := s.path("Characters", "a.png")
	commands := [][]string{{"status"}, {"status", "--json"}, {"why", file}, {"why", "--json", file}, {"why", "a.png"}, {"open"}, {"pause"}, {"pause", "--for", "1h"}, {"resume"},
		{"retry"}, {"retry", file}, {"adopt", "--all"}, {"history"}, {"history", "--failed", "--json"}, {"once"}}
	for _, running := range []bool{true, false} {
		if !running {
			d.end()
		}
		for _, args := range commands {
			out, code := s.as(nobody, args...)
			low := strings.ToLower(out)
			if code != 1 || !strings.Contains(out, "belongs to the account root") || !strings.Contains(out, "sudo scenario-drop "+args[0]) {
				t.Errorf("running: %v, %q ended with %d:\n%s", running, args, code, out)
			}
			if strings.Contains(low, "permission denied") || strings.Contains(low, "running") || strings.Contains(low, "no files") {
				t.Errorf("running: %v, %q says\n%s", running, args, out)
			}
		}
		if out, code := s.as(nobody, "check", "--offline"); code == 0 || !strings.Contains(out, "belongs to the account root") || strings.Contains(out, "permission denied") {
			t.Errorf("running: %v, check ended with %d:\n%s", running, code, out)
		}
	}
	s.must(os.Chmod(s.path("config.toml"), 0o600))
	for _, args := range commands {
		if out, code := s.as(nobody, args...); code != 2 || !strings.Contains(out, "belongs to the account root") || !strings.Contains(out, "sudo scenario-drop") || strings.Contains(out, "permission") {
			t.Errorf("with a config of root alone, %q ended with %d:\n%s", args, code, out)
		}
	}
	if out, code := s.command("status"); code != 0 {
		t.Errorf("as its own account, status ended with %d:\n%s", code, out)
	}
}

// openFolder makes a folder whose parent every account may write.
func (s *studio) openFolder(name string, uid int) string {
	s.t.Helper()
	open, dir := s.path("open"), s.path("open", name)
	s.must(os.MkdirAll(dir, 0o755))
	s.must(os.Chmod(open, 0o777))
	s.must(os.Chown(dir, uid, uid))
	return dir
}

// As root a folder that others can put another in place of is not used, which is that
// folder's trouble alone; nor is a move_to.
func TestRootUsesNoFolderThatOthersCanSwap(t *testing.T) {
	t.Parallel()
	s := newSharedStudio(t)
	s.openFolder("Drop", 0)
	target := s.openFolder("Done", 0)
	s.configure("", map[string]string{
		"Characters": "kind = 'image'\nsettle = '0s'",
		"open/Drop":  "kind = 'image'\nsettle = '0s'",
		"Moves":      "kind = 'image'\nsettle = '0s'\nafter_upload = 'move'\nmove_to = '" + target + "'",
	})
	good, moved := s.save(noise(1000, 1), "Characters", "a.png"), s.save(noise(1000, 2), "Moves", "m.png")
	s.save(noise(1000, 3), "open", "Drop", "secret.png")
	d := s.start()
	s.imported(d, good)
	until(t, "both troubles are told", func() bool {
		out, _ := s.command("status")
		why, _ := s.command("why", s.path("Moves", "m.png"))
		return strings.Contains(out, "Drop\" is not used") && strings.Contains(out, "open\" can be written by every account") && strings.Contains(why, "Done\" is not used")
	}, d.output)
	s.exactlyOnce(good, moved)
	if _, err := os.Stat(s.path("Moves", "m.png")); err != nil {
		t.Errorf("it is not where it was: %v", err)
	}
	if out, code := s.command("check", "--offline"); code == 0 || !strings.Contains(out, "Drop\" is not used") || !strings.Contains(out, "Done\" is not used") {
		t.Errorf("check ended with %d:\n%s", code, out)
	}
}

// For everybody else such a folder is the one that it was at the start: another that was
// put there is not sent, until a person says that it is right by a restart.
func TestSwappedFolderIsNotSent(t *testing.T) {
	t.Parallel()
	s := newSharedStudio(t)
	drop := s.openFolder("Drop", nobody)
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'", "open/Drop": "kind = 'image'\nsettle = '0s'"})
	s.must(os.Mkdir(s.data, 0o700))
	for _, path := range []string{s.path("config.toml"), s.data} {
		s.must(os.Chown(path, nobody, nobody))
	}
	start := func() *daemon {
		cmd := exec.Command(binary, "run", "--config", s.path("config.toml"))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Env, cmd.Dir = []string{"HOME=/nonexistent"}, "/"
		return s.launch(cmd)
	}
	d := start()
	first := s.save(noise(1000, 1), "open", "Drop", "a.png")
	s.imported(d, first)

	s.must(os.Rename(drop, drop+" before"))
	s.must(os.Mkdir(drop, 0o755))
	swapped := s.save(noise(1000, 2), "open", "Drop", "secret.png")
	until(t, "it is told", func() bool {
		out, _ := s.as(nobody, "status")
		return strings.Contains(out, "is another one than when this program started")
	}, d.output)
	other := s.save(noise(1000, 3), "Characters", "b.png")
	s.imported(d, other)
	s.exactlyOnce(first, other)

	d.end()
	d = start()
	s.imported(d, swapped)
	s.exactlyOnce(first, other, swapped)
}
