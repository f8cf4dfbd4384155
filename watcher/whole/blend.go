package whole

import "bytes"

// checkBLEND wants the block ENDB, which Blender writes last. Compressed files begin
// like Zstandard or gzip: Blender's Zstandard ends in a seek table with a mark of its
// own; gzip (before Blender 3.0) has none.
func checkBLEND(w *window) Verdict {
	const (
		zstd     = "\x28\xb5\x2f\xfd"
		seekable = "\xb1\xea\x92\x8f"
	)
	switch head := w.head(); {
	case bytes.HasPrefix(head, []byte("BLENDER")):
		if bytes.Contains(w.tail(64), append([]byte("ENDB"), make([]byte, blockHead(head)-4)...)) {
			return complete()
		}
		return endMissing("Blender file")
	case bytes.HasPrefix(head, []byte(zstd)):
		if string(w.tail(4)) == seekable {
			return complete()
		}
		return endMissing("Blender file")
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		if w.zeros() >= few {
			return incomplete("the Blender file has its size but its end is still empty")
		}
		return cannotTell("a Blender file compressed in the old way does not tell its end")
	case w.size < 7:
		return incomplete("only the first %d bytes of the Blender file are there", w.size)
	case allZero(head):
		return incomplete("the file has its size but not yet its content")
	default:
		return cannotTell("its content does not begin like a Blender file")
	}
}

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
