package completeness

import (
	"bytes"

	"scenario-drop/filetype/magic"
)

// checkTransport wants an MPEG transport stream to be whole packets of 188 bytes (192 and 204 with
// a time or error correction). It has no end, so the verdict is CannotTell at best.
func checkTransport(w *window) Verdict {
	n := int64(magic.PacketSize(w.head()))
	switch {
	case n == 0 && allZero(w.head()):
		return incomplete("the transport stream has its size but not yet its content")
	case n == 0:
		return cannotTell("its content is not a transport stream's")
	}
	mark := int64(0) // of a packet
	if n == 192 {
		mark = 4
	}
	count := w.size / n
	if last := w.at((count-1)*n, int(n)); last == nil || last[mark] != 0x47 {
		if allZero(last) {
			return incomplete("the transport stream has its size but its end is still empty")
		}
		return cannotTell("the transport stream goes on after its last packet with something else")
	}
	rest := w.at(count*n, int(w.size-count*n))
	switch {
	case int64(len(rest)) > mark && rest[mark] == 0x47, len(rest) > 0 && int64(len(rest)) <= mark:
		return incomplete("the transport stream's last packet is cut off")
	case len(rest) >= few && allZero(rest):
		return incomplete("the transport stream has its size but its end is still empty")
	default:
		return cannotTell("the transport stream does not say how long it is; its last packet is whole")
	}
}

// checkProgram wants the packets behind the last pack header of an MPEG program stream (ISO
// 13818-1, 2.5) to be whole. Its end mark is optional: without it the verdict is CannotTell
// at best.
func checkProgram(w *window) Verdict {
	const tail = 256 << 10
	t := w.tail(tail)
	i := bytes.LastIndex(t, []byte("\x00\x00\x01\xba"))
	switch {
	case i < 0 && allZero(t[max(0, len(t)-many):]):
		return incomplete("the program stream has its size but its end is still empty")
	case i < 0:
		return cannotTell("the program stream's last pack is too far from its end")
	}
	p := t[i:]
	for first := true; ; first = false {
		n := psPacket(p)
		switch {
		case n < 0 && first, n > len(p), n < 0 && len(p) < 6 && bytes.HasPrefix([]byte("\x00\x00\x01"), p[:min(3, len(p))]) && len(p) > 0:
			return incomplete("the program stream's last packet is cut off")
		case n == 0:
			return complete()
		case n < 0 && len(p) >= few && allZero(p):
			return incomplete("the program stream has its size but its end is still empty")
		case n < 0:
			return cannotTell("the program stream does not say how long it is; its last packet is whole")
		}
		p = p[n:]
	}
}

// psPacket is the length of the pack header or packet that p begins with; 0 for the end
// mark, -1 if it is none.
func psPacket(p []byte) int {
	if len(p) < 4 || p[0] != 0 || p[1] != 0 || p[2] != 1 {
		return -1
	}
	switch {
	case p[3] == 0xB9:
		return 0
	case p[3] == 0xBA && len(p) >= 14 && p[4]>>6 == 1:
		return 14 + int(p[13]&7)
	case p[3] == 0xBA && len(p) >= 12:
		return 12
	case p[3] >= 0xBB && len(p) >= 6:
		return 6 + int(be.Uint16(p[4:]))
	default:
		return -1
	}
}
