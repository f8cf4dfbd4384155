//go:build unix

package file

import (
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks is how many links are followed on the way to a path, as the kernel does.
const maxLinks = 40

func exposed(path string, itself bool, also []string) *Exposure {
	ours := map[uint32]bool{0: true, uint32(os.Geteuid()): true}
	for _, p := range also {
		if info, err := os.Stat(p); err == nil {
			ours[ownerOf(info)] = true
		}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	at, rest := "/", names(absolute)
	shared := false // at is a folder that all may write, where each may touch only what is theirs
	if info, err := os.Lstat(at); err == nil {
		if e := writableByOthers(at, info, ours); e != nil {
			return e
		}
	}
	for links := 0; len(rest) > 0; {
		name, last := rest[0], len(rest) == 1
		next := filepath.Join(at, name)
		info, err := os.Lstat(next)
		if err != nil {
			return nil
		}
		link := info.Mode()&fs.ModeSymlink != 0
		// The owner of a folder on the way can write it, whatever its mode says; of a
		// thing in a shared folder, put another in its place.
		if (itself || shared || !last && !link) && !ours[ownerOf(info)] {
			return &Exposure{Path: next, What: "belongs to " + accountName(ownerOf(info)), Fix: "give it to the account that scenario-drop runs as, or keep this elsewhere"}
		}
		if link {
			target, err := os.Readlink(next)
			if links++; err != nil || links > maxLinks {
				return nil
			}
			if filepath.IsAbs(target) {
				at, shared = "/", false
			}
			rest = append(names(target), rest[1:]...)
			continue
		}
		at, rest, shared = next, rest[1:], false
		if last && !itself {
			return nil
		}
		if e := writableByOthers(at, info, ours); e != nil {
			if shared = info.IsDir() && info.Mode()&fs.ModeSticky != 0 && !last; !shared {
				return e
			}
		}
	}
	return nil
}

// names are the elements of a path. ".." stays: it is of where a link led, and goes up from there.
func names(path string) (all []string) {
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			all = append(all, name)
		}
	}
	return all
}

func ownerOf(info fs.FileInfo) uint32 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Uid
	}
	return 0
}

func writableByOthers(path string, info fs.FileInfo, ours map[uint32]bool) *Exposure {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !ok:
		return nil
	case mode&0o002 != 0:
		return &Exposure{Path: path, What: "can be written by every account of this computer", Fix: "run: chmod go-w " + strconv.Quote(path)}
	case mode&0o020 != 0 && !privateGroup(st.Gid, ours):
		return &Exposure{Path: path, What: "can be written by the group " + groupName(st.Gid), Fix: "run: chmod g-w " + strconv.Quote(path)}
	}
	return nil
}

// privateGroup reports whether a group is one account's own, as systems make one with each
// account so that its files may be group-writable: it is root's, or the first group of one
// of ours and called like that account.
func privateGroup(gid uint32, ours map[uint32]bool) bool {
	if gid == 0 {
		return true
	}
	for uid := range ours {
		u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
		if err != nil {
			if uid == gid { // an account without a name, as in containers
				return true
			}
			continue
		}
		if u.Gid == strconv.FormatUint(uint64(gid), 10) && u.Username == groupName(gid) {
			return true
		}
	}
	return false
}

func accountName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "account " + id
}

func groupName(gid uint32) string {
	id := strconv.FormatUint(uint64(gid), 10)
	if g, err := user.LookupGroupId(id); err == nil {
		return g.Name
	}
	return id
}

// Owner names the account that a path belongs to, and whether that is the one we run as;
// "" where it cannot be told.
func Owner(path string) (name string, we bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", false
	}
	return accountName(ownerOf(info)), ownerOf(info) == uint32(os.Geteuid())
}
