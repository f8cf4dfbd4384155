package completeness

import "scenario-drop/filetype/magic"

const (
	ebmlDocType  = 0x4282
	ebmlSegment  = 0x18538067
	ebmlSeekHead = 0x114D9B74
	ebmlSeek     = 0x4DBB
	ebmlSeekID   = 0x53AB
	ebmlSeekPos  = 0x53AC
	ebmlCues     = 0x1C53BB6B
)

// checkEBML wants the length that a WebM's or Matroska's segment declares, and the index
// (Cues) to be where its table of contents says. A segment of unknown length is what a
// muxer writes while it works and a browser's recorder leaves for good: CannotTell.
func checkEBML(w *window) Verdict {
	name := "WebM"
	_, n, body := ebmlElement(w, 0)
	if body == 0 || n < 0 {
		return onlyFirst(w.size, "video")
	}
	if doc := ebmlFind(w.at(body, int(min(n, 256))), ebmlDocType); string(doc) == "matroska" {
		name = "MKV"
	}
	v := ebmlBody(w, name, body+n)
	v.Format = name
	return v
}

func ebmlBody(w *window, name string, off int64) Verdict {
	for range 8 {
		id, n, body := ebmlElement(w, off)
		switch {
		case body == 0:
			return incomplete("the %s breaks off after its header", name)
		case id == 0:
			return incomplete("the %s has its size but not yet its content", name)
		case id != ebmlSegment && n >= 0:
			off = body + n
			continue
		case id != ebmlSegment:
			return cannotTell("the %s is not built as expected", name)
		}
		if n >= 0 && body+n > w.size {
			return tooShort(w, name, body+n)
		}
		switch cues := ebmlCuesAt(w, body); {
		case cues > 0 && string(w.at(cues, 4)) != "\x1c\x53\xbb\x6b":
			return incomplete("the %s's index is not where its header says", name)
		case n < 0:
			return cannotTell("the %s was written as a stream and does not say how long it is", name)
		case n == 0:
			return unpatched(name)
		default:
			return w.part(0, body+n).filled(true)
		}
	}
	return cannotTell("the %s is not built as expected", name)
}

// ebmlCuesAt reads the place of the index from the table of contents (SeekHead) that is
// first in the segment, behind padding perhaps; 0 if there is none.
func ebmlCuesAt(w *window, segment int64) int64 {
	off := segment
	for range 4 {
		id, n, body := ebmlElement(w, off)
		if body == 0 || n < 0 {
			return 0
		}
		if id != ebmlSeekHead {
			off = body + n
			continue
		}
		for p := w.at(body, int(min(n, 4096))); len(p) > 0; {
			id, data, rest := ebmlNext(p)
			if data == nil {
				return 0
			}
			if id == ebmlSeek && ebmlUint(ebmlFind(data, ebmlSeekID)) == ebmlCues {
				return segment + length(ebmlUint(ebmlFind(data, ebmlSeekPos)))
			}
			p = rest
		}
		return 0
	}
	return 0
}

// ebmlElement reads the head of the element at off: its id, the length of its data (-1:
// unknown), and where the data begins (0: not in the file).
func ebmlElement(w *window, off int64) (id uint64, n, body int64) {
	if off < 0 || off >= w.size {
		return 0, 0, 0
	}
	p := w.at(off, int(min(12, w.size-off)))
	id, a := magic.EBMLNumber(p, true)
	if a == 0 {
		if len(p) > 0 && p[0] == 0 {
			return 0, 0, off + 1
		}
		return 0, 0, 0
	}
	size, b := magic.EBMLNumber(p[a:], false)
	if b == 0 {
		return 0, 0, 0
	}
	if size == 1<<(7*b)-1 {
		return id, -1, off + int64(a+b)
	}
	return id, length(size), off + int64(a+b)
}

// ebmlNext splits the first element off p; data is nil if it is not whole.
func ebmlNext(p []byte) (id uint64, data, rest []byte) {
	id, a := magic.EBMLNumber(p, true)
	n, b := magic.EBMLNumber(p[a:], false)
	if a == 0 || b == 0 || n > uint64(len(p)-a-b) {
		return 0, nil, nil
	}
	return id, p[a+b:][:n:n], p[a+b+int(n):]
}

func ebmlFind(p []byte, want uint64) []byte {
	for len(p) > 0 {
		id, data, rest := ebmlNext(p)
		if data == nil || id == want {
			return data
		}
		p = rest
	}
	return nil
}

func ebmlUint(p []byte) (v uint64) {
	for _, b := range p {
		v = v<<8 | uint64(b)
	}
	return v
}
