package whole

import "bytes"

// checkOGG wants the last page whole and marked as the end of its stream. A page is at
// most 65 307 bytes long, so the last one begins in the tail.
func checkOGG(w *window) Verdict {
	const longest = 27 + 255 + 255*255
	t := w.tail(longest)
	for i := bytes.LastIndex(t, []byte("OggS\x00")); i >= 0; i = bytes.LastIndex(t[:i], []byte("OggS\x00")) {
		p := t[i:]
		n, ok := oggPage(p)
		switch {
		case !ok || n > len(p):
			return incomplete("the OGG's last page is cut off")
		case p[5]&4 == 0 && n < len(p) && len(p)-n < 27:
			return incomplete("the OGG's last page is cut off")
		case p[5]&4 != 0 && oggSum(p[:n]) == le.Uint32(p[22:]):
			return complete()
		case p[5]&4 != 0 && p[n-1] == 0:
			return incomplete("the OGG has its size but its end is still empty")
		case p[5]&4 != 0:
			return cannotTell("the OGG's last page is damaged")
		case allZero(p[n:]) && n < len(p):
			return incomplete("the OGG has its size but its end is still empty")
		case n == len(p):
			return incomplete("the mark that ends the OGG is missing from its last page")
		}
		// The capture pattern may occur by chance within a page: look further back.
	}
	return incomplete("the OGG's last page is missing")
}

// oggPage returns the length of the page that p begins with.
func oggPage(p []byte) (int, bool) {
	if len(p) < 27 || len(p) < 27+int(p[26]) {
		return 0, false
	}
	n := 27 + int(p[26])
	for _, s := range p[27:n] {
		n += int(s)
	}
	return n, true
}

// oggSum is a page's checksum, computed with its own field as zeros.
func oggSum(p []byte) (c uint32) {
	for i, b := range p {
		if i >= 22 && i < 26 {
			b = 0
		}
		c ^= uint32(b) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04C11DB7
			} else {
				c <<= 1
			}
		}
	}
	return c
}
