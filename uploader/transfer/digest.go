package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"

	"golang.org/x/sync/errgroup"

	"scenario-drop/scenario"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Digest is what one pass over a source's bytes tells.
type Digest struct {
	SHA256 []byte
	Parts  []uint32 // CRC-32C of each part: what was hashed is compared with what was sent
}

// Hash reads a source in order, the next piece while one is being hashed.
func Hash(ctx context.Context, s Source, p Plan) (Digest, error) { return digestPass(ctx, s, p, nil) }

// digestPass is Hash that calls before ahead of each part (from 1), which may wait, so that the
// pass keeps step with whoever sends.
func digestPass(ctx context.Context, s Source, p Plan, before func(ctx context.Context, part int) error) (Digest, error) {
	d := Digest{Parts: make([]uint32, p.Parts)}
	sum := sha256.New()
	take := func(part int, b []byte, release func()) error {
		sum.Write(b)
		d.Parts[part-1] = crc32.Update(d.Parts[part-1], castagnoli, b)
		release()
		return nil
	}
	if p.Size <= readAhead {
		if err := read(ctx, s, p, before, take); err != nil {
			return Digest{}, err
		}
		d.SHA256 = sum.Sum(nil)
		return d, nil
	}
	g, ctx := errgroup.WithContext(ctx)
	pieces := make(chan piece)
	g.Go(func() error {
		defer close(pieces)
		return read(ctx, s, p, before, func(part int, b []byte, release func()) error {
			select {
			case pieces <- piece{part, b, release}:
				return nil
			case <-ctx.Done():
				release()
				return ctx.Err()
			}
		})
	})
	for piece := range pieces {
		take(piece.part, piece.bytes, piece.release)
	}
	if err := g.Wait(); err != nil {
		return Digest{}, err
	}
	d.SHA256 = sum.Sum(nil)
	return d, nil
}

// readAhead is from which size on, in bytes, the next piece is read while one is hashed: below, a
// goroutine costs more than it saves.
const readAhead = 512 << 10

type piece struct {
	part    int
	bytes   []byte
	release func()
}

// read hands out a source piece by piece.
func read(ctx context.Context, s Source, p Plan, before func(ctx context.Context, part int) error, out func(part int, b []byte, release func()) error) error {
	for n := 1; n <= p.Parts; n++ {
		if before != nil {
			if err := before(ctx, n); err != nil {
				return err
			}
		}
		offset, length := p.Range(n)
		for end := offset + length; offset < end; {
			b, release, err := s.Read(ctx, offset, end-offset)
			if err != nil {
				return &scenario.ReadError{Err: err}
			}
			offset += int64(len(b))
			if err := out(n, b, release); err != nil {
				return err
			}
		}
	}
	return nil
}

// sampleSize is how many bytes of a file's head, middle and tail go into its sample.
const sampleSize = 64 << 10

// Sample digests a size, and what r has at its head, middle and tail. Files with different
// samples have different bytes, which spares reading a large file twice to see that it is new.
func Sample(r io.ReaderAt, size int64) ([]byte, error) {
	sum := sha256.New()
	binary.Write(sum, binary.LittleEndian, size)
	for _, offset := range []int64{0, max(0, size/2-sampleSize/2), max(0, size-sampleSize)} {
		want := min(sampleSize, size-offset)
		n, err := io.Copy(sum, io.NewSectionReader(r, offset, want))
		if err == nil && n < want {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, &scenario.ReadError{Err: err}
		}
	}
	return sum.Sum(nil)[:16], nil
}
