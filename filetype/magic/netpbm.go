package magic

import "bytes"

// netpbm are the pictures of Netpbm, whose headers are text: a letter and a digit, as a
// chapter's heading may be, so what follows must be all of a header.
var netpbm = []row{
	{"PNM", func(head []byte) bool { _, _, ok := PNM(head); return ok }},
	{"PAM", begins("P7\nWIDTH ", "P7\nHEIGHT ", "P7\nDEPTH ", "P7\n#")},
	{"PFM", pfm},
}

// PNM reads the header of a PBM, PGM or PPM: its kind, '1' to '6', and then width, height,
// the place of the picture in bytes, and the greatest value (1 for a PBM). Between the
// numbers are white space and comments; one white space ends the header.
func PNM(head []byte) (kind byte, n [4]int64, ok bool) {
	if len(head) < 3 || head[0] != 'P' || head[1] < '1' || head[1] > '6' {
		return 0, n, false
	}
	kind = head[1]
	want := 3
	if kind == '1' || kind == '4' {
		want = 2
	}
	var got [3]int64
	got[2] = 1
	i := 2
	for k := range want {
		start := i
		for i < len(head) && (space(head[i]) || head[i] == '#') {
			if head[i] == '#' {
				end := bytes.IndexByte(head[i:], '\n')
				if end < 0 {
					return 0, n, false
				}
				i += end
			}
			i++
		}
		digits := i
		for i < len(head) && head[i] >= '0' && head[i] <= '9' && i-digits < 7 {
			got[k] = got[k]*10*int64(min(i-digits, 1)) + int64(head[i]-'0')
			i++
		}
		if i == digits || digits == start || got[k] == 0 {
			return 0, n, false
		}
	}
	if i >= len(head) || !space(head[i]) || got[2] > 65535 {
		return 0, n, false
	}
	return kind, [4]int64{got[0], got[1], int64(i + 1), got[2]}, true
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// pfm recognises the letters, a line with two numbers and one with another.
func pfm(head []byte) bool {
	if !begins("PF\n", "Pf\n")(head) {
		return false
	}
	lines := bytes.SplitN(head, []byte("\n"), 4)
	if len(lines) < 4 || len(bytes.Fields(lines[1])) != 2 || len(lines[2]) == 0 {
		return false
	}
	for _, c := range append(bytes.Clone(lines[1]), lines[2]...) {
		if !bytes.ContainsRune([]byte("0123456789 .+-eE\r"), rune(c)) {
			return false
		}
	}
	return true
}
