package standin

import (
	"net"
	"os"
	"testing"
)

// A server that is one account's own answers that account, on every loopback address.
func TestOwnAccountIsAnswered(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "[::1]:0"} {
		if l, err := net.Listen("tcp", addr); err != nil {
			t.Logf("no %s here: %v", addr, err)
			continue
		} else {
			l.Close()
		}
		if !CanTellAccounts(addr) {
			t.Errorf("%s: Linux does not tell accounts", addr)
			continue
		}
		s := start(t, Options{Addr: addr, OwnAccount: true})
		c := newClient(t, s)
		c.want(c.do("GET", "/collections", nil), 200, nil)
	}
	for _, addr := range []string{"0.0.0.0:0", ":8491", "192.168.1.2:0", "nonsense"} {
		if CanTellAccounts(addr) {
			t.Errorf("%s is no address of this computer alone", addr)
		}
	}
}

func TestOwnOrRoot(t *testing.T) {
	for uid, want := range map[int]bool{0: true, os.Geteuid(): true, os.Geteuid() + 1: false, -1: false} {
		if ownOrRoot(uid) != want {
			t.Errorf("account %d: %v", uid, !want)
		}
	}
}

func TestSocketAddress(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:1F90":                         "127.0.0.1:8080",
		"00000000000000000000000001000000:0050": "[::1]:80",
		"0000000000000000FFFF00000100007F:0050": "127.0.0.1:80", // IPv4 on a socket of IPv6
	} {
		if got, err := socketAddress(text); err != nil || got.String() != want {
			t.Errorf("%s is %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7F:1", "0100007F", "0100007F:XYZ", "0100007F:12345"} {
		if got, err := socketAddress(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}
