package service

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// inChild runs one test of this binary in another process that prepare has changed, and
// reports whether this is that process.
func inChild(t *testing.T, prepare func(*exec.Cmd)) (inside bool) {
	t.Helper()
	if os.Getenv("SERVICE_TEST_AGAIN") == t.Name() {
		return true
	}
	dir, err := os.MkdirTemp("", "service-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755)) // every user may run it
	self, err := os.Open("/proc/self/exe")
	must(t, err)
	defer self.Close()
	program, err := os.OpenFile(filepath.Join(dir, "again.test"), os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(program, self)
	must(t, err)
	must(t, program.Close())
	cmd := exec.CommandContext(t.Context(), program.Name(), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "SERVICE_TEST_AGAIN="+t.Name())
	prepare(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in a process of its own: %v\n%s", err, out)
	}
	return false
}

// Permissions taken away and given back, of files and folders on their way, of a folder
// that may be listed but not entered, and of the watch folder itself: nothing is taken
// for deleted, a sentence says what to do, and all of it goes on by itself at once.
func TestPermissionsRemovedAndGivenBack(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 { // who may read everything
		if !inChild(t, func(cmd *exec.Cmd) {
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}) {
			return
		}
	}
	for _, tt := range []struct {
		name string
		path []string
		mode os.FileMode // taken away
	}{
		{"of a file", []string{"Drop", "deep", "orc.png"}, 0},
		{"of its folder", []string{"Drop", "deep"}, 0},
		{"to enter its folder", []string{"Drop", "deep"}, 0o600},
		{"of the watch folder", []string{"Drop"}, 0},
		{"to enter the watch folder", []string{"Drop"}, 0o600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Drop")
			path := s.path(tt.path...)
			d, _ := s.run()
			sums := []string{s.save(noise(1000, 1), "Drop", "deep", "done.png")}
			s.await(drop.Imported, "Drop", "deep", "done.png")
			must(t, d.Pause(t.Context(), time.Time{}))
			sums = append(sums, s.save(noise(1000, 2), "Drop", "deep", "orc.png"))
			s.await(drop.Queued, "Drop", "deep", "orc.png")

			before, err := os.Stat(path)
			must(t, err)
			must(t, os.Chmod(path, tt.mode))
			t.Cleanup(func() { _ = os.Chmod(path, before.Mode()) }) // else the folder could not be removed
			must(t, d.Resume(t.Context()))
			s.until("a sentence says what to do", func() bool {
				it, err := s.item("Drop", "deep", "orc.png")
				return err == nil && it.State == drop.Held && strings.Contains(status.Words(it.Detail), "read")
			}, s.told)
			must(t, os.Chmod(path, before.Mode()))
			s.await(drop.Imported, "Drop", "deep", "orc.png")
			sums = append(sums, s.save(noise(1000, 3), "Drop", "deep", "later.png"))
			s.await(drop.Imported, "Drop", "deep", "later.png")
			s.exactlyOnce(sums...)
			s.neverGone()
		})
	}
}

// With far too few watches for the tree everything is sent all the same, and the status
// says what to raise.
func TestFarTooFewWatches(t *testing.T) {
	t.Parallel()
	if os.Getenv("SERVICE_TEST_AGAIN") == "" && exec.Command("unshare", "-U", "-r", "true").Run() != nil {
		t.Skip("no user namespaces here")
	}
	if !inChild(t, func(cmd *exec.Cmd) {
		script := `echo 5 >/proc/sys/user/max_inotify_watches && exec "$0" "$@"`
		cmd.Args = append([]string{"unshare", "-U", "-r", "sh", "-c", script, cmd.Path}, cmd.Args[1:]...)
		cmd.Path, cmd.Err = exec.LookPath("unshare")
	}) {
		return
	}
	s := newStudio(t, standin.Options{}, "Drop")
	var sums []string
	save := func(round, i int) {
		sums = append(sums, s.save(noise(1000, uint64(1000*round+i)), "Drop", fmt.Sprint(i), "deep", fmt.Sprintf("%d.png", round)))
	}
	for i := range 40 {
		save(0, i)
	}
	d, _ := s.run()
	imported := func() bool { return len(s.server.Account().BySHA256()) == len(sums) }
	s.until("what was there is at Scenario", imported, s.told)
	for i := range 40 {
		save(1, i)
	}
	s.until("what came later too", imported, s.told)
	s.until("all is at rest", s.atRest, s.told)
	s.exactlyOnce(sums...)
	snapshot, err := d.Snapshot(t.Context())
	must(t, err)
	if f := snapshot.Folders[0]; f.Mode != "mixed" || !strings.Contains(f.Why, "only 5 watched") || !strings.Contains(f.Why, "max_user_watches") {
		t.Errorf("the folder is watched by %s: %s", f.Mode, f.Why)
	}
}
