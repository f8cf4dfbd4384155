package standin

import (
	"log/slog"
	"net"
)

// CanTellAccounts reports whether Options.OwnAccount can be had for this address: the
// operating system says whose a connection is, and only this computer is listened to.
func CanTellAccounts(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return (host == "localhost" || ip != nil && ip.IsLoopback()) && systemTellsAccounts()
}

// ownListener hands out the connections of this process's account and of root, who can
// do what it likes anyway. Those of other accounts are closed before a byte is read.
type ownListener struct {
	net.Listener
	log *slog.Logger
}

func (l ownListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		account, err := peerAccount(conn)
		if err == nil && ownOrRoot(account) {
			return conn, nil
		}
		l.log.Warn("a connection of another account was refused", "account", account, "error", err)
		if err := conn.Close(); err != nil {
			l.log.Debug("closing a connection", "error", err)
		}
	}
}
