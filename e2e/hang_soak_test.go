//go:build soak && linux

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/standin"
)

// A share that hangs keeps the program neither from starting nor from ending, and `check`
// says in bounded time which folder it is and what to do. A dead one is told too.
func TestProgramWithAShareThatHangs(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	const rule = "kind = 'image'\nsettle = '1s'\n"
	s.configure("", map[string]string{"Share": rule, "Local": rule})
	share := mounttest.Bind(t, t.TempDir(), s.path("Share"))
	imported := func(sum string) {
		t.Helper()
		until(t, "the file is imported", func() bool { return len(s.server.Account().BySHA256()[sum]) == 1 }, func() string { return "it is not" })
	}

	if out, code := s.command("check"); code != 0 || !strings.Contains(out, "Share can be read (fuse, 1 directory): it is looked through again and again, since fuse is a network or shared filesystem") {
		t.Errorf("check with the share well: exit code %d\n%s", code, out)
	}
	share.Hang()
	began := time.Now()
	out, code := s.command("check", "--offline")
	took := time.Since(began)
	if want := "The folder " + share.Mount + " has not answered for 10s. Is the disk or the network share still connected?"; code != 1 || !strings.Contains(out, want) || !strings.Contains(out, "Local can be read") {
		t.Errorf("check with a share that hangs: exit code %d\n%s", code, out)
	}
	if took > 40*time.Second {
		t.Errorf("check took %v", took)
	}
	t.Logf("check took %v", took.Round(time.Millisecond))

	d := s.start()
	first := s.save(noise(1000, 1), "Local", "a.png")
	imported(first)
	began = time.Now()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-d.ended:
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("after SIGTERM it ran for %v", took)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 || !strings.Contains(d.output(), "does not answer") {
		t.Errorf("exit code %d\n%s", code, d.output())
	}

	share.Resume()
	share.Die()
	if out, code := s.command("check", "--offline"); code != 1 || !strings.Contains(out, "The folder "+share.Mount+" cannot be read: transport endpoint is not connected.") {
		t.Errorf("check with a dead share: exit code %d\n%s", code, out)
	}
	s.start()
	second := s.save(noise(1000, 2), "Local", "b.png")
	imported(second)
	share.Detach()
	again := mounttest.Bind(t, share.Source, share.Mount)
	again.Write(noise(1000, 3), "c.png")
	until(t, "the file of the share is imported", func() bool { return len(s.server.Account().BySHA256()) == 3 }, func() string { return "it is not" })
}
