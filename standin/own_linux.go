package standin

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// The kernel's tables of TCP sockets, with the account of each.
const (
	tcpTable  = "/proc/net/tcp"
	tcp6Table = "/proc/net/tcp6" // not there without IPv6
)

// lookups of a peer: one that is in a table while it is read may be missed, when a socket
// before it goes away.
const lookups = 3

var errNoSocket = errors.New("its socket is in no table of the kernel")

func systemTellsAccounts() bool {
	f, err := os.Open(tcpTable)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func ownOrRoot(uid int) bool { return uid == 0 || uid == os.Geteuid() }

// peerAccount tells whose program is at the other end of a connection within this
// computer.
func peerAccount(conn net.Conn) (uid int, err error) {
	// The peer's socket is ours seen from the other end.
	local, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return -1, err
	}
	remote, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return -1, err
	}
	for range lookups {
		for _, table := range []string{tcpTable, tcp6Table} {
			uid, err := socketAccount(table, plain(local), plain(remote))
			if err == nil || !errors.Is(err, errNoSocket) && !errors.Is(err, os.ErrNotExist) {
				return uid, err
			}
		}
	}
	return -1, errNoSocket
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// socketAccount looks one socket up in a table whose columns are: number, local and
// remote address, state, queues, timer, retransmissions, account, timeout, inode.
func socketAccount(table string, local, remote netip.AddrPort) (uid int, err error) {
	f, err := os.Open(table)
	if err != nil {
		return -1, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[0] == "sl" {
			continue
		}
		a, err := socketAddress(fields[1])
		if err != nil {
			return -1, err
		}
		if a != local {
			continue
		}
		if b, err := socketAddress(fields[2]); err != nil || b != remote {
			continue
		}
		// A socket that its program has closed is told as root's, with no inode.
		if fields[9] == "0" {
			return -1, errNoSocket
		}
		return strconv.Atoi(fields[7])
	}
	if err := lines.Err(); err != nil {
		return -1, err
	}
	return -1, errNoSocket
}

// socketAddress reads an address of the tables, such as 0100007F:1F90: words of 32 bits
// in the byte order of the machine, then the port.
func socketAddress(text string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("unknown form of address %q", text)
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil || !ok {
		return netip.AddrPort{}, fmt.Errorf("unknown form of address %q", text)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}
