package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// network is two network namespaces that a line joins: near for clients, far for
// servers.
type network struct {
	near, far, middle string
	cmd               *exec.Cmd
	said              *bufio.Reader
}

// newNetwork makes the namespaces and starts the line. congestion is the congestion
// control of the clients' connections.
func newNetwork(ctx context.Context, self string, l line, congestion string) (n *network, err error) {
	if os.Getuid() != 0 {
		return nil, errors.New("a slow line needs root, for network namespaces of its own")
	}
	name := fmt.Sprintf("scdrop%d", os.Getpid())
	n = &network{near: name + "near", far: name + "far", middle: name + "line"}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.stop(io.Discard))
		}
	}()
	for _, ns := range []string{n.near, n.far, n.middle} {
		if err := ip("netns", "add", ns); err != nil {
			return n, err
		}
	}
	n.cmd = exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", n.middle, self}, l.args()...)...)
	n.cmd.Stderr = os.Stderr
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return n, err
	}
	n.said = bufio.NewReader(out)
	if err := n.cmd.Start(); err != nil {
		n.cmd = nil
		return n, err
	}
	if _, err := n.said.ReadString('\n'); err != nil {
		return n, fmt.Errorf("the line does not come up: %w", err)
	}
	for _, side := range []struct{ ns, device, address string }{{n.near, nearDevice, nearAddress}, {n.far, farDevice, farAddress}} {
		if err := errors.Join(
			ip("-n", n.middle, "link", "set", side.device, "netns", side.ns),
			ip("-n", side.ns, "link", "set", "lo", "up"),
			ip("-n", side.ns, "addr", "add", side.address+"/24", "dev", side.device),
			ip("-n", side.ns, "link", "set", side.device, "up"),
		); err != nil {
			return n, err
		}
	}
	return n, n.within(n.near, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/tcp_congestion_control", []byte(congestion), 0)
	})
}

// stop ends the line and writes what it carried to w.
func (n *network) stop(w io.Writer) error {
	var err error
	if n.cmd != nil {
		n.cmd.Process.Signal(syscall.SIGINT)
		last, rerr := n.said.ReadString('\n')
		err = errors.Join(rerr, n.cmd.Wait())
		fmt.Fprint(w, last)
	}
	for _, ns := range []string{n.near, n.far, n.middle} {
		if _, serr := os.Stat(namespaceFile(ns)); serr == nil {
			err = errors.Join(err, ip("netns", "del", ns))
		}
	}
	return err
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w %s", strings.Join(args, " "), err, out)
	}
	return nil
}

func namespaceFile(name string) string { return filepath.Join("/run/netns", name) }

// within does something on a thread that is in a network namespace. A socket made there
// stays there, whichever thread uses it.
func (n *network) within(namespace string, do func() error) error {
	done := make(chan error)
	go func() {
		// Never unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		done <- func() error {
			f, err := os.Open(namespaceFile(namespace))
			if err != nil {
				return err
			}
			defer f.Close()
			if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return do()
		}()
	}()
	return <-done
}

// listen listens where the servers are.
func (n *network) listen() (l net.Listener, err error) {
	err = n.within(n.far, func() (err error) {
		l, err = net.Listen("tcp", farAddress+":0")
		return err
	})
	return l, err
}

// dial connects from where the clients are.
func (n *network) dial(address string) (c net.Conn, err error) {
	err = n.within(n.near, func() (err error) {
		c, err = net.Dial("tcp", address)
		return err
	})
	return c, err
}

// inside is the start of a command line that runs a program where the clients are.
func (n *network) inside() []string { return []string{"ip", "netns", "exec", n.near} }
