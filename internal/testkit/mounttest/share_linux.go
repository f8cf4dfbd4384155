package mounttest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Share shows a directory at another place through a FUSE program, as a network share
// does: what is written to the directory comes up there without an event. It ends with
// its test.
type Share struct {
	Source, Mount string

	t       testing.TB
	server  *os.Process
	ended   chan struct{}
	stopped bool
}

// Bind is a Share of bindfs. Its options are those of bindfs, such as --direct-io.
func Bind(t testing.TB, source, at string, options ...string) *Share {
	t.Helper()
	return serve(t, source, at, program(t, "bindfs"), append(append([]string{"-f"}, options...), source, at)...)
}

// SSH is a Share of sshfs, without a network: it talks to an sftp-server over pipes. It
// keeps no directory listings, which by default are 20 seconds old at most.
func SSH(t testing.TB, source, at string) *Share {
	t.Helper()
	sshfs := program(t, "sshfs")
	sftp := ""
	for _, path := range []string{"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server"} {
		if _, err := os.Stat(path); err == nil {
			sftp = path
		}
	}
	if sftp == "" {
		t.Skip("no sftp-server is installed")
	}
	fromFS, toSFTP, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromSFTP, toFS, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(sftp)
	server.Stdin, server.Stdout = fromFS, toFS
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	fromFS.Close()
	toFS.Close()
	t.Cleanup(func() { // after the mount is gone: the pipes have closed by then
		server.Process.Kill()
		server.Wait()
	})
	cmd := exec.Command(sshfs, "-f", "-o", "passive,dir_cache=no", ":"+source, at)
	cmd.Stdin, cmd.Stdout = fromSFTP, toSFTP
	s := start(t, source, at, cmd)
	fromSFTP.Close()
	toSFTP.Close()
	s.await()
	return s
}

func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed")
	}
	return path
}

func serve(t testing.TB, source, at, name string, args ...string) *Share {
	t.Helper()
	s := start(t, source, at, exec.Command(name, args...))
	s.await()
	return s
}

func start(t testing.TB, source, at string, cmd *exec.Cmd) *Share {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &Share{Source: source, Mount: at, t: t, server: cmd.Process, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(s.Unmount)
	return s
}

// await waits until the share is mounted.
func (s *Share) await() {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); !s.mounted(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.ended:
			s.t.Skip("FUSE does not work here")
		default:
		}
		if time.Now().After(end) {
			s.t.Skip("FUSE does not work here")
		}
	}
}

func (s *Share) mounted() bool {
	table, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == s.Mount && strings.HasPrefix(f[2], "fuse") {
			return true
		}
	}
	return false
}

// Hang lets the share answer nobody until Resume.
func (s *Share) Hang() {
	s.t.Helper()
	s.stopped = true
	if err := s.server.Signal(unix.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
}

// Resume lets a share that hangs answer again.
func (s *Share) Resume() {
	s.t.Helper()
	s.stopped = false
	if err := s.server.Signal(unix.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
}

// Die kills the share's server: every call says ENOTCONN from then on.
func (s *Share) Die() {
	s.t.Helper()
	if err := s.server.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
	<-s.ended
}

// Detach takes the mount away at once, with whoever still waits for its server left
// waiting, as umount -l does.
func (s *Share) Detach() {
	s.t.Helper()
	if err := unix.Unmount(s.Mount, unix.MNT_DETACH); err != nil {
		s.t.Fatal(err)
	}
}

// Unmount ends the share. What was mounted over is there again.
func (s *Share) Unmount() {
	if s.stopped {
		_ = s.server.Signal(unix.SIGCONT)
	}
	_ = unix.Unmount(s.Mount, unix.MNT_DETACH)
	_ = s.server.Kill()
	<-s.ended
}

// Write writes a file at the share's source, and the directories above it, as somebody
// does on another machine.
func (s *Share) Write(data []byte, parts ...string) {
	s.t.Helper()
	path := filepath.Join(append([]string{s.Source}, parts...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
}
