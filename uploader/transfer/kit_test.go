package transfer

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"scenario-drop/uploader/guard"
)

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	rng.Read(b)
	return b
}

// errVersion is what a source says of another version.
var errVersion = errors.New("another version")

// bytesSource is a source in memory, which counts what is held of it.
type bytesSource struct {
	data    []byte
	piece   int64        // bytes a read; 0: 64 KiB
	from    atomic.Int64 // reads from here on fail; 0: none does
	held    atomic.Int64 // pieces that were not given back
	maxHeld atomic.Int64
}

func (s *bytesSource) Size() int64 { return int64(len(s.data)) }

func (s *bytesSource) Read(ctx context.Context, offset, length int64) ([]byte, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	size := s.piece
	if size == 0 {
		size = 64 << 10
	}
	if from := s.from.Load(); from != 0 && offset+min(length, size) > from {
		return nil, nil, errVersion
	}
	if n := s.held.Add(1); n > s.maxHeld.Load() {
		s.maxHeld.Store(n)
	}
	return s.data[offset : offset+min(length, size)], sync.OnceFunc(func() { s.held.Add(-1) }), nil
}

func (s *bytesSource) Unchanged(context.Context) (bool, error) { return true, nil }

func (s *bytesSource) Close() {}

// fakeStorage keeps parts by their URL; put, if it is not nil, is asked first.
type fakeStorage struct {
	put func(p guard.Part) error

	mu    sync.Mutex
	parts map[string][]byte
	order []string
}

func (s *fakeStorage) PutPart(ctx context.Context, p guard.Part) (string, error) {
	if s.put != nil {
		if err := s.put(p); err != nil {
			return "", err
		}
	}
	body, err := p.Open(ctx)
	if err != nil {
		return "", err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts == nil {
		s.parts = map[string][]byte{}
	}
	s.parts[p.URL] = b
	s.order = append(s.order, p.URL)
	if p.Acknowledged != nil {
		p.Acknowledged()
	}
	return "etag of " + p.URL, nil
}

// oneConnection puts one part at a time.
type oneConnection struct {
	to   Storage
	free chan struct{} // has the connection
}

func (c *oneConnection) PutPart(ctx context.Context, p guard.Part) (string, error) {
	<-c.free
	defer func() { c.free <- struct{}{} }()
	return c.to.PutPart(ctx, p)
}

// all is what storage has, part by part.
func (s *fakeStorage) all(t *testing.T, urls ...string) (all []byte) {
	t.Helper()
	for _, url := range urls {
		b, ok := s.parts[url]
		if !ok {
			t.Fatalf("there is no part at %s", url)
		}
		all = append(all, b...)
	}
	return all
}
