package install

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// Notify tells systemd a state such as "READY=1", "STOPPING=1" or
// "STATUS=3 files in flight"; several are separated by line breaks. Where no
// manager listens (NOTIFY_SOCKET is not set) it does nothing. It may be called
// at any time from any goroutine. The protocol: sd_notify(3).
func Notify(state string) error {
	addr := os.Getenv("NOTIFY_SOCKET")
	if addr == "" {
		return nil
	}
	if rest, ok := strings.CutPrefix(addr, "@"); ok { // the abstract namespace
		addr = "\x00" + rest
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell systemd %q: %w", state, err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell systemd %q: %w", state, err)
	}
	return nil
}
