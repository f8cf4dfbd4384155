package scenario

import (
	"errors"
	"io"
	"sync"
	"time"
)

// A part is handed out in pieces, each of which counts as one step forward: small ones
// at first and on a slow line, so that even a few hundred bytes a second are not taken
// for a dead line; larger ones, which cost less, where they leave at once.
const (
	leastPiece = 16 << 10
	mostPiece  = 128 << 10
	// Within quickPiece the next piece may be twice as large; past slowPiece it is half.
	quickPiece = 20 * time.Millisecond
	slowPiece  = 200 * time.Millisecond
)

// nextPiece says how large the next piece is, after one of size bytes took a time.
func nextPiece(size int64, took time.Duration) int64 {
	switch {
	case took < quickPiece:
		return min(2*size, mostPiece)
	case took > slowPiece:
		return max(size/2, leastPiece)
	}
	return size
}

// partBody gives the transport exactly size bytes of r. A body of another length is
// noticed before its last bytes are given out, so that the storage never gets the part
// whole; and r is let go for good by detach, however long the transport holds on.
type partBody struct {
	dog  *watchdog
	size int64

	mu       sync.Mutex
	r        io.Reader
	got      int64 // read of r
	piece    int64 // the size of the next piece; 0: none was handed out yet
	given    time.Time
	detached bool
	err      error // *SizeError or *ReadError: what is wrong with r
}

// Read is called by the transport, from a goroutine of its own.
func (b *partBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err != nil:
		return 0, b.err
	case b.detached:
		return 0, errDetached
	case b.got == b.size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	if b.piece == 0 {
		b.piece = leastPiece
	} else {
		b.piece = nextPiece(b.piece, time.Since(b.given))
	}
	defer func() { b.given = time.Now() }()
	// While r is at work, its limiter or its disk is what takes time, not the network.
	b.dog.pause()
	defer b.dog.progress()
	n, err := b.r.Read(p[:min(int64(len(p)), b.piece, b.size-b.got)])
	b.got += int64(n)
	switch {
	case b.got == b.size:
		if b.err = b.checkEnd(err); b.err != nil {
			return 0, b.err
		}
		return n, nil
	case err == io.EOF:
		b.err = &SizeError{Want: b.size, Got: b.got}
	case err != nil:
		b.err = &ReadError{err}
	}
	return n, b.err
}

// checkEnd makes sure that r has ended; err is what its last read said.
func (b *partBody) checkEnd(err error) error {
	var more [1]byte
	for range 100 { // as often as bufio lets a reader return nothing
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return &ReadError{err}
		}
		var n int
		if n, err = b.r.Read(more[:]); n > 0 {
			return &SizeError{Want: b.size, Got: b.size + int64(n)}
		}
	}
	return &ReadError{io.ErrNoProgress}
}

// Close is called by the transport.
func (b *partBody) Close() error {
	b.detach()
	return nil
}

// detach waits for a read under way and lets none follow.
func (b *partBody) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.detached = true
}

func (b *partBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// sent reports whether all bytes have been handed to the transport.
func (b *partBody) sent() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err == nil && b.got == b.size
}

var errDetached = errors.New("the part is over")
