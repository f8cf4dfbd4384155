package watcher

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

// The file is unchanged for long, but its format does not says that it is complete, and a program has
// it open for writing.
func TestOpenFileIsNeverReady(t *testing.T) {
	for _, settle := range []time.Duration{0, 50 * time.Millisecond} {
		t.Run(settle.String(), func(t *testing.T) {
			dir, sink := t.TempDir(), newRecorder()
			folder := quick(dir)
			folder.Settle = settle
			start(t, tuned(t, sink, folder))
			path := filepath.Join(dir, "hero.raw")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			data := drawing(t)[8:]
			for part := range slices.Chunk(data, len(data)/5+1) {
				if _, err := f.Write(part); err != nil {
					t.Fatal(err)
				}
				time.Sleep(60 * time.Millisecond)
			}
			eventually(t, "it is held", func() bool { return sink.reason(path) == drop.ReasonStillOpen })
			time.Sleep(700 * time.Millisecond) // as long as one that is complete has to be unchanged
			if sink.isReady(path) {
				t.Fatal("ready while it was open for writing")
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it is ready once closed", func() bool { return sink.isReady(path) })
		})
	}
}

// What is not a regular file is passed over and never opened, least of all a FIFO, which
// would block.
func TestOnlyRegularFiles(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "target", "x.txt"), []byte("x"))
	make := func(t *testing.T, dir string) {
		t.Helper()
		for _, err := range []error{
			unix.Mkfifo(filepath.Join(dir, "fifo.png"), 0o644),
			os.Symlink(filepath.Join(outside, "target", "x.txt"), filepath.Join(dir, "link.txt")),
			os.Symlink(filepath.Join(outside, "target"), filepath.Join(dir, "linked")),
			os.Symlink(dir, filepath.Join(dir, "loop")),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		socket, err := net.Listen("unix", filepath.Join(dir, "s.png"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { socket.Close() })
		write(t, filepath.Join(dir, "real.txt"), []byte("x"))
	}
	dir, sink := t.TempDir(), newRecorder()
	make(t, dir)
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, tuned(t, sink, quick(dir)))
	make(t, sub) // by events this time
	eventually(t, "the real files", func() bool { return slices.Equal(sink.paths(dir), []string{"real.txt", "sub/real.txt"}) })
	time.Sleep(300 * time.Millisecond)
	if got := sink.paths(dir); len(got) != 2 {
		t.Errorf("ready: %q", got)
	}
	for _, fifo := range []string{filepath.Join(dir, "fifo.png"), filepath.Join(sub, "fifo.png")} {
		// ENXIO: nobody has it open for reading.
		if fd, err := unix.Open(fifo, unix.O_WRONLY|unix.O_NONBLOCK, 0); err != unix.ENXIO {
			unix.Close(fd)
			t.Errorf("%s: somebody reads it: %v", fifo, err)
		}
	}
}

func TestFolderMayBeALink(t *testing.T) {
	parent, sink := t.TempDir(), newRecorder()
	for _, dir := range []string{"one", "two"} {
		write(t, filepath.Join(parent, dir, "sub", dir+".txt"), []byte("x"))
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink("one", link); err != nil {
		t.Fatal(err)
	}
	start(t, tuned(t, sink, quick(link)))
	write(t, filepath.Join(parent, "one", "sub", "event.txt"), []byte("x"))
	eventually(t, "files behind the link", func() bool {
		return slices.Equal(sink.paths(link), []string{"sub/event.txt", "sub/one.txt"})
	})
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("two", link); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the link's new end", func() bool { return sink.isReady(filepath.Join(link, "sub", "two.txt")) })
}

// File names are bytes.
func TestNamesAreBytes(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	names := []string{"bad\xff\xfe.txt", "new\nline.txt", "tab\t.txt", " .txt", "quote\"'.txt", "star*?.txt", "back\\slash.txt", "e\u0301.txt", "\u00e9.txt"}
	for _, name := range names {
		write(t, filepath.Join(dir, name), []byte("x"))
	}
	start(t, tuned(t, sink, quick(dir)))
	sub := filepath.Join(dir, "sub\xff")
	for _, name := range names {
		write(t, filepath.Join(sub, name), []byte("x"))
	}
	for _, name := range names {
		for _, path := range []string{filepath.Join(dir, name), filepath.Join(sub, name)} {
			eventually(t, fmt.Sprintf("%q", path), func() bool { return sink.isReady(path) })
		}
	}
}

// Files that are known are not opened by a scan, and cost one lookup per directory.
func TestKnownFilesAreNotOpened(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	for i := range 300 {
		write(t, filepath.Join(dir, fmt.Sprint(i%10), fmt.Sprintf("%d.txt", i)), []byte("x"))
	}
	w := tuned(t, sink, quick(dir))
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(sink.paths(dir)); got != 300 {
		t.Fatalf("%d files are ready", got)
	}
	opens := countOpens(t, dir)
	sink.lookups = 0
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := opens(); n != 0 {
		t.Errorf("%d files were opened", n)
	}
	if sink.lookups != 11 {
		t.Errorf("%d lookups for 11 directories", sink.lookups)
	}
	write(t, filepath.Join(dir, "3", "3.txt"), []byte("changed"))
	opens() // the write's own
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := opens(); n != 1 {
		t.Errorf("%d opens for one changed file", n)
	}
}

// countOpens counts, from one call to the next, how often files in dir and the
// directories in it are opened, by anybody.
func countOpens(t *testing.T, dir string) func() int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	subs, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(subs, dir) {
		if _, err := unix.InotifyAddWatch(fd, path, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
	}
	return func() (n int) {
		buf := make([]byte, 64<<10)
		for {
			got, err := unix.Read(fd, buf)
			if err == unix.EAGAIN {
				return n
			}
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < got; {
				mask := binary.NativeEndian.Uint32(buf[at+4:])
				if mask&unix.IN_Q_OVERFLOW != 0 {
					t.Fatal("too many opens to count")
				}
				if mask&unix.IN_ISDIR == 0 {
					n++
				}
				at += unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(buf[at+12:]))
			}
		}
	}
}

// again runs one test of this binary in another process that prepare has changed, and
// reports whether this is that process.
func again(t *testing.T, prepare func(*exec.Cmd)) (inside bool) {
	t.Helper()
	if os.Getenv("WATCHER_TEST_AGAIN") == t.Name() {
		return true
	}
	cmd := exec.Command(selfCopy(t), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "WATCHER_TEST_AGAIN="+t.Name())
	prepare(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in a process of its own: %v\n%s", err, out)
	}
	return false
}

// selfCopy is this test's program where every user may run it.
func selfCopy(t *testing.T) string {
	t.Helper()
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	dir, err := os.MkdirTemp("", "watcher-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "again.test")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, self); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		// Root may read everything.
		if !again(t, func(cmd *exec.Cmd) {
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}) {
			return
		}
	}
	dir, sink := t.TempDir(), newRecorder()
	secret, closed, open := filepath.Join(dir, "secret.txt"), filepath.Join(dir, "closed"), filepath.Join(dir, "open", "x.txt")
	write(t, secret, []byte("x"))
	write(t, open, []byte("x"))
	write(t, filepath.Join(closed, "x.txt"), []byte("x"))
	for _, path := range []string{secret, closed} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	w := tuned(t, sink, quick(dir))
	start(t, w)
	eventually(t, "the file is held", func() bool { return sink.reason(secret) == drop.ReasonUnreadable })
	eventually(t, "the directory is told", func() bool { return strings.Contains(texts.Words(w.Folders()[0].Err), closed) })
	eventually(t, "the rest is sent", func() bool { return sink.isReady(open) })
	for path, mode := range map[string]os.FileMode{secret: 0o644, closed: 0o755} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the file becomes ready", func() bool { return sink.isReady(secret) })
	eventually(t, "the directory is read", func() bool { return sink.isReady(filepath.Join(closed, "x.txt")) })
	eventually(t, "the trouble is over", func() bool { return w.Folders()[0].Err == "" })
}

func TestTooFewWatches(t *testing.T) {
	for _, limit := range []int{1, 4} { // not even the root's subdirectories; some of them
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			if !limited(t, "max_inotify_watches", limit) {
				return
			}
			dir, sink := t.TempDir(), newRecorder()
			for i := range 8 {
				write(t, filepath.Join(dir, fmt.Sprint(i), "scan.txt"), []byte("x"))
			}
			w := tuned(t, sink, quick(dir))
			start(t, w)
			s := w.Folders()[0]
			if s.Mode != ModeMixed || !strings.Contains(texts.Words(s.Why), fmt.Sprintf("only %d watched", limit)) {
				t.Errorf("mode %s: %s", s.Mode, s.Why)
			}
			for i := range 8 {
				path := filepath.Join(dir, fmt.Sprint(i), "deep", "later.txt")
				write(t, path, []byte("x"))
				eventually(t, path, func() bool { return sink.isReady(path) })
			}
		})
	}
}

func TestNoInstanceLeft(t *testing.T) {
	if !limited(t, "max_inotify_instances", 0) {
		return
	}
	dir, sink := t.TempDir(), newRecorder()
	folder := quick(dir)
	folder.Rescan = 50 * time.Millisecond
	w := tuned(t, sink, folder)
	start(t, w)
	if s := w.Folders()[0]; s.Mode != ModePolling || !strings.Contains(texts.Words(s.Why), "max_user_instances") {
		t.Errorf("mode %s: %s", s.Mode, s.Why)
	}
	path := filepath.Join(dir, "a", "x.txt")
	write(t, path, []byte("x"))
	eventually(t, "it is ready by polling", func() bool { return sink.isReady(path) })
}

// limited runs the test again in a user namespace with a limit of its own.
func limited(t *testing.T, limit string, value int) (inside bool) {
	t.Helper()
	if exec.Command("unshare", "-U", "-r", "true").Run() != nil {
		t.Skip("no user namespaces here")
	}
	return again(t, func(cmd *exec.Cmd) {
		script := fmt.Sprintf(`echo %d >/proc/sys/user/%s && exec "$0" "$@"`, value, limit)
		cmd.Args = append([]string{"unshare", "-U", "-r", "sh", "-c", script, cmd.Path}, cmd.Args[1:]...)
		cmd.Path, cmd.Err = exec.LookPath("unshare")
	})
}

func TestParseMount(t *testing.T) {
	for line, want := range map[string][2]string{
		`36 35 98:0 / /mnt/My\040Share rw,noatime master:1 - cifs //srv/share rw`: {"/mnt/My Share", "cifs"},
		`36 35 98:0 / /mnt shared:1 master:2 - fuse.sshfs srv: rw`:                {"/mnt", "fuse.sshfs"},
		`nonsense`:          {"", ""},
		`1 2 3 - ext4 / rw`: {"", ""},
	} {
		point, name, ok := parseMount(line)
		if point != want[0] || ok && name != want[1] {
			t.Errorf("%q: %q, %q, %v", line, point, name, ok)
		}
	}
}

func TestInspect(t *testing.T) {
	got, err := Inspect("/proc")
	if err != nil || got.Remote || got.WatchLimit == 0 || got.InstanceLimit == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := Inspect(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing folder is no error")
	}
}
