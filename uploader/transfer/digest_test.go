package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"testing"
)

func TestHash(t *testing.T) {
	data := noise(2*MinPartSize+12345, 1)
	plan, err := NewPlan(int64(len(data)), MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	s := &bytesSource{data: data}
	d, err := digestPass(t.Context(), s, plan, func(_ context.Context, part int) error {
		order = append(order, part)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(data); !bytes.Equal(d.SHA256, want[:]) {
		t.Errorf("sha256 %x, want %x", d.SHA256, want)
	}
	for n := 1; n <= plan.Parts; n++ {
		offset, length := plan.Range(n)
		if want := crc32.Checksum(data[offset:offset+length], castagnoli); d.Parts[n-1] != want {
			t.Errorf("part %d: %08x, want %08x", n, d.Parts[n-1], want)
		}
	}
	if !slices.Equal(order, []int{1, 2, 3}) {
		t.Errorf("parts were announced as %v", order)
	}
	s.from.Store(int64(len(data)) - 5000)
	if _, err := Hash(t.Context(), s, plan); !errors.Is(err, errVersion) {
		t.Errorf("a source that cannot be read to its end: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Hash(cancelled, s, plan); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
	if n := s.held.Load(); n != 0 || s.maxHeld.Load() > 3 {
		t.Errorf("%d pieces are still held, at most %d were", n, s.maxHeld.Load())
	}
}

func TestSample(t *testing.T) {
	data := noise(1<<20, 2)
	of := func(b []byte) string {
		r := NewReaderAt(t.Context(), &bytesSource{data: b})
		defer r.Release()
		s, err := Sample(r, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return string(s)
	}
	base := of(data)
	if base != of(slices.Clone(data)) {
		t.Error("equal bytes have different samples")
	}
	for name, at := range map[string]int{"head": 0, "middle": len(data) / 2, "tail": len(data) - 1} {
		other := slices.Clone(data)
		other[at]++
		if of(other) == base {
			t.Errorf("a change in the %s does not show", name)
		}
	}
	if of(data[:len(data)-1]) == base {
		t.Error("another size does not show")
	}
	of([]byte{1}) // smaller than a sample
	if _, err := Sample(bytes.NewReader(data), int64(len(data)+1)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("of a file that is too short: %v", err)
	}
}

// However a source is read here and there, it reads like its bytes, and no piece is kept.
func TestReaderAt(t *testing.T) {
	data := noise(1000, 3)
	s := &bytesSource{data: data, piece: 64}
	r := NewReaderAt(t.Context(), s)
	for _, c := range []struct{ offset, size, want int }{{0, 1000, 1000}, {10, 20, 20}, {60, 10, 10}, {0, 1, 1}, {990, 20, 10}, {1000, 1, 0}, {2000, 1, 0}} {
		p := make([]byte, c.size)
		n, err := r.ReadAt(p, int64(c.offset))
		if n != c.want || (err == io.EOF) != (n < c.size) || err != nil && err != io.EOF || n > 0 && !bytes.Equal(p[:n], data[c.offset:c.offset+n]) {
			t.Errorf("%d at %d: %d, %v", c.size, c.offset, n, err)
		}
	}
	r.Release()
	if s.held.Load() != 0 || s.maxHeld.Load() != 1 {
		t.Errorf("%d pieces are held, at most %d were", s.held.Load(), s.maxHeld.Load())
	}
}
