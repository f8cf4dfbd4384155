package scenario

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// answerGrace is how long a failed write waits for an answer that may be there.
const answerGrace = 250 * time.Millisecond

// graceDial makes connections whose failed writes are reported a moment later.
//
// Storage that refuses a part (an expired URL, SlowDown) answers at once and hangs up
// while megabytes are still on their way to it. Writing then fails, and net/http
// reports whichever it sees first: the answer that says why, or a connection that
// broke off, which would be taken for trouble with the network.
func graceDial(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	buffers := newCopyBuffers()
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &graceConn{Conn: c, buffers: buffers, closed: make(chan struct{})}, nil
	}
}

type graceConn struct {
	net.Conn
	buffers *copyBuffers
	closed  chan struct{}
	once    sync.Once
}

func (c *graceConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		grace := time.NewTimer(answerGrace)
		defer grace.Stop()
		select {
		case <-grace.C:
		case <-c.closed:
		}
	}
	return n, err
}

// ReadFrom lets net/http hand over a body that it would otherwise copy in pieces of 32
// KiB.
func (c *graceConn) ReadFrom(r io.Reader) (int64, error) {
	buf, done := c.buffers.get()
	defer done()
	return io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{r}, *buf)
}

func (c *graceConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// copyBuffers lends memory to connections that send: a whole piece to the first few. Where
// more are needed each is slow, and does with less.
type copyBuffers struct {
	large, small sync.Pool // of *[]byte
	lent         atomic.Int32
}

const (
	largeBuffers = 16
	smallBuffer  = 32 << 10
)

func newCopyBuffers() *copyBuffers {
	c := &copyBuffers{}
	c.large.New = func() any { b := make([]byte, mostPiece); return &b }
	c.small.New = func() any { b := make([]byte, smallBuffer); return &b }
	return c
}

func (c *copyBuffers) get() (buf *[]byte, done func()) {
	pool := &c.large
	if c.lent.Add(1) > largeBuffers {
		pool = &c.small
	}
	buf = pool.Get().(*[]byte)
	return buf, func() {
		c.lent.Add(-1)
		pool.Put(buf)
	}
}
