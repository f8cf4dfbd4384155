package watcher

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// tree watches one folder and all below it through a single handle on the folder.
//
// fsnotify is not used on Windows: it holds a handle on every directory, and a directory
// that has an open directory below it cannot be renamed, so that an artist's Explorer
// would refuse to. One handle with bWatchSubtree has neither that trouble nor any with
// directories made, moved or deleted.
type tree struct {
	root      string
	recursive bool
	hints     *hints
	dir       windows.Handle
	stop      windows.Handle // an event: the reading goroutine is to end
	drained   chan struct{}  // closed when it has
	watching  bool
}

// changes are what a file's way from made to finished shows in.
const changes = windows.FILE_NOTIFY_CHANGE_FILE_NAME | windows.FILE_NOTIFY_CHANGE_DIR_NAME |
	windows.FILE_NOTIFY_CHANGE_SIZE | windows.FILE_NOTIFY_CHANGE_LAST_WRITE |
	windows.FILE_NOTIFY_CHANGE_ATTRIBUTES | windows.FILE_NOTIFY_CHANGE_SECURITY

// newTree opens nothing yet: watch does.
func newTree(root string, recursive bool, h *hints) (*tree, error) {
	return &tree{root: root, recursive: recursive, hints: h}, nil
}

// watch starts watching with the first call for the root. Directories below are watched
// by that already.
func (t *tree) watch(path string, _ file.ID) error {
	if path != t.root || t.watching {
		return nil
	}
	dir, err := openWatched(t.root)
	if err != nil {
		return err
	}
	stop, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		_ = windows.CloseHandle(dir)
		return os.NewSyscallError("CreateEvent", err)
	}
	t.dir, t.stop, t.drained, t.watching = dir, stop, make(chan struct{}), true
	r := reader{root: t.root, recursive: t.recursive, hints: t.hints, dir: dir, stop: stop}
	if r.event, err = windows.CreateEvent(nil, 1, 0, nil); err == nil {
		err = r.begin() // from here on nothing is missed
	}
	if err != nil {
		close(t.drained)
		t.close()
		return err
	}
	go func(done chan<- struct{}) {
		defer close(done)
		r.run()
	}(t.drained)
	return nil
}

func openWatched(path string) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return windows.InvalidHandle, err
	}
	h, err := windows.CreateFile(name, windows.FILE_LIST_DIRECTORY,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OVERLAPPED, 0)
	if err != nil {
		return h, &os.PathError{Op: "watch", Path: path, Err: err}
	}
	return h, nil
}

// has is true for no directory: there is nothing to forget about one that is gone.
func (t *tree) has(string) bool { return false }

func (t *tree) forget(map[string]bool) {}

// verify returns the root if what is watched is no longer what the path names.
func (t *tree) verify() (lost []string) {
	if !t.watching {
		return nil
	}
	ended := false
	select {
	case <-t.drained:
		ended = true
	default:
	}
	if !ended && t.same() {
		return nil
	}
	t.close()
	return []string{t.root}
}

func (t *tree) same() bool {
	now, err := openWatched(t.root)
	if err != nil {
		return false
	}
	defer windows.CloseHandle(now)
	var a, b windows.ByHandleFileInformation
	return windows.GetFileInformationByHandle(now, &a) == nil &&
		windows.GetFileInformationByHandle(t.dir, &b) == nil &&
		a.VolumeSerialNumber == b.VolumeSerialNumber &&
		a.FileIndexHigh == b.FileIndexHigh && a.FileIndexLow == b.FileIndexLow
}

// close ends the watching and waits for the reading goroutine.
func (t *tree) close() {
	if !t.watching {
		return
	}
	_ = windows.SetEvent(t.stop)
	<-t.drained
	_ = windows.CloseHandle(t.stop)
	_ = windows.CloseHandle(t.dir)
	t.watching = false
}

// reader turns the system's notes on changes into hints. It owns its event and buffer.
type reader struct {
	root      string
	recursive bool
	hints     *hints
	dir, stop windows.Handle
	event     windows.Handle
	over      windows.Overlapped
	// 64 KiB is the most that works over the network; uint32 for the alignment that
	// the call demands.
	buf [16 << 10]uint32
}

func (r *reader) begin() error {
	r.over = windows.Overlapped{HEvent: r.event}
	err := windows.ReadDirectoryChanges(r.dir, (*byte)(unsafe.Pointer(&r.buf[0])), uint32(len(r.buf)*4),
		r.recursive, changes, nil, &r.over, 0)
	if err != nil && !errors.Is(err, windows.ERROR_IO_PENDING) {
		return fmt.Errorf("watch %s: %w", quote(r.root), err)
	}
	return nil
}

// run ends when stop is set or the folder cannot be watched any more.
func (r *reader) run() {
	defer windows.CloseHandle(r.event)
	for {
		got, err := windows.WaitForMultipleObjects([]windows.Handle{r.stop, r.event}, false, windows.INFINITE)
		var n uint32
		if err != nil || got == windows.WAIT_OBJECT_0 {
			// The kernel writes into buf until the call has ended.
			_ = windows.CancelIoEx(r.dir, &r.over)
			_ = windows.GetOverlappedResult(r.dir, &r.over, &n, true)
			return
		}
		switch err := windows.GetOverlappedResult(r.dir, &r.over, &n, true); {
		case errors.Is(err, windows.ERROR_NOTIFY_ENUM_DIR), err == nil && n == 0:
			r.hints.lose() // more changes than the buffer holds
		case err != nil: // the folder was deleted, or its disk is gone
			r.hints.touchRoot()
			return
		default:
			r.read(n)
		}
		if r.begin() != nil {
			r.hints.touchRoot()
			return
		}
	}
}

// read takes the FILE_NOTIFY_INFORMATION records in the first n bytes of the buffer.
func (r *reader) read(n uint32) {
	const head = uint32(unsafe.Offsetof(windows.FileNotifyInformation{}.FileName))
	for at := uint32(0); at+head <= n; {
		note := (*windows.FileNotifyInformation)(unsafe.Pointer(&r.buf[at/4]))
		if at+head+note.FileNameLength > n {
			r.hints.lose()
			return
		}
		name := windows.UTF16ToString(unsafe.Slice(&note.FileName, note.FileNameLength/2))
		made := note.Action == windows.FILE_ACTION_ADDED || note.Action == windows.FILE_ACTION_RENAMED_NEW_NAME
		r.hints.put(longName(join(r.root, name)), made)
		if note.NextEntryOffset == 0 {
			return
		}
		at += note.NextEntryOffset
	}
}

// longName undoes 8.3 names (PICTUR~1.PNG), under which a change is told if that is how
// the program that made it called the file.
func longName(path string) string {
	if !strings.Contains(path, "~") {
		return path
	}
	short, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return path
	}
	buf := make([]uint16, 1<<10)
	n, err := windows.GetLongPathName(short, &buf[0], uint32(len(buf)))
	if err != nil || n == 0 || int(n) > len(buf) {
		return path
	}
	return windows.UTF16ToString(buf[:n])
}

// noWatch says why a folder cannot be watched with events.
func noWatch(err error, _ bool) drop.Detail {
	return drop.TextPollRefused.With("why", cause(err).Error())
}

// limitReached is always false: a single handle cannot run out.
func limitReached(error) (reached, all bool) { return false, false }
