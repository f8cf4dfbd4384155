package uploader

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"golang.org/x/sync/errgroup"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// digest is what one pass over a file's bytes tells.
type digest struct {
	sha256 []byte
	parts  []uint32 // CRC-32C of each part: what was hashed is compared with what was sent
}

// errShort says that a file ended before the size it had when it was opened.
var errShort = errors.New("the file became shorter while it was being read")

// readSize is how much of a file is read at a time.
const readSize = 256 << 10

// digestFile hashes the planned size of r in order, while the next piece is being read.
// before is called ahead of each part (from 1) and may wait, so that the pass keeps step
// with whoever sends. After an error r may still write to what it was given to read into.
func digestFile(ctx context.Context, r io.ReaderAt, p Plan, before func(ctx context.Context, part int) error) (digest, error) {
	sum := sha256.New()
	d := digest{parts: make([]uint32, p.Parts)}
	g, ctx := errgroup.WithContext(ctx)
	read := make(chan []byte)
	g.Go(func() error {
		defer close(read)
		return d.read(ctx, r, p, before, read)
	})
	for piece := range read {
		sum.Write(piece)
	}
	if err := g.Wait(); err != nil {
		return d, err
	}
	d.sha256 = sum.Sum(nil)
	return d, nil
}

// read hands out the file piece by piece, and takes the checksums of its parts. A piece is
// valid until the next one is received.
func (d *digest) read(ctx context.Context, r io.ReaderAt, p Plan, before func(ctx context.Context, part int) error, out chan<- []byte) error {
	size := min(readSize, p.Size)
	buf := make([]byte, size)
	other := buf
	if p.Size > size {
		other = make([]byte, size)
	}
	for n := 1; n <= p.Parts; n++ {
		if before != nil {
			if err := before(ctx, n); err != nil {
				return err
			}
		}
		offset, length := p.Range(n)
		for end := offset + length; offset < end; {
			got, err := r.ReadAt(buf[:min(int64(len(buf)), end-offset)], offset)
			d.parts[n-1] = crc32.Update(d.parts[n-1], castagnoli, buf[:got])
			offset += int64(got)
			if offset < end && err != nil {
				if errors.Is(err, io.EOF) {
					err = errShort
				}
				return fmt.Errorf("read: %w", err)
			}
			select {
			case out <- buf[:got]:
			case <-ctx.Done():
				return ctx.Err()
			}
			buf, other = other, buf
		}
	}
	return nil
}

// sampleSize is how many bytes of a file's head, middle and tail go into its sample.
const sampleSize = 64 << 10

// sample digests a file's size, head, middle and tail. Files with different samples
// have different bytes, which spares reading a large file twice to see that it is new.
func sample(r io.ReaderAt, size int64) ([]byte, error) {
	sum := sha256.New()
	binary.Write(sum, binary.LittleEndian, size)
	for _, offset := range []int64{0, max(0, size/2-sampleSize/2), max(0, size-sampleSize)} {
		want := min(sampleSize, size-offset)
		n, err := io.Copy(sum, io.NewSectionReader(r, offset, want))
		if err == nil && n < want {
			err = errShort
		}
		if err != nil {
			return nil, fmt.Errorf("read: %w", err)
		}
	}
	return sum.Sum(nil)[:16], nil
}
