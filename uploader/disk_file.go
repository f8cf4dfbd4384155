package uploader

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"scenario-drop/file"
)

// lstat is file.Lstat in bounded time.
func (d *disk) lstat(ctx context.Context, root, path string) (file.Fingerprint, error) {
	return onDisk(ctx, d, root, func() (file.Fingerprint, error) {
		fp, _, err := file.Lstat(root, path)
		return fp, err
	}, nil)
}

// diskFile is an open file that is looked at in bounded time.
type diskFile struct {
	f      *os.File
	opened file.Fingerprint
	d      *disk
	root   string
}

// open is file.Open in bounded time.
func (d *disk) open(ctx context.Context, root, path string) (*diskFile, error) {
	return onDisk(ctx, d, root, func() (*diskFile, error) {
		if err := d.pins.Check(root); err != nil {
			return nil, err
		}
		f, fp, err := file.Open(root, path)
		if err != nil {
			return nil, err
		}
		if err := d.pins.Check(root); err != nil { // it was swapped meanwhile
			f.Close()
			return nil, err
		}
		return &diskFile{f: f, opened: fp, d: d, root: root}, nil
	}, func(f *diskFile) {
		if f != nil {
			f.f.Close()
		}
	})
}

// Close waits for the end no longer than a second, and leaves the file behind then: it was
// only read.
func (f *diskFile) Close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		f.f.Close()
	}()
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case <-closed:
	case <-patience.C:
	}
}

// now is the fingerprint of the open file as it is now.
func (f *diskFile) now(ctx context.Context) (file.Fingerprint, error) {
	return onDisk(ctx, f.d, f.root, func() (file.Fingerprint, error) {
		info, err := f.f.Stat()
		if err != nil {
			return file.Fingerprint{}, err
		}
		return file.FromInfo(info), nil
	}, nil)
}

// reader reads the file for as long as ctx allows.
func (f *diskFile) reader(ctx context.Context) io.ReaderAt { return diskReader{ctx, f} }

// passReader is reader for whoever does not use the memory read into again after an error,
// since a call left behind may write there whenever it returns.
func (f *diskFile) passReader(ctx context.Context) io.ReaderAt { return passReader{ctx, f} }

type diskReader struct {
	ctx context.Context
	f   *diskFile
}

// ReadAt goes through memory of the disk's own.
func (r diskReader) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		got, err := r.f.piece(r.ctx, off+int64(n), min(len(p)-n, readSize))
		if got.bytes != nil {
			n += copy(p[n:], got.bytes[:got.n])
			r.f.d.pieces.Put(got.bytes)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

type passReader struct {
	ctx context.Context
	f   *diskFile
}

func (r passReader) ReadAt(p []byte, off int64) (n int, err error) {
	return onDisk(r.ctx, r.f.d, r.f.root, func() (int, error) { return r.f.f.ReadAt(p, off) }, nil)
}

// piece is a piece of a file in memory that goes back to disk.pieces.
type piece struct {
	bytes *[readSize]byte // nil: nothing came
	n     int
}

// piece reads up to readSize bytes.
func (f *diskFile) piece(ctx context.Context, offset int64, size int) (piece, error) {
	return onDisk(ctx, f.d, f.root, func() (piece, error) {
		buf := f.d.pieces.Get().(*[readSize]byte)
		n, err := f.f.ReadAt(buf[:size], offset)
		return piece{buf, n}, err
	}, func(p piece) { f.d.pieces.Put(p.bytes) })
}

// mostContents is how many small files may be held in memory at once; the others are read
// once more when they are sent.
const mostContents = 16

// content reads the whole of a file of up to readSize bytes, for as long as it is sent;
// release takes the memory back. Both are nil when there is no room for it. It fails with
// errShort when the file became shorter since it was opened.
func (f *diskFile) content(ctx context.Context) (r *bytes.Reader, release func(), err error) {
	select {
	case f.d.contents <- struct{}{}:
	default:
		return nil, nil, nil
	}
	size := int(f.opened.Size)
	got, err := f.piece(ctx, 0, size)
	release = func() {
		if got.bytes != nil {
			f.d.pieces.Put(got.bytes)
		}
		<-f.d.contents
	}
	if got.n == size {
		return bytes.NewReader(got.bytes[:size]), release, nil
	}
	release()
	if errors.Is(err, io.EOF) {
		err = errShort
	}
	return nil, nil, err
}
