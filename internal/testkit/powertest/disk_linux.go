package powertest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Loss is what a disk has lost of the changes that were not synced when its power failed.
type Loss string

// The losses. LoseNothing is also what the death of a process alone leaves behind.
const (
	LoseNothing  Loss = "nothing"
	LoseUnsynced Loss = "everything unsynced" // the worst that can happen
	LoseSome     Loss = "some of the unsynced"
)

// Moment says on which side of a sync the power fails.
type Moment string

// The moments: what the sync was for is lost, or it is kept but the program is not told.
const (
	Before Moment = "before"
	After  Moment = "after"
)

// Image is what lies on a disk. It may be mounted any number of times.
type Image struct{ root *inode }

// Empty is the image of a disk that was never written.
func Empty() *Image {
	root := &inode{number: 1, mode: syscall.S_IFDIR | 0o755, links: 1, names: map[string]*inode{}}
	root.sync()
	return &Image{root}
}

// Save writes the image's files below a directory that exists.
func (i *Image) Save(dir string) error { return i.root.save(dir) }

func (in *inode) save(dir string) error {
	for name, child := range in.names {
		to := filepath.Join(dir, name)
		if !child.isDir() {
			if err := os.WriteFile(to, child.data, fs.FileMode(child.mode&0o777)); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
		if err := child.save(to); err != nil {
			return err
		}
	}
	return nil
}

// Disk is a mounted disk. Its methods are safe for concurrent use.
//
// A process must not map its own disk's files into memory (SQLite does): the fault that
// reads a page would wait for the process itself. Open what Image and Save give instead.
type Disk struct {
	dir string

	mu         sync.Mutex
	root       *inode
	lastNumber uint64
	syncs      []string // what was synced, in order
	failAt     int      // 0: never
	when       Moment
	off        func()
	failed     bool
}

// Mount mounts a disk that holds an image until the test ends. The test is skipped
// where FUSE does not work.
func Mount(t testing.TB, from *Image) *Disk {
	t.Helper()
	d := &Disk{dir: t.TempDir(), root: from.root.after(LoseNothing, nil, map[*inode]*inode{})}
	d.lastNumber = d.root.highest()
	server, err := fusefs.Mount(d.dir, &node{disk: d, in: d.root}, &fusefs.Options{
		MountOptions:    fuse.MountOptions{DirectMount: true, FsName: "powertest", Name: "powertest", DisableXAttrs: true},
		RootStableAttr:  &fusefs.StableAttr{Ino: d.root.number},
		NullPermissions: true,
		UID:             uint32(os.Getuid()),
		GID:             uint32(os.Getgid()),
	})
	if err != nil {
		t.Skipf("FUSE does not work here: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			t.Errorf("unmount the disk: %v", err)
		}
	})
	return d
}

// highest returns the highest inode number at and below a directory.
func (in *inode) highest() uint64 {
	most := in.number
	for _, child := range in.names {
		most = max(most, child.highest())
	}
	return most
}

// Dir is where the disk is mounted.
func (d *Disk) Dir() string { return d.dir }

// FailAt lets the power fail at the nth sync after the mount, counted from 1: from then
// on the disk takes nothing more. Just then off is called, which has to end every
// process that works on the disk without touching the disk itself.
func (d *Disk) FailAt(n int, when Moment, off func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failAt, d.when, d.off = n, when, off
}

// Fail lets the power fail now.
func (d *Disk) Fail() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = true
}

// Failed reports whether the power has failed.
func (d *Disk) Failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// Syncs lists the files and directories that were synced since the mount, in order.
func (d *Disk) Syncs() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.syncs...)
}

// Image returns what lies on the disk if the power fails now, or has failed. The seed
// says what LoseSome loses.
func (d *Disk) Image(loss Loss, seed uint64) *Image {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Image{d.root.after(loss, rand.New(rand.NewPCG(seed, 0)), map[*inode]*inode{})}
}

// sync makes a file or a directory safe, unless the power fails at it.
func (d *Disk) sync(name string, in *inode) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed {
		return syscall.EIO
	}
	d.syncs = append(d.syncs, name)
	fails := len(d.syncs) == d.failAt
	if !fails || d.when == After {
		in.sync()
	}
	if fails {
		d.failed = true
		d.off()
		return syscall.EIO
	}
	return 0
}

// alter makes a change of the disk, unless its power has failed.
func (d *Disk) alter(change func() syscall.Errno) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed {
		return syscall.EIO
	}
	return change()
}

// newInode needs Disk.mu.
func (d *Disk) newInode(mode uint32) *inode {
	d.lastNumber++
	in := &inode{number: d.lastNumber, mode: mode}
	if in.isDir() {
		in.names = map[string]*inode{}
		in.sync()
	}
	return in
}
