package completeness

import "io"

// MinGap is the length in bytes from which on a run of zeros says something. Deflate stores
// what it cannot pack in blocks of 65 535 bytes, with a mark between; a page of OGG, a segment of
// JPEG and a frame of sound are shorter.
const MinGap = 68 << 10

// WithGap is the verdict on a file of which Check said v, and of which nobody has written the
// bytes from from up to to: they read as zeros. A transfer in several segments that was
// stopped leaves a file of its full size, with its end, and with such gaps. Where the format
// has no room for them the file is Incomplete; where zeros may be meant (silence, a black
// picture without compression, padding, what was cut out of an index) v stays as it is. What
// lies at the end of the file is Check's business, and is left to it.
//
// It reads as Check does, and is as safe.
func (v Verdict) WithGap(r io.ReaderAt, size, from, to int64) Verdict {
	if v.State == Incomplete || v.Err != nil || from < 0 || to-from < MinGap || to >= size {
		return v
	}
	forbidden, ok := gapRules()[v.Format]
	if !ok {
		return v
	}
	w := newWindow(r, size, MaxReads, MaxRead)
	empty := forbidden == nil || forbidden(w, from, to)
	if w.failed() || !empty {
		return v
	}
	out := incomplete("%d bytes in its middle, from byte %d on, have not been written yet", to-from, from)
	out.Format = v.Format
	return out
}

// gapRules tell by the format whether a gap cannot be; nil: it never can.
func gapRules() map[string]func(w *window, from, to int64) bool {
	return map[string]func(w *window, from, to int64) bool{
		"PNG": nil, "JPEG": nil, "GIF": nil, "WebP": nil, "JXL": nil, "QOI": nil, "compressed": nil,
		"OGG": nil, "AAC": nil, // a page has 65 307 bytes at most, a frame 8191
		// Text has no zeros at all.
		"SVG": nil, "COLLADA": nil, "XML": nil, "X3D": nil, "glTF": nil, "JSON": nil, "JSON lines": nil, "OBJ": nil, "MTL": nil,
		"USDA": nil, "VRML": nil, "Maya ASCII": nil,

		"MP3": gapInMP3, "FLAC": gapInFLAC, "ZIP": gapInZIP, "EXR": gapInEXR,
		"MP4": gapInBMFF, "MOV": gapInBMFF, "M4A": gapInBMFF, "HEIC": gapInBMFF, "AVIF": gapInBMFF, "CR3": gapInBMFF,
		"WebM": gapInEBML, "MKV": gapInEBML,
	}
}

// gapInMP3 allows for the padding of the tags before the sound.
func gapInMP3(w *window, _, to int64) bool {
	start, v := mp3Start(w)
	return v.State == Complete && to > start
}

// gapInFLAC allows for the padding and the pictures before the sound.
func gapInFLAC(w *window, _, to int64) bool {
	off := int64(4)
	for range 128 { // the kinds of blocks there may be
		h := w.at(off, 4)
		if h == nil {
			return false
		}
		off += 4 + int64(be.Uint32(h)&0xFFFFFF)
		if h[0]&0x80 != 0 {
			return to > off
		}
	}
	return false
}

// gapInBMFF looks at which box the gap begins in. Where a box should begin in it, or in the
// middle of picture and sound, it cannot be; padding and an index may hold anything.
func gapInBMFF(w *window, from, to int64) bool {
	off := int64(0)
	for range 64 {
		if off >= from && off+8 <= to {
			return true
		}
		h := w.at(off, 16)
		if h == nil {
			return false
		}
		n := int64(be.Uint32(h))
		switch n {
		case 0:
			n = w.size - off
		case 1:
			n = length(be.Uint64(h[8:]))
		}
		if n < 8 || n > w.size-off {
			return false
		}
		if from < off+n && string(h[4:8]) == "mdat" {
			return true
		}
		if to <= off+n {
			return false
		}
		off += n
	}
	return false
}

// gapInEBML is gapInBMFF for the elements of a segment: clusters hold the frames.
func gapInEBML(w *window, from, to int64) bool {
	const ebmlCluster = 0x1F43B675
	_, n, body := ebmlElement(w, 0)
	if body == 0 || n < 0 {
		return false
	}
	id, _, at := ebmlElement(w, body+n)
	if at == 0 || id != ebmlSegment {
		return false
	}
	for range 64 {
		if at >= from && at+8 <= to {
			return true
		}
		id, n, body := ebmlElement(w, at)
		if body == 0 {
			return false
		}
		if n < 0 { // of unknown length: a cluster that is being written
			return id == ebmlCluster && from >= at
		}
		if n > w.size-body {
			return false
		}
		if from < body+n && id == ebmlCluster {
			return true
		}
		if to <= body+n {
			return false
		}
		at = body + n
	}
	return true // clusters come last, and there are many of them
}

// gapInEXR looks in the table of chunks: one that begins in the gap, with its row or place and
// its length, cannot be, nor a gap anywhere behind the table of a compressed picture.
func gapInEXR(w *window, from, to int64) bool {
	if len(w.head()) < 9 {
		return false
	}
	e := exr{walker: walker{w: w, piece: 16 << 10}, off: 8, flags: w.head()[5]}
	if e.headers().State != Complete {
		return false
	}
	const most = MaxRead / 16 // entries of 8 bytes
	chunks, packed := int64(0), true
	for i := range e.parts {
		n := e.parts[i].count()
		if n <= 0 || n > most-chunks {
			return false
		}
		chunks += n
		packed = packed && e.parts[i].compresses()
	}
	for t := w.at(e.off, int(8*chunks)); len(t) > 0; t = t[8:] {
		if at := length(le.Uint64(t)); at >= from && at+8 <= to {
			return true
		}
	}
	return packed && from >= e.off+8*chunks
}

// gapInZIP looks in the table of contents: a file in the archive that begins in the gap, or
// is compressed and holds it, cannot be. One that is only stored may hold zeros.
func gapInZIP(w *window, from, to int64) bool {
	const record, entry = 22, 46
	t := w.tail(record + 0xFFFF)
	for i := len(t) - record; i >= 0; i-- {
		if string(t[i:i+4]) != "PK\x05\x06" {
			continue
		}
		size, start := int64(le.Uint32(t[i+12:])), int64(le.Uint32(t[i+16:]))
		if size > 512<<10 || start > w.size-size {
			return false // of large archives no more is read
		}
		dir := w.at(start, int(size))
		for len(dir) >= entry && string(dir[:4]) == "PK\x01\x02" {
			method, packed, at := le.Uint16(dir[10:]), int64(le.Uint32(dir[20:])), int64(le.Uint32(dir[42:]))
			if at >= from && at+4 <= to {
				return true
			}
			if method == 8 && at < from && to <= at+packed {
				return true
			}
			skip := entry + int(le.Uint16(dir[28:])) + int(le.Uint16(dir[30:])) + int(le.Uint16(dir[32:]))
			dir = dir[min(skip, len(dir)):]
		}
		return false
	}
	return false
}
