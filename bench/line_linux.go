package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// line is what a line does to packets, the same in both directions.
type line struct {
	delay time.Duration // one way
	rate  int64         // bits a second, of whole IP packets
	loss  float64       // share of the packets lost at random
	limit int           // packets on the line, those that wait for it included; more are dropped
}

func (l line) String() string {
	text := fmt.Sprintf("%d Mbit/s, %v each way", l.rate/1_000_000, l.delay)
	if l.loss > 0 {
		text += fmt.Sprintf(", %.1f %% of the packets lost at random each way", l.loss*100)
	}
	return text + fmt.Sprintf(", %d packets of queue", l.limit)
}

func (l line) args() []string {
	return []string{"line", "-delay", l.delay.String(), "-rate", fmt.Sprint(l.rate), "-loss", fmt.Sprint(l.loss), "-limit", fmt.Sprint(l.limit)}
}

// runLine is the line itself, since not every kernel has sch_netem: it joins two TUN
// devices of its network namespace, which others may move elsewhere, until ctx ends.
// What is written to a device's other end is not cut into packets by the line: TUN
// devices as these ask the kernel for packets of the MTU (1500).
func runLine(ctx context.Context, args []string) error {
	var l line
	f := flag.NewFlagSet("line", flag.ContinueOnError)
	f.DurationVar(&l.delay, "delay", 0, "one-way delay")
	f.Int64Var(&l.rate, "rate", 0, "bits a second")
	f.Float64Var(&l.loss, "loss", 0, "share of the packets lost")
	f.IntVar(&l.limit, "limit", 1000, "packets on the line and waiting for it")
	if err := f.Parse(args); err != nil {
		return err
	}
	near, err := openTUN(nearDevice)
	if err != nil {
		return err
	}
	defer near.Close()
	far, err := openTUN(farDevice)
	if err != nil {
		return err
	}
	defer far.Close()
	fmt.Println("ready")
	var up, down traffic
	go l.carry(near, far, &up)
	go l.carry(far, near, &down)
	<-ctx.Done()
	fmt.Fprintf(os.Stdout, "up %v; down %v\n", &up, &down)
	return nil
}

const (
	nearDevice, farDevice = "scdrop-near", "scdrop-far"
	largestPacket         = 64 << 10
)

func openTUN(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	req, err := unix.NewIfreq(name)
	if err == nil {
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make the TUN device %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// traffic counts the packets of one direction.
type traffic struct{ came, bytes, lost, dropped atomic.Int64 }

func (t *traffic) String() string {
	return fmt.Sprintf("%d packets with %d bytes, %d lost, %d dropped from a full queue", t.came.Load(), t.bytes.Load(), t.lost.Load(), t.dropped.Load())
}

// carry passes packets on until reading or writing fails.
func (l line) carry(from io.Reader, to io.Writer, t *traffic) {
	type packet struct {
		data []byte
		due  time.Time
	}
	queue := make(chan packet, l.limit)
	defer close(queue)
	go func() {
		for p := range queue {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); errors.Is(err, os.ErrClosed) {
				return
			}
		}
	}()
	var free time.Time // when the line has sent all that came so far
	for buf := make([]byte, largestPacket); ; {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		t.came.Add(1)
		t.bytes.Add(int64(n))
		if rand.Float64() < l.loss {
			t.lost.Add(1)
			continue
		}
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		sent := free.Add(time.Duration(int64(n) * 8 * int64(time.Second) / l.rate))
		select {
		case queue <- packet{append([]byte(nil), buf[:n]...), sent.Add(l.delay)}:
			free = sent
		default:
			t.dropped.Add(1)
		}
	}
}
