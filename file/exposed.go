package file

import "fmt"

// Exposure says through what another account can change, or swap, what is at a path.
type Exposure struct {
	Path string // a file, folder or link: what was asked about, or on the way to it
	What string // "belongs to bob", "can be written by every account of this computer", …
	Fix  string // what to do about it; may be ""
}

func (e *Exposure) String() string { return fmt.Sprintf("%q %s", e.Path, e.What) }

// Exposed tells through what an account that is not ours can change what is at path, or
// put something else there; nil if through nothing. Ours are the account we run as, the
// system's own (root; SYSTEM and the Administrators of Windows), and the owners of the
// paths also. It checks path itself, every folder above it, and links on the way and where they
// lead, as far as they exist; what cannot be checked is taken for well.
//
// A folder that all may write is as good as any where each may touch only what is theirs
// (/tmp), but not at the end of path. A group that may write counts as others, but for root's
// and for one that has its owner's name and is nobody else's by custom. Access lists beyond the mode are
// not read on Unix, where their widest right shows as the group's.
func Exposed(path string, also ...string) *Exposure { return exposed(path, true, also) }

// ExposedAbove is Exposed for a folder that others may well write: only whether they can
// put another in its place.
func ExposedAbove(path string, also ...string) *Exposure { return exposed(path, false, also) }
