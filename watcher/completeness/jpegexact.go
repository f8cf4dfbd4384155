package completeness

import "bytes"

// exactJPEG searches the picture's data for its end mark, from its beginning on, and looks
// for what the header promises where it really stands: an editor that has changed the
// picture's length, or added bytes at the end, has moved it.
func exactJPEG(w *window) Verdict {
	p := jpegPlan{scan: 2}
	end, v := p.picture(w)
	if v.State != Complete {
		return v
	}
	var leftover bool
	last := end
	for _, m := range p.more {
		last = max(last, m.end)
	}
	full := w.size == last+p.video // so zeros are no padding
	for _, m := range p.more {
		start := w.at(m.from, int(min(2, w.size-m.from)))
		switch {
		case m.from < end: // from before an edit
		case m.from >= w.size:
			leftover = true
		case bytes.HasPrefix([]byte("\xff\xd8"), start):
			if v := furtherPicture(w, m); v.State != Complete {
				return v
			}
		case allZero(start) && full:
			return incomplete("the JPEG's further pictures are still empty")
		default:
			leftover = true
		}
	}
	if leftover {
		return cannotTell("the JPEG's index names further pictures that are not there, but the picture itself is complete")
	}
	if p.video > 0 {
		return p.videoBehind(w, end, full)
	}
	return complete()
}

// picture finds the end of the picture.
func (p *jpegPlan) picture(w *window) (end int64, v Verdict) {
	if v, ok := p.walk(w, 4096); !ok {
		return 0, v
	}
	i := w.find(p.scan, w.size, eoi)
	if i < 0 {
		return 0, endMissing("JPEG")
	}
	return i + 2, complete()
}

// furtherPicture wants the end mark of a picture behind the first.
func furtherPicture(w *window, m span) Verdict {
	if part := w.part(m.from, min(m.end, w.size)-m.from); part != nil {
		p := jpegPlan{scan: 2}
		if _, v := p.picture(part); v.State == Complete {
			return v
		}
	}
	return incomplete("the JPEG should hold further pictures up to byte %d, and the last is cut off", m.end)
}

// videoBehind looks for a motion photo's video behind the picture's end.
func (p *jpegPlan) videoBehind(w *window, end int64, full bool) Verdict {
	rest := w.size - end
	box := w.find(end, w.size, []byte("ftyp")) - 4
	first := w.at(end, 1)
	switch {
	case box >= end:
		v := checkBMFF(w.part(box, w.size-box))
		v.Format = "" // it is the JPEG that is judged
		return v
	case full && w.zeroFrom(w.size-p.video, w.size):
		return incomplete("the JPEG's video part is still empty")
	case rest > 0 && rest < 8 && first != nil && first[0] == 0:
		return incomplete("the JPEG's video part is cut off")
	default:
		return cannotTell("the JPEG's description names a video that is not there, but the picture itself is complete")
	}
}
