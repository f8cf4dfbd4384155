package transfer

import (
	"context"
	"io"
)

// Source is what one item sends: a number of bytes that may be read again and again. It is
// nothing that is open: whatever a read needs is opened for it and closed before it returns,
// so that nothing is held while the network, a rate or a slot is waited for.
//
// Its methods may be called from many goroutines, but Close only while nobody reads.
type Source interface {
	// Size is how many bytes there are.
	Size() int64

	// Read returns at least one of the length bytes at an offset, as many as the source reads
	// at a time. They are good until release is called. What was there when the Source was
	// made, and is another version by now, is an error.
	Read(ctx context.Context, offset, length int64) (b []byte, release func(), err error)

	// Unchanged returns why the bytes may not be those any more that were read; nil if
	// they are the same for all that can be told without reading them. sure is false
	// if they have to be read to know: somebody may be writing in a way that does not show.
	Unchanged(ctx context.Context) (sure bool, err error)

	// Close gives back what the source holds in memory. What is read after that is read again.
	Close()
}

// ReaderAt reads a source for as long as ctx allows. It keeps the piece that was read last,
// so that reading here and there in a file's head opens it once. It is for one goroutine.
// Release it.
type ReaderAt struct {
	ctx     context.Context
	s       Source
	at      int64
	piece   []byte
	release func()
}

// window is how much a ReaderAt reads at a time, in bytes: formats are told by their heads.
const window = 64 << 10

// NewReaderAt returns a reader of s.
func NewReaderAt(ctx context.Context, s Source) *ReaderAt { return &ReaderAt{ctx: ctx, s: s} }

// ReadAt is that of io.ReaderAt.
func (r *ReaderAt) ReadAt(p []byte, offset int64) (n int, err error) {
	for n < len(p) {
		at := offset + int64(n)
		if at >= r.s.Size() {
			return n, io.EOF
		}
		if r.piece == nil || at < r.at || at >= r.at+int64(len(r.piece)) {
			r.Release()
			if r.piece, r.release, err = r.s.Read(r.ctx, at, min(window, r.s.Size()-at)); err != nil {
				r.piece = nil
				return n, err
			}
			r.at = at
		}
		n += copy(p[n:], r.piece[at-r.at:])
	}
	return n, nil
}

// Release gives back the piece that the reader keeps.
func (r *ReaderAt) Release() {
	if r.piece != nil {
		r.release()
		r.piece = nil
	}
}
