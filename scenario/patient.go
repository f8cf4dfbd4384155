package scenario

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// answerGrace is how long a failed write waits for an answer that may be there.
const answerGrace = 250 * time.Millisecond

// patientDial makes connections whose failed writes are reported a moment later.
//
// Storage that refuses a part (an expired URL, SlowDown) answers at once and hangs up
// while megabytes are still on their way to it. Writing then fails, and net/http
// reports whichever it sees first: the answer that says why, or a connection that
// broke off, which would be taken for trouble with the network.
func patientDial(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &patientConn{Conn: c, closed: make(chan struct{})}, nil
	}
}

type patientConn struct {
	net.Conn
	closed chan struct{}
	once   sync.Once
}

func (c *patientConn) Write(p []byte) (int, error) {
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

func (c *patientConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
