package scenario

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

// The storage must never get as many bytes as it was promised when they are not the
// whole of what the body has.
func TestPutPartBodyOfAnotherSize(t *testing.T) {
	const size = 100_000
	for name, c := range map[string]struct {
		body io.Reader
		got  int64
	}{
		"short":              {bytes.NewReader(make([]byte, size-1)), size - 1},
		"empty":              {strings.NewReader(""), 0},
		"long":               {bytes.NewReader(make([]byte, size+1)), size + 1},
		"much longer":        {bytes.NewReader(make([]byte, 10*size)), size + 1},
		"long, one by one":   {iotest.OneByteReader(bytes.NewReader(make([]byte, size+1))), size + 1},
		"short, end at once": {iotest.DataErrReader(bytes.NewReader(make([]byte, size-1))), size - 1},
	} {
		t.Run(name, func(t *testing.T) {
			received := make(chan int64, 1)
			address := rawServer(t, func(_ net.Conn, r *bufio.Reader, _ <-chan struct{}) {
				_, _ = readHead(r)
				n, _ := io.Copy(io.Discard, r)
				received <- n
			})
			_, err := storage(t).PutPart(t.Context(), PutPart{URL: signed("http://" + address), Body: c.body, Size: size})
			e, ok := errors.AsType[*SizeError](err)
			if !ok || *e != (SizeError{Want: size, Got: c.got}) || ClassOf(err) != 0 {
				t.Fatalf("%v", err)
			}
			if n := <-received; n >= size {
				t.Errorf("the storage got %d bytes of %d", n, size)
			}
		})
	}
	t.Run("exact, end at once", func(t *testing.T) {
		srv := httptest.NewServer(stores())
		defer srv.Close()
		_, err := storage(t).PutPart(t.Context(), PutPart{URL: srv.URL, Body: iotest.DataErrReader(bytes.NewReader(make([]byte, size))), Size: size})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestPutPartBodyUnreadable(t *testing.T) {
	bad := errors.New("input/output error")
	for name, body := range map[string]io.Reader{
		"in the middle": io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(bad)),
		"at the end":    io.MultiReader(strings.NewReader(strings.Repeat("x", 1000)), iotest.ErrReader(bad)),
	} {
		t.Run(name, func(t *testing.T) {
			address := rawServer(t, func(_ net.Conn, r *bufio.Reader, _ <-chan struct{}) { _, _ = io.Copy(io.Discard, r) })
			_, err := storage(t).PutPart(t.Context(), PutPart{URL: "http://" + address, Body: body, Size: 1000})
			if _, ok := errors.AsType[*ReadError](err); !ok || !errors.Is(err, bad) || ClassOf(err) != 0 {
				t.Errorf("%v", err)
			}
		})
	}
}

// endless never ends and counts what is read of it.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read.Add(int64(len(p)))
	return len(p), nil
}
