package transfer

import (
	"context"
	"hash"
	"hash/crc32"
	"io"
)

// body is one part of a source while it is being sent. Between two pieces, and while the
// network takes one, nothing of the source is open.
type body struct {
	ctx         context.Context
	source      Source
	offset, end int64
	moved       func(int64) // told how many bytes were handed out; or taken back, below 0

	sum     hash.Hash // takes what is handed out; nil: only the checksum does
	crc     uint32
	sent    int64 // bytes handed out
	rest    []byte
	release func()
}

// Read hands out the part's bytes, and takes their checksums.
func (b *body) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		b.giveBack()
		if b.offset == b.end {
			return 0, io.EOF
		}
		var err error
		if b.rest, b.release, err = b.source.Read(b.ctx, b.offset, b.end-b.offset); err != nil {
			b.rest, b.release = nil, nil
			return 0, err
		}
		b.offset += int64(len(b.rest))
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	b.crc = crc32.Update(b.crc, castagnoli, p[:n])
	if b.sum != nil {
		b.sum.Write(p[:n])
	}
	b.sent += int64(n)
	b.moved(int64(n))
	if len(b.rest) == 0 && b.offset == b.end {
		return n, io.EOF
	}
	return n, nil
}

// Close gives back the piece that was not sent to its end. Nobody reads any more.
func (b *body) Close() error {
	b.giveBack()
	b.rest, b.offset = nil, b.end
	return nil
}

func (b *body) giveBack() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
}
