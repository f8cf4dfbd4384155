package e2e

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"scenario-drop/standin"
)

// A daemon that is asked to end while a file is on the way ends well within the ten
// seconds that service managers give, with exit code 0; the next one goes on where it was.
func TestEndsWhenAsked(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM to send")
	}
	s := newStudio(t, standin.Options{})
	s.configure("part_size = '5MiB'\nconnections = 1", map[string]string{"Video": "kind = 'video'\nother_kinds = 'send'\nsettle = '0s'"})
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 3, When: standin.Middle, Do: standin.DoStall})
	sum := s.save(noise(5*partSize, 1), "Video", "shot.bin")
	d := s.start()
	until(t, "a part is under way", func() bool { return s.server.Account().Fired == 1 }, d.output)
	asked := time.Now()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "it ends", d.dead, d.output)
	if took := time.Since(asked); took > 10*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d:\n%s", code, d.output())
	}
	s.server.ClearFaults()

	s.imported(s.start(), sum)
	s.exactlyOnce(sum)
	account := s.server.Account()
	if n := len(account.Uploads); n != 1 {
		t.Errorf("there are %d uploads, want 1", n)
	}
	for _, p := range account.Uploads[0].Parts {
		if p.Puts != 1 {
			t.Errorf("part %d was sent whole %d times", p.Number, p.Puts)
		}
	}
}
