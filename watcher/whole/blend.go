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
		// A block's head is 20, 24 or 32 bytes long, and ENDB's is zeros but for its name.
		t := w.tail(32)
		if i := bytes.LastIndex(t, []byte("ENDB")); i >= 0 && len(t)-i >= 20 && allZero(t[i+4:]) {
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
