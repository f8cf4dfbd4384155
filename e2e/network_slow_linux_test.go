package e2e

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// labVariable names the directory with what tests need beside this repository.
const labVariable = "SCENARIO_DROP_LAB"

// Over a line of 1 Mbit/s with 300 ms there and back, of whose packets one in fifty is
// lost, a file goes through in one go: no part is begun twice.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	here, there := slowLine(t, "-delay", "150ms", "-rate", "1000000", "-loss", "0.02")
	const address = "10.77.0.2"
	secure, authority := nettest.Certificate(t, address)
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	line := nettest.New(t, s.server.BaseURL(), nettest.Options{TLS: secure, Listener: listenIn(t, there, address+":0")})
	s.withBase(line.BaseURL())
	sum := s.save(noise(slowFile, 1), "Characters", "orc.png")

	start := time.Now()
	once := exec.CommandContext(t.Context(), "ip", "netns", "exec", here, binary, "once", "--config", s.path("config.toml"))
	once.Env = environment("SSL_CERT_FILE=" + authority)
	out, err := once.CombinedOutput()
	if err != nil {
		t.Fatalf("once: %v\n%s", err, out)
	}
	took := time.Since(start)
	s.exactlyOnce(sum)
	account := s.server.Account()
	t.Logf("%d bytes in %v; %d requests", slowFile, took.Round(time.Millisecond), len(line.Requests()))
	if len(account.Uploads) != 1 || account.Requests[standin.OpPart] != 1 || account.Received != slowFile {
		t.Errorf("%d uploads, %d parts begun, %d bytes received of %d", len(account.Uploads), account.Requests[standin.OpPart], account.Received, slowFile)
	}
	if least := time.Duration(slowFile) * 8 * time.Second / 1_000_000; took < least {
		t.Errorf("it took %v: faster than the line, of %v", took, least)
	}
}

// slowLine joins two network namespaces by a line of the kind given. The first has
// 10.77.0.1, the second 10.77.0.2.
func slowLine(t *testing.T, kind ...string) (here, there string) {
	t.Helper()
	lab := os.Getenv(labVariable)
	if lab == "" {
		lab = "../../shared/lab"
	}
	source := filepath.Join(lab, "netlat")
	if _, err := os.Stat(filepath.Join(source, "main.go")); err != nil {
		t.Skipf("the program that plays a slow line is not there (%s names its directory): %v", labVariable, err)
	}
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	program := filepath.Join(t.TempDir(), "netlat")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the program that plays a slow line cannot be built: %v\n%s", err, out)
	}
	unique := fmt.Sprintf("drop%d", os.Getpid())
	here, there = unique+"a", unique+"b"
	middle := unique + "m"
	for _, name := range []string{here, there, middle} {
		if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
			t.Skipf("no network namespace can be made: %v %s", err, out)
		}
		t.Cleanup(func() { ip(t, "netns", "del", name) })
	}
	line := exec.Command("ip", append([]string{"netns", "exec", middle, program}, kind...)...)
	ready, err := line.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := line.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		line.Process.Kill()
		line.Wait() // killed
	})
	if _, err := bufio.NewReader(ready).ReadString('\n'); err != nil {
		t.Skip("no TUN device can be had: ", err)
	}
	for i, name := range []string{here, there} {
		device := "nl" + string(rune('a'+i))
		ip(t, "-n", middle, "link", "set", device, "netns", name)
		ip(t, "-n", name, "link", "set", "lo", "up")
		ip(t, "-n", name, "addr", "add", fmt.Sprintf("10.77.0.%d/24", i+1), "dev", device)
		ip(t, "-n", name, "link", "set", device, "up")
	}
	return here, there
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Errorf("ip %v: %v %s", args, err, out)
	}
}

// listenIn listens in another network namespace. The socket stays there, whichever
// thread uses it.
func listenIn(t *testing.T, namespace, address string) net.Listener {
	t.Helper()
	type result struct {
		l   net.Listener
		err error
	}
	listening := make(chan result)
	go func() {
		// The thread is in the other namespace from now on, and ends with the goroutine.
		runtime.LockOSThread()
		l, err := func() (net.Listener, error) {
			ns, err := os.Open(filepath.Join("/run/netns", namespace))
			if err != nil {
				return nil, err
			}
			defer ns.Close()
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				return nil, err
			}
			return net.Listen("tcp", address)
		}()
		listening <- result{l, err}
	}()
	r := <-listening
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.l
}
