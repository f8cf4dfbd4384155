package completeness

import (
	"bytes"
	"hash/crc32"
)

// checkXZ wants the footer of a stream within the last bytes of the file: a checksum, 6
// bytes that it is of, and a mark. Zeros in groups of four may follow, or anything.
// (xz-file-format.txt, section 2.1.2.)
func checkXZ(w *window) Verdict { return xzFooter(w, 64<<10) }

func exactXZ(w *window) Verdict { return xzFooter(w, 2<<20) }

func xzFooter(w *window, tail int) Verdict {
	t := w.tail(tail)
	for i := bytes.LastIndex(t, []byte("YZ")); i >= 10; i = bytes.LastIndex(t[:i], []byte("YZ")) {
		if crc32.ChecksumIEEE(t[i-6:i]) == le.Uint32(t[i-10:]) {
			return complete()
		}
	}
	if w.zeros() >= few {
		return incomplete("the compressed file has its size but its end is still empty")
	}
	return endMissing("compressed file")
}
