//go:build unix

package file

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	target, link, fifo, socket := filepath.Join(dir, "x"), filepath.Join(dir, "link"), filepath.Join(dir, "fifo"), filepath.Join(dir, "s")
	if err := os.WriteFile(target, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, want := range map[string]fs.FileMode{
		link: fs.ModeSymlink, fifo: fs.ModeNamedPipe, socket: fs.ModeSocket, "/dev/null": fs.ModeDevice | fs.ModeCharDevice,
	} {
		var not *NotRegularError
		if _, _, err := Open(filepath.Dir(path), path); !errors.As(err, &not) || not.Mode&fs.ModeType != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	// The same where it took a file's place after it was checked.
	d, err := openBeneath(dir, ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var not *NotRegularError
	if _, err := d.openRegular("link"); !errors.As(err, &not) {
		t.Errorf("link swapped in: %v", err)
	}
	f, err := d.openRegular("fifo") // must not wait for a writer
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := OpenDir(fifo, fifo); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("FIFO opened as a directory: %v", err)
	}
}
