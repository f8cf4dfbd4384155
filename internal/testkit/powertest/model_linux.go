package powertest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"
)

// inode is a file or a directory: as programs see it, as it would be after the power
// failed, and the changes in between, in their order. It is guarded by Disk.mu.
type inode struct {
	number  uint64
	mode    uint32 // with the type; changes of it count as synced at once
	links   uint32
	changed time.Time

	data, safe []byte
	writes     []write

	names, safeNames map[string]*inode // of a directory; nil in a file
	changes          []change
}

// write is a change of a file's bytes that is not synced yet.
type write struct {
	at   int64
	data []byte
	size int64 // the file is cut or stretched to this size instead, when data is nil
}

// change is a change of a directory that is not synced yet: of one name, or of the two
// names of a rename, which no disk tears apart. A nil inode stands for no such name.
type change map[string]*inode

func (in *inode) isDir() bool { return in.mode&syscall.S_IFMT == syscall.S_IFDIR }

func (w write) apply(b []byte) []byte {
	if w.data == nil {
		return resize(b, w.size)
	}
	if end := w.at + int64(len(w.data)); end > int64(len(b)) {
		b = resize(b, end)
	}
	copy(b[w.at:], w.data)
	return b
}

func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

// write changes the file's bytes.
func (in *inode) write(w write) {
	in.data = w.apply(in.data)
	in.writes = append(in.writes, w)
	in.changed = time.Now()
}

// change changes the directory's names.
func (in *inode) change(c change) {
	c.apply(in.names)
	in.changes = append(in.changes, c)
	in.changed = time.Now()
}

func (c change) apply(names map[string]*inode) {
	for name, to := range c {
		if to == nil {
			delete(names, name)
		} else {
			names[name] = to
		}
	}
}

func (in *inode) sync() {
	in.safe, in.writes = slices.Clone(in.data), nil
	in.safeNames, in.changes = maps.Clone(in.names), nil
}

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// after makes what is there of a file or a directory after the power failed. Files with
// several names stay one: done has those that are made already.
func (in *inode) after(loss Loss, rng *rand.Rand, done map[*inode]*inode) *inode {
	if out := done[in]; out != nil {
		out.links++
		return out
	}
	out := &inode{number: in.number, mode: in.mode, links: 1, changed: in.changed}
	done[in] = out
	if !in.isDir() {
		out.data = in.bytesAfter(loss, rng)
		out.sync()
		return out
	}
	names := in.namesAfter(loss, rng)
	out.names = map[string]*inode{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out.names[name] = names[name].after(loss, rng, done)
	}
	out.sync()
	return out
}

func (in *inode) bytesAfter(loss Loss, rng *rand.Rand) []byte {
	switch loss {
	case LoseNothing:
		return slices.Clone(in.data)
	case LoseUnsynced:
		return slices.Clone(in.safe)
	}
	// The disk was free to write any of the sectors, in any order.
	b := slices.Clone(in.safe)
	for _, w := range in.writes {
		if w.data == nil {
			if rng.IntN(2) == 0 {
				b = w.apply(b)
			}
			continue
		}
		for from := int64(0); from < int64(len(w.data)); {
			to := min((w.at+from)/sector*sector+sector-w.at, int64(len(w.data)))
			if rng.IntN(2) == 0 {
				b = write{at: w.at + from, data: w.data[from:to]}.apply(b)
			}
			from = to
		}
	}
	return b
}

func (in *inode) namesAfter(loss Loss, rng *rand.Rand) map[string]*inode {
	switch loss {
	case LoseNothing:
		return in.names
	case LoseUnsynced:
		return in.safeNames
	}
	// Filesystems keep a journal of names, so that they are lost from the end.
	names := maps.Clone(in.safeNames)
	for _, c := range in.changes[:rng.IntN(len(in.changes)+1)] {
		c.apply(names)
	}
	return names
}
