package uploader

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// sending is one file while its parts are under way.
type sending struct {
	*worker
	f           *diskFile
	from        io.ReaderAt // what its bytes are read of
	inMemory    bool
	plan        Plan
	is          filetype.Type
	contentType string
	urls        *partURLs
}

func (s *sending) begin(u *scenario.Upload) {
	s.contentType, s.urls = s.is.MIME(), newPartURLs(s.worker, u)
}

// expiredInARow is after how many refusals of fresh URLs an upload counts as lost.
const expiredInARow = 3

// put sends one part until storage has acknowledged it. sum, if it is not nil, is given the
// bytes that storage got; begun is called whenever they are about to be read.
func (s *sending) put(ctx context.Context, n int, sum hash.Hash, begun func()) (ledger.Part, error) {
	offset, length := s.plan.Range(n)
	expired := 0
	for tries := 1; ; tries++ {
		url, err := s.urls.get(ctx, n)
		if err != nil {
			return ledger.Part{}, err
		}
		body := &partBody{sum: sum, shown: s.shown}
		etag, err := s.storage.PutPart(ctx, guard.Part{URL: url, Size: length, ContentType: s.contentType, Large: s.plan.Parts > 1,
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				if sum != nil {
					sum.Reset()
				}
				begun()
				body.r = s.part(ctx, offset, length)
				return io.NopCloser(body), nil
			}})
		if err == nil {
			return ledger.Part{Number: n, Size: length, CRC32C: body.crc, ETag: etag}, nil
		}
		s.shown.sent.Add(-body.read)
		if ctx.Err() != nil {
			return ledger.Part{}, ctx.Err()
		}
		if size := (*scenario.SizeError)(nil); errors.As(err, &size) {
			return ledger.Part{}, errShort
		}
		if read := (*scenario.ReadError)(nil); errors.As(err, &read) {
			return ledger.Part{}, err
		}
		switch guard.Decide(err, tries) {
		case guard.Retry:
		case guard.FreshURLs, guard.StartOver:
			// The record says whether Scenario knows the upload.
			if expired++; expired > expiredInARow {
				if e, ok := errors.AsType[*scenario.Error](err); ok && e.Code == "" {
					// Nothing says that it is storage that refuses.
					return ledger.Part{}, fmt.Errorf("send part %d: %w", n, err)
				}
				return ledger.Part{}, errUploadLost
			}
			s.urls.spoil(url)
		default:
			return ledger.Part{}, fmt.Errorf("send part %d: %w", n, err)
		}
	}
}

// part reads one part of the file.
func (s *sending) part(ctx context.Context, offset, length int64) io.Reader {
	if s.inMemory {
		return io.NewSectionReader(s.from, offset, length)
	}
	return bufio.NewReaderSize(io.NewSectionReader(s.f.reader(ctx), offset, length), int(min(length, smallRead)))
}

// smallRead is how much is read at least at a time, however little is asked for.
const smallRead = 32 << 10

// partBody reads one part of a file, and takes the checksum of what it hands out.
type partBody struct {
	r     io.Reader
	sum   hash.Hash // nil: only the checksum is taken
	crc   uint32
	read  int64
	shown *transferState
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.sum != nil {
		b.sum.Write(p[:n])
	} else {
		b.crc = crc32.Update(b.crc, castagnoli, p[:n])
	}
	b.read += int64(n)
	b.shown.sent.Add(int64(n))
	return n, err
}
