package completeness

import "encoding/binary"

// sound is a RIFF or IFF file of sound: WAV and AIFF, whose chunks differ in the order of
// bytes and the name of the chunk with the samples.
type sound struct {
	w      *window
	what   string
	order  binary.ByteOrder
	data   string // the samples' chunk
	stated uint32 // length of the whole, behind its first 8 bytes

	large          bool // RF64 and BW64: the lengths are in a chunk ds64
	form64, data64 int64

	end, next int64 // of the samples, and the chunk behind them
}

// check wants the samples to be all there, by the length of their chunk, and what follows
// them by the length of the whole. Both are entered last: what a program wrote into a pipe,
// or never finished, has zeros or the largest number there, and does not tell its length.
func (s *sound) check() Verdict {
	if v := s.walk(); v.State != Complete {
		return v
	}
	end := 8 + int64(s.stated)
	unknown := s.stated == 0 || endless(s.stated)
	if s.large && s.stated == 0xFFFFFFFF {
		end, unknown = 8+s.form64, s.form64 == 0
	}
	atEnd := s.w.size-s.end <= 1
	switch {
	case unknown && (s.stated == 0 || !atEnd):
		return endlessVerdict(s.what)
	case unknown:
		end = s.end
	case end <= s.w.size, atEnd && end-s.w.size <= 8, s.unpadded(end):
		// Some programs count the header's 8 bytes, or a byte of padding that they do not write.
	default:
		return tooShort(s.w, s.what, end)
	}
	// What stands behind the stated end is none of the file.
	end = min(max(end, s.end), s.w.size)
	return s.w.upTo(end).filled(false)
}

// walk finds the samples.
func (s *sound) walk() Verdict {
	off := int64(12)
	for range 64 {
		id, n := s.chunk(off)
		switch {
		case id == "" && off+8 <= s.w.size && allZero(s.w.at(off, 8)):
			return incomplete("the %s has its size but not yet its content", s.what)
		case id == "" && off+8 <= s.w.size:
			return cannotTell("the %s is not built as expected", s.what)
		case id == "" && off >= 8+int64(s.stated) && s.stated > 0:
			return cannotTell("the %s has no sound", s.what)
		case id == "":
			return incomplete("the %s's sound is missing", s.what)
		case id == "ds64" && s.large:
			if d := s.w.at(off+8, 16); d != nil {
				s.form64, s.data64 = length(le.Uint64(d)), length(le.Uint64(d[8:]))
			}
		case id == s.data:
			return s.samples(off+8, n)
		}
		off = s.behind(off, n)
	}
	return cannotTell("the %s's header has too many parts", s.what)
}

// samples is the verdict on the samples' chunk, whose content of n bytes begins at off.
func (s *sound) samples(off, n int64) Verdict {
	switch {
	case s.large && n == 0xFFFFFFFF && (s.data64 == 0 || s.data64 >= length(1<<63-1)):
		return endlessVerdict(s.what)
	case s.large && n == 0xFFFFFFFF:
		n = s.data64
	case endless(uint32(n)):
		return endlessVerdict(s.what)
	case n == 0 && off < s.w.size:
		// Nothing behind it but chunks: there are no samples. Otherwise the length was never entered.
		if id, next := s.chunk(off); id == "" || off+8+next > s.w.size {
			return endlessVerdict(s.what)
		}
	}
	if n > s.w.size-off {
		return tooShort(s.w, s.what, off+n)
	}
	s.end, s.next = off+n, s.behind(off-8, n)
	return complete()
}

// chunk is the name and length of the chunk at off; "" if there is none.
func (s *sound) chunk(off int64) (string, int64) {
	h := s.w.at(off, 8)
	if h == nil || !boxType(h[:4]) {
		return "", 0
	}
	return string(h[:4]), int64(s.order.Uint32(h[4:]))
}

// behind is where the next chunk begins: at an even offset, but for programs that forget
// the padding.
func (s *sound) behind(off, n int64) int64 {
	next := off + 8 + n
	if n&1 == 0 {
		return next
	}
	if id, _ := s.chunk(next + 1); id == "" {
		if id, _ := s.chunk(next); id != "" {
			return next
		}
	}
	return next + 1
}

// unpadded reports whether all that the whole's length has too much is the padding of the
// last chunk: the chunks behind the samples are there, to the end of the file.
func (s *sound) unpadded(end int64) bool {
	if end-s.w.size > 8 {
		return false
	}
	off := s.next
	for range 16 {
		id, n := s.chunk(off)
		if id == "" {
			return false
		}
		if off+8+n == s.w.size {
			return true
		}
		off = s.behind(off, n)
	}
	return false
}

func checkWAV(w *window) Verdict {
	h := w.head()
	s := sound{w: w, what: "WAV", order: le, data: "data", stated: le.Uint32(h[4:]), large: string(h[:4]) != "RIFF"}
	return s.check()
}

func checkAIFF(w *window) Verdict {
	s := sound{w: w, what: "AIFF", order: be, data: "SSND", stated: be.Uint32(w.head()[4:])}
	return s.check()
}
