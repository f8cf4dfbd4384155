package status

import (
	"context"
	"net"
	"os"
	"slices"
	"sync"

	"scenario-drop/file"
)

// boundedListener has at most max connections open at a time. When one more comes, the oldest of
// those that have not shown yet that they may be here is cut in its favour; if all have,
// the new one is. So connections that do nothing, however many, keep nobody out and take no
// more than max of the descriptors that the daemon needs for its files.
//
// It keeps one descriptor in reserve: when the process has no other left, a connection can
// still be taken, so that the daemon can say what is wrong.
type boundedListener struct {
	net.Listener
	max int

	mu    sync.Mutex
	open  []*boundedConn // the oldest first
	spare *os.File       // nil while it is used
}

func newBoundedListener(l net.Listener, max int) *boundedListener {
	b := &boundedListener{Listener: l, max: max}
	b.reserve()
	return b
}

// Accept waits for the next connection.
func (b *boundedListener) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if file.OutOfDescriptors(err) && b.useReserve() {
			c, err = b.Listener.Accept()
		}
		if err != nil {
			return nil, err
		}
		if admitted := b.admit(c); admitted != nil {
			return admitted, nil
		}
	}
}

// admit makes room for a connection, or closes it and returns nil.
func (b *boundedListener) admit(c net.Conn) net.Conn {
	b.mu.Lock()
	var victim *boundedConn
	if len(b.open) >= b.max {
		i := slices.IndexFunc(b.open, func(c *boundedConn) bool { return !c.welcome })
		if i < 0 {
			b.mu.Unlock()
			_ = c.Close() // nothing was said on it
			return nil
		}
		victim = b.open[i]
		b.open = slices.Delete(b.open, i, i+1)
	}
	admitted := &boundedConn{Conn: c, of: b}
	b.open = append(b.open, admitted)
	b.mu.Unlock()
	if victim != nil {
		_ = victim.Conn.Close() // whoever it is may come again
	}
	return admitted
}

func (b *boundedListener) useReserve() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spare == nil {
		return false
	}
	_ = b.spare.Close() // it was not even read
	b.spare = nil
	return true
}

func (b *boundedListener) reserve() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spare == nil {
		b.spare, _ = os.Open(os.DevNull) // nil without descriptors: with the next connection that ends
	}
}

// Close ends the listening.
func (b *boundedListener) Close() error {
	err := b.Listener.Close()
	b.useReserve()
	return err
}

// boundedConn is one connection of a boundedListener.
type boundedConn struct {
	net.Conn
	of      *boundedListener
	welcome bool // guarded by of.mu: the other side showed that it may be here
}

// Close gives the connection's place away.
func (c *boundedConn) Close() error {
	err := c.Conn.Close()
	c.of.mu.Lock()
	if i := slices.Index(c.of.open, c); i >= 0 {
		c.of.open = slices.Delete(c.of.open, i, i+1)
	}
	c.of.mu.Unlock()
	c.of.reserve()
	return err
}

type connKey struct{}

// withConn keeps the connection with the context of its requests.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if inner, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = inner.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// welcome notes that the connection's other side may be here, so that no other takes its
// place.
func welcome(ctx context.Context) {
	if c, ok := ctx.Value(connKey{}).(*boundedConn); ok {
		c.of.mu.Lock()
		defer c.of.mu.Unlock()
		c.welcome = true
	}
}
