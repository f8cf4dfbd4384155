package completeness

import (
	"bytes"
	"encoding/binary"
)

// checkBLEND wants the block ENDB, which Blender writes last. Compressed files begin like
// Zstandard or, before Blender 3.0, gzip.
func checkBLEND(w *window) Verdict {
	head := w.head()
	if !bytes.HasPrefix(head, []byte("BLENDER")) {
		return checkCompressed(w)
	}
	if bytes.Contains(w.tail(64), blendEnd(head)) {
		return complete()
	}
	return endMissing("Blender file")
}

// exactBLEND looks for ENDB in the last megabyte, then walks all blocks.
func exactBLEND(w *window) Verdict {
	head := w.head()
	if !bytes.HasPrefix(head, []byte("BLENDER")) {
		v := exactCompressed(w)
		if bytes.HasPrefix(head, []byte(zstdSignature)) {
			return v.atMost(CannotTell, "the Blender file's seek table is not at its end")
		}
		return v
	}
	if bytes.Contains(w.tail(1<<20), blendEnd(head)) {
		return complete()
	}
	if len(head) < 20 {
		return endMissing("Blender file")
	}
	start, n := int64(12), blockHead(head)
	var order binary.ByteOrder = le
	switch {
	case n == 32:
		start = 17
	case head[8] == 'V':
		order = be
	}
	s := w.stream(start)
	b := make([]byte, n)
	for {
		for i := range b {
			c, ok := s.next()
			if !ok {
				return endMissing("Blender file")
			}
			b[i] = c
		}
		size := int64(order.Uint32(b[4:]))
		if n == 32 {
			size = length(order.Uint64(b[16:]))
		}
		switch {
		case string(b[:4]) == "ENDB":
			return complete()
		case allZero(b):
			return incomplete("the Blender file has its size but its end is still empty")
		case !s.skip(size):
			return incomplete("the Blender file breaks off in its last part")
		}
	}
}

func blendEnd(head []byte) []byte { return append([]byte("ENDB"), make([]byte, blockHead(head)-4)...) }

// blockHead is the length of a block's head, of which ENDB's is zeros but for its name.
// The file's header tells it: since Blender 5.0 by its own length in two digits, before
// by a mark for pointers of 4 bytes.
func blockHead(head []byte) int {
	switch {
	case len(head) > 7 && head[7] >= '0' && head[7] <= '9':
		return 32
	case len(head) > 7 && head[7] == '_':
		return 20
	default:
		return 24
	}
}

// checkCompressed is the check of a file in one of the formats for a single compressed
// file, whatever its name promises.
func checkCompressed(w *window) Verdict {
	switch head := w.head(); {
	case bytes.HasPrefix(head, []byte(zstdSignature)):
		return checkZstd(w)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return checkGZIP(w)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return checkXZ(w)
	case w.size < 7:
		return onlyFirst(w.size, "file")
	case allZero(head):
		return incomplete("the file has its size but not yet its content")
	default:
		return cannotTell("its content does not begin as its name promises")
	}
}

func exactCompressed(w *window) Verdict {
	switch head := w.head(); {
	case bytes.HasPrefix(head, []byte(zstdSignature)):
		return exactZstd(w)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return exactGZIP(w)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return exactXZ(w)
	default:
		return checkCompressed(w)
	}
}
