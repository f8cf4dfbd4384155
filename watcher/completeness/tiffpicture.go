package completeness

import "bytes"

// tiffFields are the entries of a directory.
type tiffFields struct {
	t      *tiff
	fields map[uint16]field
}

// Compressions (tag 259) of which more is known than that they compress.
const (
	tiffPlain    = 1
	tiffG4       = 4
	tiffLZW      = 5
	tiffOldJPEG  = 6
	tiffJPEG     = 7
	tiffDeflate  = 8
	tiffPackBits = 32773
	tiffLZMA     = 34925
	tiffZIP      = 32946 // the same as 8
	tiffZstd     = 50000
	tiffWebP     = 50001
)

// tiffImage is what a directory says of its picture.
type tiffImage struct {
	compression int64
	height      int64
	rows        int64 // of a strip
	rowLength   int64 // decompressed, in bytes; 0: not known
	unit        int64 // length of a strip or tile, decompressed, in bytes; 0: not known
}

// values reads n numbers of a field from the one numbered from.
func (d tiffFields) values(tag uint16, from, n int64) []int64 {
	f, ok := d.fields[tag]
	n = min(n, f.count-from)
	if !ok || n <= 0 || f.size != 2 && f.size != 4 && f.size != 8 {
		return nil
	}
	b := d.t.w.at(f.at+from*f.size, int(n*f.size))
	v := make([]int64, 0, n)
	for ; len(b) > 0; b = b[f.size:] {
		v = append(v, d.t.uint(b[:f.size]))
	}
	return v
}

// value is the first number of a field, or another if it is not there.
func (d tiffFields) value(tag uint16, other int64) int64 {
	if v := d.values(tag, 0, 1); len(v) > 0 {
		return v[0]
	}
	return other
}

// picture checks that the strips, the tiles and the embedded JPEG of a directory lie in
// the file.
func (d tiffFields) picture() Verdict {
	image := d.image()
	for _, tags := range [][2]uint16{{273, 279}, {324, 325}} { // strips, tiles: offsets, byte counts
		if v := d.strips(tags[0], tags[1], image); v.State != Complete {
			return v
		}
	}
	off, size := d.value(513, 0), d.value(514, 0)
	if off > 0 && size > 0 && image.compression != tiffOldJPEG { // where strips say it too, and better
		if size > d.t.w.size || off > d.t.w.size-size {
			return incomplete("the TIFF breaks off in the middle of its preview")
		}
		d.t.pixels = true
		d.t.reach(off+size, tiffImage{compression: tiffJPEG}, size)
	}
	if raw := d.value(280, 0); d.t.panasonic && raw > 0 {
		return d.panasonic(raw)
	}
	return complete()
}

// panasonic checks the data of an RW2, which goes to the end of the file: the sensor's
// pixels (tags 2 and 3), of which at most 14 are in 16 bytes in its formats (tag 45) up to
// the seventh. The byte count that it has means something else in some cameras' files.
func (d tiffFields) panasonic(raw int64) Verdict {
	var pixels int64
	if width, height := d.value(2, 0), d.value(3, 0); d.value(45, 4) <= 7 && width < 1<<16 && height < 1<<16 {
		pixels = width * height
	}
	if raw >= d.t.w.size || raw+pixels/14*16 > d.t.w.size {
		return incomplete("the raw file breaks off in the middle of the picture")
	}
	d.t.pixels, d.t.doubt = true, "the raw file does not say how long its picture is"
	return complete()
}

// image reads the size of the picture.
func (d tiffFields) image() tiffImage {
	i := tiffImage{compression: d.value(259, tiffPlain), height: d.value(257, 0)}
	width, samples, bits := d.value(256, 0), d.value(277, 1), d.value(258, 1)
	if width > 1<<24 || i.height > 1<<24 || samples > 1<<16 || bits > 64 {
		return tiffImage{compression: i.compression}
	}
	if d.value(284, 1) == 2 { // each sample has strips of its own
		samples = 1
	}
	i.rows = min(d.value(278, i.height), i.height)
	if d.value(262, 0) != 6 { // YCbCr may have fewer samples of color
		i.rowLength = (width*samples*bits + 7) / 8
		i.unit = i.rows * i.rowLength
	}
	if _, tiled := d.fields[324]; tiled {
		x, y := d.value(322, 0), d.value(323, 0)
		i.rows, i.rowLength = 0, 0
		if i.unit = 0; x < 1<<24 && y < 1<<24 {
			i.unit = min((x*samples*bits+7)/8*y, 1<<40)
		}
	}
	return i
}

// need is the length of the strip of that number when it is not compressed, in bytes; 0 if
// it cannot be known.
func (i tiffImage) need(strip int64) int64 {
	if i.compression != tiffPlain || i.rows <= 0 || i.rowLength <= 0 {
		return 0
	}
	perPlane := (i.height + i.rows - 1) / i.rows
	return min(i.rows, i.height-strip%perPlane*i.rows) * i.rowLength
}

// strips checks that the strips or tiles lie in the file. Plain ones need not be as long as
// is said, and some writers do not say it.
func (d tiffFields) strips(offs, lens uint16, image tiffImage) Verdict {
	const window = 4096 // of the first, and of the last, are looked at
	t := d.t
	n := d.fields[offs].count
	_, told := d.fields[lens]
	if told {
		n = min(n, d.fields[lens].count)
	}
	for _, from := range []int64{0, max(window, n-window)} {
		k := min(window, n-from)
		if k <= 0 {
			continue
		}
		o, l := d.values(offs, from, k), d.values(lens, from, k)
		for i := range o {
			need, size := image.need(from+int64(i)), int64(0)
			if i < len(l) {
				size = l[i]
			}
			switch {
			case o[i] == 0 && size == 0: // a tile left out
				continue
			case t.panasonic && o[i] == 0xFFFFFFFF: // the data is told in another way
				continue
			case o[i] == 0:
				return incomplete("a part of the TIFF's picture has not been written yet")
			case need > 0 && (size == 0 || size > need):
				size = need
			case size == 0 && !told:
				t.doubt = "the TIFF does not say how long its picture is"
			}
			t.pixels = true
			if size > t.w.size || o[i] > t.w.size-size {
				return incomplete("the TIFF breaks off in the middle of the picture")
			}
			t.reach(o[i]+size, image, size)
		}
	}
	return complete()
}

// filled judges the end of what ends last.
func (t *tiff) filled(zero func(from, end int64) bool) Verdict {
	body := t.w.upTo(t.end)
	v := body.filled(false)
	if v.State == Complete {
		return v
	}
	empty := incomplete("the TIFF has its size but its end is still empty")
	switch t.last.compression {
	case tiffLZW, tiffJPEG, tiffDeflate, tiffZIP, tiffLZMA, tiffZstd, tiffWebP: // which begin with a mark of their own
		if first := body.at(t.end-t.lastSize, 4); first != nil && allZero(first) {
			return empty
		}
	}
	if t.lastSize < many {
		return v
	}
	maxZeros := int64(0)
	switch t.last.compression {
	case tiffG4, tiffLZW, tiffPackBits, tiffLZMA:
		maxZeros = many
	case tiffDeflate, tiffZIP: // which makes at best one bit for each 129 bytes
		if t.last.unit > 0 {
			maxZeros = many + t.last.unit/1000
		}
	case tiffJPEG: // which has an end mark, before padding at most
		b := bytes.TrimRight(body.tail(int(min(t.lastSize, 64<<10))), "\x00")
		if bytes.HasSuffix(b, eoi) {
			return complete()
		}
		maxZeros = many
	}
	if maxZeros > 0 && maxZeros <= t.lastSize && zero(t.end-maxZeros, t.end) {
		return empty
	}
	return v
}
