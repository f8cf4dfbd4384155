package disk

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"scenario-drop/file"
)

// PieceSize is how much of a file is read at most each time it is opened, in bytes. Opening
// costs as much as reading some 100 KiB out of memory; on the other side stands the memory
// of the pieces whose bytes wait for the network, one for each connection.
const PieceSize = 128 << 10

// maxKept is how many small files may be kept in memory while the network is waited for; the
// others are read once more when they are sent.
const maxKept = 8

type buffer [PieceSize]byte

// ErrChanged says that a file is another version than the one asked for, or became shorter
// while it was being read.
var ErrChanged = errors.New("the file has changed")

// File is one version of a file in a watch folder. It is nothing that is open: each method
// opens the file by its path, makes sure that it is still that version (ErrChanged), and
// closes it before it returns. Errors are those of file.Open, ErrChanged,
// *UnresponsiveError, *file.SwappedError, and ctx's. It may be used from many goroutines.
type File struct {
	d          *Disk
	root, path string
	version    file.Fingerprint

	mu   sync.Mutex
	id   file.ID // of the file that was opened first
	all  *buffer // its bytes; nil: they are not in memory
	kept bool    // and count among those that are kept
}

// File returns a version of the file at a path below the watch folder root. Close gives
// back what it holds.
func (d *Disk) File(root, path string, version file.Fingerprint) *File {
	return &File{d: d, root: root, path: path, version: version}
}

// Size is that of the version, in bytes.
func (f *File) Size() int64 { return f.version.Size }

// Status is what is known of a file from having it open for a moment.
type Status struct {
	Writer  file.Answer // whether any program has it open for writing
	Changed time.Time   // the last time
}

// Check opens the file, and tells what it sees.
func (f *File) Check(ctx context.Context) (Status, error) {
	return within(ctx, f, func(o *os.File, now file.Fingerprint) (Status, error) { return statusOf(o, now), nil }, nil)
}

func statusOf(o *os.File, now file.Fingerprint) Status {
	return Status{file.HasWriter(o), time.Unix(0, max(now.ModTime, now.ChangeTime))}
}

// Keep is Check that also reads a file of up to PieceSize into memory, from where it is read
// until KeepIfRoom or Close. also is called while the file is open.
func (f *File) Keep(ctx context.Context, also func()) (Status, error) {
	type loaded struct {
		Status
		all *buffer
	}
	got, err := within(ctx, f, func(o *os.File, now file.Fingerprint) (loaded, error) {
		also()
		l := loaded{Status: statusOf(o, now)}
		if f.version.Size > PieceSize {
			return l, nil
		}
		l.all = f.d.pieces.Get().(*buffer)
		_, err := readAll(o, l.all[:f.version.Size], 0)
		return l, err
	}, func(l loaded) { f.d.giveBack(l.all) })
	if err != nil {
		f.d.giveBack(got.all)
		return got.Status, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = got.all
	return got.Status, nil
}

// KeepIfRoom gives back what Keep read unless there is room to keep it for as long as the
// network is waited for: then it is read once more when it is sent. Nobody may be reading.
func (f *File) KeepIfRoom() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil || f.kept {
		return
	}
	select {
	case f.d.kept <- struct{}{}:
		f.kept = true
	default:
		f.d.pieces.Put(f.all)
		f.all = nil
	}
}

// Read reads up to length bytes at an offset: fewer only if they are more than PieceSize. It
// is to be called for bytes that the version has. They are good until release is called.
func (f *File) Read(ctx context.Context, offset, length int64) (b []byte, release func(), err error) {
	f.mu.Lock()
	all := f.all
	f.mu.Unlock()
	if all != nil {
		return all[offset : offset+length], func() {}, nil
	}
	length = min(length, PieceSize)
	piece, err := within(ctx, f, func(o *os.File, _ file.Fingerprint) (*buffer, error) {
		b := f.d.pieces.Get().(*buffer)
		_, err := readAll(o, b[:length], offset)
		return b, err
	}, f.d.giveBack)
	if err != nil {
		f.d.giveBack(piece)
		return nil, nil, err
	}
	return piece[:length], func() { f.d.giveBack(piece) }, nil
}

// readAll reads all of b; a file that ends before is ErrChanged.
func readAll(o *os.File, b []byte, offset int64) (int, error) {
	n, err := o.ReadAt(b, offset)
	if n == len(b) {
		return n, nil
	}
	if errors.Is(err, io.EOF) {
		err = ErrChanged
	}
	return n, err
}

func (d *Disk) giveBack(b *buffer) {
	if b != nil {
		d.pieces.Put(b)
	}
}

// Close gives back the memory that the file's bytes are kept in. Nobody may be reading.
func (f *File) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all != nil {
		f.d.pieces.Put(f.all)
		f.all = nil
	}
	if f.kept {
		f.kept = false
		<-f.d.kept
	}
}

// within opens the file for the time of a call, in bounded time. late is given what the call
// returns when nobody waits for it any more.
func within[T any](ctx context.Context, f *File, use func(o *os.File, now file.Fingerprint) (T, error), late func(T)) (T, error) {
	return Call(ctx, f.d, f.root, func() (got T, err error) {
		if err := f.d.pins.Check(f.root); err != nil {
			return got, err
		}
		o, now, err := file.Open(f.root, f.path)
		if err != nil {
			return got, err
		}
		defer o.Close()                                // it was only read
		if err := f.d.pins.Check(f.root); err != nil { // it was swapped meanwhile
			return got, err
		}
		if !now.SameContent(f.version) || !f.isFirst(file.IDOf(o, now)) {
			return got, ErrChanged
		}
		return use(o, now)
	}, late)
}

// isFirst reports whether a file that was opened is the one that was opened first.
func (f *File) isFirst(id file.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.id == (file.ID{}) {
		f.id = id
	}
	return f.id == id
}
