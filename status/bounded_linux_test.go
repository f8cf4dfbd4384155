package status

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const outOfDescriptorsChild = "SCENARIO_DROP_TEST_OUT_OF_DESCRIPTORS"

// A process that has no descriptor left still takes a connection, and the next one once
// that has ended.
func TestReserve(t *testing.T) {
	if os.Getenv(outOfDescriptorsChild) != "" {
		serveWithoutDescriptors(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestReserve$")
	cmd.Env = append(os.Environ(), outOfDescriptorsChild+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	line := make([]byte, 100)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(string(line[:n]))
	for range 3 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); err != nil || string(got) != "here" {
			t.Errorf("%q, %v", got, err)
		}
		c.Close()
	}
}

func serveWithoutDescriptors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := newBoundedListener(l, 4)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 40, Max: 40}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Open(os.DevNull); err != nil {
			break
		}
	}
	if _, err := os.Stdout.WriteString(l.Addr().String() + "\n"); err != nil {
		t.Fatal(err)
	}
	for {
		c, err := b.Accept()
		if err != nil {
			time.Sleep(time.Millisecond) // as net/http does
			continue
		}
		_, _ = io.WriteString(c, "here")
		c.Close()
	}
}
