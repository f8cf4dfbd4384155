package file

import (
	"os"

	"golang.org/x/sys/unix"
)

// HasWriter tells whether any program has the file open for writing, without reading it.
//
// It asks the kernel for a read lease, which is refused with EAGAIN while there is a
// writer (fcntl(2), F_SETLEASE), and gives the lease back at once: a program that opens
// the file for writing in the microseconds between waits for that, and its SIGIO is
// ignored by the Go runtime. A lease is granted to the file's owner and to CAP_LEASE
// only, and means something only where every writer goes through this kernel: for other
// owners and other filesystems the answer is CannotTell.
func HasWriter(f *os.File) Answer { return askLease(f, unix.F_RDLCK) }

// HasOther tells whether the file is open more than this once, be it only for reading, in
// another program or in this one.
//
// It asks for a write lease, which is refused with EAGAIN then, and gives it back at once.
// Whoever opens the file in the microseconds between waits for that, or is told EAGAIN if it
// asked not to wait; so this is to be asked now and then of few files, not of many again and
// again. Where HasWriter cannot tell, neither can this.
func HasOther(f *os.File) Answer { return askLease(f, unix.F_WRLCK) }

func askLease(f *os.File, kind uintptr) Answer {
	conn, err := f.SyscallConn()
	if err != nil {
		return CannotTell
	}
	answer := CannotTell
	if err := conn.Control(func(fd uintptr) { answer = leaseProbe(fd, kind) }); err != nil {
		return CannotTell
	}
	return answer
}

func leaseProbe(fd, kind uintptr) Answer {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(fd), &st); err != nil || !leasesCount(int64(st.Type)) {
		return CannotTell
	}
	// Raw, so that the scheduler cannot take the processor away while a lease is held.
	_, _, errno := unix.RawSyscall(unix.SYS_FCNTL, fd, unix.F_SETLEASE, kind)
	switch errno {
	case 0:
		_, _, _ = unix.RawSyscall(unix.SYS_FCNTL, fd, unix.F_SETLEASE, unix.F_UNLCK)
		return No
	case unix.EAGAIN:
		return Yes
	}
	return CannotTell
}

// leasesCount names the filesystems whose leases see every writer. NFS and CIFS answer
// EAGAIN whenever they hold no delegation or oplock, and FUSE knows nothing of writers
// on the other side: a list of what is trusted errs on the safe side.
func leasesCount(fsType int64) bool {
	switch fsType {
	case unix.EXT4_SUPER_MAGIC, // and ext2, ext3
		unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC,
		unix.TMPFS_MAGIC, unix.RAMFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC,
		unix.MSDOS_SUPER_MAGIC, unix.EXFAT_SUPER_MAGIC, unix.REISERFS_SUPER_MAGIC,
		unix.BCACHEFS_SUPER_MAGIC, unix.ECRYPTFS_SUPER_MAGIC,
		0x7366746e, // ntfs3
		0x3153464a, // jfs
		0x2fc12fc1: // zfs
		return true
	}
	return false
}
