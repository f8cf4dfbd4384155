package powertest

import (
	"context"
	"maps"
	"slices"
	"syscall"
	"time"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// node answers the kernel's requests for one inode.
type node struct {
	fusefs.Inode
	disk *Disk
	in   *inode
}

var (
	_ fusefs.NodeLookuper  = (*node)(nil)
	_ fusefs.NodeReaddirer = (*node)(nil)
	_ fusefs.NodeGetattrer = (*node)(nil)
	_ fusefs.NodeSetattrer = (*node)(nil)
	_ fusefs.NodeStatfser  = (*node)(nil)
	_ fusefs.NodeMkdirer   = (*node)(nil)
	_ fusefs.NodeCreater   = (*node)(nil)
	_ fusefs.NodeLinker    = (*node)(nil)
	_ fusefs.NodeUnlinker  = (*node)(nil)
	_ fusefs.NodeRmdirer   = (*node)(nil)
	_ fusefs.NodeRenamer   = (*node)(nil)
	_ fusefs.NodeOpener    = (*node)(nil)
	_ fusefs.NodeReader    = (*node)(nil)
	_ fusefs.NodeWriter    = (*node)(nil)
	_ fusefs.NodeFlusher   = (*node)(nil)
	_ fusefs.NodeFsyncer   = (*node)(nil)
)

// attr needs Disk.mu.
func (in *inode) attr(out *fuse.Attr) {
	out.Ino, out.Mode, out.Nlink = in.number, in.mode, in.links
	out.Size = uint64(len(in.data))
	out.SetTimes(nil, &in.changed, &in.changed)
}

// entry is the answer that names a child. It needs Disk.mu.
func (n *node) entry(ctx context.Context, in *inode, out *fuse.EntryOut) *fusefs.Inode {
	in.attr(&out.Attr)
	return n.NewInode(ctx, &node{disk: n.disk, in: in}, fusefs.StableAttr{Mode: in.mode & syscall.S_IFMT, Ino: in.number})
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fusefs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	child := n.in.names[name]
	if child == nil {
		return nil, syscall.ENOENT
	}
	return n.entry(ctx, child, out), 0
}

func (n *node) Readdir(context.Context) (fusefs.DirStream, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var all []fuse.DirEntry
	for _, name := range slices.Sorted(maps.Keys(n.in.names)) {
		child := n.in.names[name]
		all = append(all, fuse.DirEntry{Name: name, Mode: child.mode, Ino: child.number})
	}
	return fusefs.NewListDirStream(all), 0
}

func (n *node) Getattr(_ context.Context, _ fusefs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.in.attr(&out.Attr)
	return 0
}

func (n *node) Setattr(_ context.Context, _ fusefs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	return n.disk.alter(func() syscall.Errno {
		if size, ok := in.GetSize(); ok {
			n.in.write(write{size: int64(size)})
		}
		if mode, ok := in.GetMode(); ok {
			n.in.mode = n.in.mode&syscall.S_IFMT | mode&0o7777
		}
		if at, ok := in.GetMTime(); ok {
			n.in.changed = at
		}
		n.in.attr(&out.Attr)
		return 0
	})
}

func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	*out = fuse.StatfsOut{Bsize: 4096, Frsize: 4096, Blocks: 1 << 20, Bfree: 1 << 20, Bavail: 1 << 20, NameLen: 255}
	return 0
}

func (n *node) make(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (made *fusefs.Inode, errno syscall.Errno) {
	errno = n.disk.alter(func() syscall.Errno {
		if n.in.names[name] != nil {
			return syscall.EEXIST
		}
		in := n.disk.newInode(mode)
		in.links, in.changed = 1, time.Now()
		n.in.change(change{name: in})
		made = n.entry(ctx, in, out)
		return 0
	})
	return made, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fusefs.Inode, syscall.Errno) {
	return n.make(ctx, name, syscall.S_IFDIR|mode&0o7777, out)
}

func (n *node) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fusefs.Inode, fusefs.FileHandle, uint32, syscall.Errno) {
	made, errno := n.make(ctx, name, syscall.S_IFREG|mode&0o7777, out)
	return made, nil, 0, errno
}

func (n *node) Link(ctx context.Context, target fusefs.InodeEmbedder, name string, out *fuse.EntryOut) (made *fusefs.Inode, errno syscall.Errno) {
	in := target.(*node).in
	errno = n.disk.alter(func() syscall.Errno {
		if n.in.names[name] != nil {
			return syscall.EEXIST
		}
		in.links++
		n.in.change(change{name: in})
		made = n.entry(ctx, in, out)
		return 0
	})
	return made, errno
}

func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	return n.disk.alter(func() syscall.Errno {
		in := n.in.names[name]
		if in == nil {
			return syscall.ENOENT
		}
		in.links--
		n.in.change(change{name: nil})
		return 0
	})
}

func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	return n.disk.alter(func() syscall.Errno {
		if len(n.in.names[name].names) > 0 {
			return syscall.ENOTEMPTY
		}
		n.in.change(change{name: nil})
		return 0
	})
}

// Rename goes within one directory; between two, as between two disks, it is refused.
func (n *node) Rename(_ context.Context, name string, newParent fusefs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if newParent.(*node).in != n.in {
		return syscall.EXDEV
	}
	if flags != 0 {
		return syscall.EINVAL
	}
	return n.disk.alter(func() syscall.Errno {
		if over := n.in.names[newName]; over != nil {
			over.links--
		}
		n.in.change(change{name: nil, newName: n.in.names[name]})
		return 0
	})
}

func (n *node) Open(context.Context, uint32) (fusefs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, 0
}

func (n *node) Read(_ context.Context, _ fusefs.FileHandle, dest []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	from := min(at, int64(len(n.in.data)))
	return fuse.ReadResultData(dest[:copy(dest, n.in.data[from:])]), 0
}

func (n *node) Write(_ context.Context, _ fusefs.FileHandle, data []byte, at int64) (uint32, syscall.Errno) {
	errno := n.disk.alter(func() syscall.Errno {
		n.in.write(write{at: at, data: slices.Clone(data)})
		return 0
	})
	return uint32(len(data)), errno
}

func (n *node) Flush(context.Context, fusefs.FileHandle) syscall.Errno { return 0 }

func (n *node) Fsync(context.Context, fusefs.FileHandle, uint32) syscall.Errno {
	return n.disk.sync(n.Path(nil), n.in)
}
