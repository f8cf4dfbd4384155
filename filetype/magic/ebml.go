package magic

// ebml wants a header of a length that makes sense behind the mark.
func ebml(head []byte) bool {
	return begins("\x1a\x45\xdf\xa3")(head) && (len(head) < 5 || head[4] != 0)
}

// EBMLNumber reads the number of variable length that p begins with (RFC 8794, section 4): an
// element's id with the mark of its length, or a size without it. n is how many bytes it takes,
// 0 if there is no number.
func EBMLNumber(p []byte, mark bool) (v uint64, n int) {
	if len(p) == 0 || p[0] == 0 {
		return 0, 0
	}
	n = 1
	for p[0]&(0x80>>(n-1)) == 0 {
		n++
	}
	if n > len(p) {
		return 0, 0
	}
	for _, b := range p[:n] {
		v = v<<8 | uint64(b)
	}
	if !mark {
		v &= 1<<(7*n) - 1
	}
	return v, n
}
