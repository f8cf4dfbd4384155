package install

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kardianos/service"
)

func TestParseShow(t *testing.T) {
	const path = "/etc/systemd/system/scenario-drop.service"
	for _, c := range []struct {
		name, out string
		want      State
	}{
		{"running", "MainPID=42\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=running\nFragmentPath=" + path + "\nUnitFileState=enabled\n",
			State{Installed: true, Enabled: true, Running: true, Active: true, PID: 42, Detail: "active (running)", Path: path}},
		{"failed and waiting", "MainPID=0\nResult=exit-code\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nFragmentPath=" + path + "\nUnitFileState=enabled\n",
			State{Installed: true, Enabled: true, Waiting: true, Active: true, Detail: "activating (auto-restart), last result: exit-code", Path: path}},
		{"stopped, not enabled", "MainPID=0\nResult=success\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nFragmentPath=" + path + "\nUnitFileState=disabled\n",
			State{Installed: true, Detail: "inactive (dead)", Path: path}},
		{"not there", "MainPID=0\nResult=success\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nFragmentPath=\nUnitFileState=\n",
			State{Detail: "inactive (dead)"}},
		{"a unit somebody broke is still there", "LoadState=bad-setting\nActiveState=inactive\nSubState=dead\nFragmentPath=" + path + "\n",
			State{Installed: true, Detail: "inactive (dead)", Path: path}},
	} {
		if got := parseShow(c.out); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestWithoutSystemd(t *testing.T) {
	if service.Platform() == "linux-systemd" {
		t.Skip("this machine runs systemd")
	}
	for _, o := range []Options{{Scope: User}, {Scope: System}} {
		if _, err := Status(o); !errors.Is(err, ErrUnsupported) {
			t.Errorf("Status of a %s service: %v, want %v", o.Scope, err, ErrUnsupported)
		}
	}
}

// manager listens as systemd does and returns the messages that came.
func manager(t *testing.T, address string) (received func() []string) {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 16)
	go func() {
		defer close(got)
		buf := make([]byte, 4096)
		for {
			n, _, err := conn.ReadFromUnix(buf)
			if err != nil || string(buf[:n]) == "END" {
				return
			}
			got <- string(buf[:n])
		}
	}()
	t.Cleanup(func() { conn.Close() })
	return func() []string {
		// Datagrams keep their order, so all before this one have come.
		if err := Notify("END"); err != nil {
			t.Fatal(err)
		}
		var all []string
		for m := range got {
			all = append(all, m)
		}
		return all
	}
}

func TestRunTellsSystemd(t *testing.T) {
	for _, c := range []struct{ name, listen string }{
		{"socket in the filesystem", filepath.Join(t.TempDir(), "notify")},
		{"abstract socket", "\x00scenario-drop-test-" + filepath.Base(t.TempDir()) + t.Name()},
	} {
		t.Run(c.name, func(t *testing.T) {
			received := manager(t, c.listen)
			address := c.listen
			if address[0] == 0 {
				address = "@" + address[1:]
			}
			t.Setenv("NOTIFY_SOCKET", address)
			ctx, cancel := context.WithCancel(t.Context())
			failure := errors.New("as main ended")
			err := Run(ctx, func(ctx context.Context, ready func()) error {
				ready()
				ready()
				cancel()
				<-ctx.Done()
				return failure
			})
			if !errors.Is(err, failure) {
				t.Errorf("Run returned %v, want %v", err, failure)
			}
			got := received()
			if len(got) != 2 || got[0] != "READY=1" || got[1] != "STOPPING=1" {
				t.Errorf("systemd was told %q, want READY=1 and STOPPING=1, once each", got)
			}
		})
	}
}

func TestNobodyToNotify(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	os.Unsetenv("NOTIFY_SOCKET")
	if err := Notify("READY=1"); err != nil {
		t.Errorf("in the foreground: %v", err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	if err := Notify("READY=1"); err == nil {
		t.Error("a manager that does not listen went unnoticed")
	}
}

// How much of the system a unit may touch, by systemd's own measure: the machine's service at
// most 2.5 of 10. A user's manager has not the rights for most of it.
func TestExposureOfTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("SKIPPED: there is no systemd-analyze")
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for unit, args := range map[string][]string{
		"scenario-drop.service":      {"--threshold=25"},
		"scenario-drop-user.service": {"--threshold=66", "--user"},
	} {
		args = append([]string{"security", "--offline=true", "--no-pager", "../../packaging/" + unit}, args...)
		if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}

// Root's scripts write nothing into the folder of the service's account, in which that could have
// put a link. Purging removes it, which follows none.
func TestScriptsWriteNothingInTheServicesFolder(t *testing.T) {
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		text, err := os.ReadFile("../../packaging/scripts/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, "/var/lib/scenario-drop") && !strings.HasPrefix(line, "#") &&
				!strings.HasPrefix(line, "rm -rf ") && !strings.HasPrefix(line, "useradd ") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}
