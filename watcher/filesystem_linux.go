package watcher

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// fuseMagic is FUSE_SUPER_MAGIC: what lies behind it is told by the mount table.
const fuseMagic = 0x65735546

// remoteTypes are the filesystems that others may write to behind this kernel's back, by
// the magic number of statfs(2).
var remoteTypes = map[int64]string{
	unix.NFS_SUPER_MAGIC:   "nfs",
	unix.SMB_SUPER_MAGIC:   "smb",
	unix.CIFS_SUPER_MAGIC:  "cifs",
	unix.SMB2_SUPER_MAGIC:  "smb3",
	unix.V9FS_MAGIC:        "9p", // WSL's Windows drives, QEMU shares
	unix.CEPH_SUPER_MAGIC:  "ceph",
	unix.AFS_SUPER_MAGIC:   "afs",
	unix.AFS_FS_MAGIC:      "afs",
	unix.CODA_SUPER_MAGIC:  "coda",
	unix.NCP_SUPER_MAGIC:   "ncpfs",
	unix.OCFS2_SUPER_MAGIC: "ocfs2",
	0x01161970:             "gfs2",
	0x0bd00bd0:             "lustre",
	0x47504653:             "gpfs",
	0x19830326:             "beegfs",
	0x20030528:             "orangefs",
	0x786f4256:             "vboxsf",
	0xbacbacbc:             "vmhgfs",
	0x7c7c6673:             "prl_fs",
}

// localTypes names the common local ones; others are called by their number.
var localTypes = map[int64]string{
	unix.EXT4_SUPER_MAGIC:      "ext4",
	unix.XFS_SUPER_MAGIC:       "xfs",
	unix.BTRFS_SUPER_MAGIC:     "btrfs",
	unix.F2FS_SUPER_MAGIC:      "f2fs",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlay",
	unix.MSDOS_SUPER_MAGIC:     "vfat",
	unix.EXFAT_SUPER_MAGIC:     "exfat",
	0x7366746e:                 "ntfs3",
	0x2fc12fc1:                 "zfs",
}

func inspect(path string) (Filesystem, error) {
	var st unix.Statfs_t
	for {
		err := unix.Statfs(path, &st)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return Filesystem{}, err
		}
	}
	magic := int64(uint32(st.Type)) // 32 bits wide, sign-extended on some processors
	if magic == fuseMagic {
		return inspectFUSE(path), nil
	}
	if name, ok := remoteTypes[magic]; ok {
		return Filesystem{Type: name, Remote: true}, nil
	}
	name, ok := localTypes[magic]
	if !ok {
		name = "0x" + strconv.FormatInt(magic, 16)
	}
	return Filesystem{Type: name}, nil
}

// inspectFUSE tells a disk driven by a FUSE program (fuseblk: NTFS, exFAT), where every
// change passes this kernel, from sshfs, rclone, virtiofs and the like, where not.
func inspectFUSE(path string) Filesystem {
	name := mountType(path)
	if name == "" {
		name = "fuse"
	}
	return Filesystem{Type: name, Remote: name != "fuseblk"}
}

// mountType finds a path's filesystem type in the mount table: "" if it is not there.
func mountType(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	table, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer table.Close()
	best, bestType := -1, ""
	for lines := bufio.NewScanner(table); lines.Scan(); {
		if point, name, ok := parseMount(lines.Text()); ok && len(point) >= best && within(path, point) {
			best, bestType = len(point), name // of two mounts on one point the later one lies on top
		}
	}
	return bestType
}

// parseMount takes mount point and type from a line of mountinfo (proc_pid_mountinfo(5)):
// "36 35 98:0 /root /mount options optional… - type source options".
func parseMount(line string) (point, fsType string, ok bool) {
	before, back, ok := strings.Cut(line, " - ")
	if !ok {
		return "", "", false
	}
	fields := strings.Fields(before)
	if len(fields) < 5 {
		return "", "", false
	}
	fsType, _, _ = strings.Cut(back, " ")
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4]), fsType, true
}

// watchLimits reads how many watches and instances one user may have. A user namespace
// (a container) may allow less than the system.
func watchLimits() (watches, instances int) {
	return minimum("/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches"),
		minimum("/proc/sys/fs/inotify/max_user_instances", "/proc/sys/user/max_inotify_instances")
}

func minimum(paths ...string) int {
	best := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSpace(string(data))); err == nil && (best == 0 || n < best) {
			best = n
		}
	}
	return best
}
