package completeness

import (
	"bytes"
	"regexp"
	"strconv"

	"scenario-drop/filetype/magic"
)

var eoi = []byte{0xFF, 0xD9}

// checkJPEG walks the segments to the picture's data, past thumbnails with end marks of
// their own, and then looks for the end mark (EOI) near the end of the file: within the
// data FF D9 cannot occur. Further pictures (MPF: previews, gain maps), a video (motion
// photos) and Samsung's trailer may follow it, and must be there where the header says so;
// a header that promises them in a file that ends with the picture is taken for a leftover
// of an editor, and the verdict is CannotTell. What else follows does not matter.
func checkJPEG(w *window) Verdict {
	p := jpegPlan{scan: 2}
	if v, ok := p.walk(w, 64); !ok {
		return v
	}
	if v := p.promised(w); v.State != Complete {
		return v
	}
	if string(w.tail(4)) == "SEFT" { // the end of Samsung's trailer
		return complete()
	}
	end := w.size - p.video
	from := max(p.scan, end-64<<10)
	if from < end && bytes.Contains(w.at(from, int(end-from)), eoi) {
		return complete()
	}
	return endMissing("JPEG")
}

// jpegPlan is what a JPEG's header says about the rest of the file.
type jpegPlan struct {
	scan  int64  // where the picture's data begins
	more  []span // further pictures
	video int64  // length of the video at the end; 0: none
}

// span is a part of a file, in bytes.
type span struct{ from, end int64 }

// walk reads so many segments up to the picture's data, past bytes that belong to none, as
// readers do; with false, the verdict stands.
func (p *jpegPlan) walk(w *window, segments int) (Verdict, bool) {
	for range segments {
		h := w.at(p.scan, 4)
		if h != nil && h[0] != 0xFF {
			at := w.find(p.scan, min(w.size, p.scan+piece), []byte{0xFF})
			if p.scan = max(p.scan, at); at >= 0 {
				continue
			}
			h = nil
		}
		if h == nil {
			return incomplete("the JPEG breaks off before its picture begins"), false
		}
		switch m := h[1]; {
		case m == 0xFF: // filling
			p.scan++
			continue
		case m == 0x01 || m >= 0xD0 && m <= 0xD8: // markers without a length
			p.scan += 2
			continue
		}
		n := int64(be.Uint16(h[2:]))
		body := p.scan + 4
		if n < 2 || body+n-2 > w.size {
			return incomplete("the JPEG breaks off before its picture begins"), false
		}
		switch h[1] {
		case 0xE1:
			p.motion(w, body, n-2)
		case 0xE2:
			p.pictures(w, body, n-2)
		}
		p.scan = body + n - 2
		if h[1] == 0xDA {
			return Verdict{}, true
		}
	}
	return Verdict{}, true
}

// pictures reads the index of an MPF segment (CIPA DC-007): a small TIFF whose tag B002
// lists attribute, size, offset and two more, 16 bytes for each picture.
func (p *jpegPlan) pictures(w *window, off, n int64) {
	b := w.at(off, int(n))
	if len(b) < 12 || string(b[:4]) != "MPF\x00" {
		return
	}
	base, b := off+4, b[4:]
	order := byteOrder(b)
	if order == nil {
		return
	}
	ifd := int64(order.Uint32(b[4:]))
	if ifd > int64(len(b))-2 {
		return
	}
	count := int(order.Uint16(b[ifd:]))
	for e := b[ifd+2:]; count > 0 && len(e) >= 12; count, e = count-1, e[12:] {
		if order.Uint16(e) != 0xB002 {
			continue
		}
		size, at := int64(order.Uint32(e[4:])), int64(order.Uint32(e[8:]))
		if at > int64(len(b)) || size > int64(len(b))-at {
			return
		}
		for list := b[at : at+size]; len(list) >= 16; list = list[16:] {
			if rel := int64(order.Uint32(list[8:])); rel != 0 { // 0: the first picture
				p.more = append(p.more, span{base + rel, base + rel + int64(order.Uint32(list[4:]))})
			}
		}
	}
}

var motionLength = regexp.MustCompile(`(?:MicroVideoOffset(?:="|>)|Mime="video/mp4"[^<>]{0,400}?Length="|Length="(\d{1,18})"[^<>]{0,400}?Mime="video/mp4)(\d{0,18})`)

// motion finds the length of a motion photo's video in the XMP segment.
func (p *jpegPlan) motion(w *window, off, n int64) {
	const xmp = "http://ns.adobe.com/xap/1.0/\x00"
	if h := w.at(off, len(xmp)); n < int64(len(xmp)) || string(h) != xmp {
		return
	}
	m := motionLength.FindSubmatch(w.at(off, int(n)))
	if m == nil {
		return
	}
	if v, err := strconv.ParseInt(string(m[1])+string(m[2]), 10, 64); err == nil {
		p.video = v
	}
}

// promised checks what the header says follows the picture.
func (p *jpegPlan) promised(w *window) Verdict {
	var end int64
	for _, m := range p.more {
		end = max(end, m.end)
	}
	switch {
	case end > w.size:
		return incomplete("the JPEG should hold further pictures up to byte %d, and only %d bytes are there", end, w.size)
	case end > 0 && allZero(w.at(end-2, 2)):
		return incomplete("the JPEG's further pictures are still empty")
	}
	if p.video == 0 {
		return complete()
	}
	video := w.part(w.size-p.video, p.video)
	if video == nil || !isMovie(video) {
		return incomplete("the JPEG's video part is not there")
	}
	v := checkBMFF(video)
	v.Format = "" // it is the JPEG that is judged
	return v
}

func isMovie(w *window) bool {
	switch magic.Of(w.head()) {
	case "MP4", "MOV", "M4A":
		return true
	}
	return false
}
