package completeness

import (
	"bytes"
	"encoding/json"
)

// checkGLB wants the length of the header, and the JSON and binary chunks within it.
func checkGLB(w *window) Verdict {
	h := w.at(0, 20)
	if h == nil {
		return onlyFirst(w.size, "GLB")
	}
	end := int64(le.Uint32(h[8:]))
	switch version := le.Uint32(h[4:]); {
	case version == 1:
		// Some programs count more than they write, so only the text must be there.
		if scene := 20 + int64(le.Uint32(h[12:])); scene > w.size {
			return tooShort(w, "GLB", scene)
		}
		return cannotTell("it is a GLB of version 1, which does not tell its end reliably")
	case end == 0:
		return unpatched("GLB")
	case end > w.size:
		return tooShort(w, "GLB", end)
	case version != 2:
		return cannotTell("it is a GLB of version %d, which is not known here", version)
	}
	for off, n := int64(12), 0; off < end && n < 16; n++ {
		c := w.at(off, 8)
		if c == nil {
			return incomplete("the GLB breaks off at byte %d", off)
		}
		next := off + 8 + int64(le.Uint32(c))
		if next > end {
			return incomplete("the GLB breaks off in the middle of its data")
		}
		if off == 12 && (string(c[4:]) != "JSON" || !bytes.HasPrefix(w.at(off+8, 1), []byte("{"))) {
			return incomplete("the GLB's description at its beginning is not there yet")
		}
		off = next
	}
	v := w.filledTo(end)
	if v.State == CannotTell && unfilledView(w) {
		return incomplete("the GLB has its size but not all of its pictures and faces")
	}
	return v
}

// unfilledView reports whether a picture or a list of corners of faces in the GLB's binary
// part ends in zeros, as neither does: zeros at the end of other data may be meant.
func unfilledView(w *window) bool {
	h := w.at(12, 4)
	scene := w.part(20, int64(le.Uint32(h)))
	if scene == nil || scene.size > 1<<20 { // of which a hostile one makes some 8 MiB
		return false
	}
	var s struct {
		BufferViews []struct{ Buffer, ByteOffset, ByteLength int64 }
		Accessors   []struct{ BufferView *int }
		Images      []struct{ BufferView *int }
		Meshes      []struct{ Primitives []struct{ Indices *int } }
	}
	if json.NewDecoder(scene.stream(0)).Decode(&s) != nil {
		return false
	}
	var views []*int
	for _, i := range s.Images {
		views = append(views, i.BufferView)
	}
	for _, m := range s.Meshes {
		for _, p := range m.Primitives {
			if p.Indices != nil && *p.Indices >= 0 && *p.Indices < len(s.Accessors) {
				views = append(views, s.Accessors[*p.Indices].BufferView)
			}
		}
	}
	start := 20 + scene.size + 8
	for n, i := range views {
		if n > 32 || i == nil || *i < 0 || *i >= len(s.BufferViews) {
			continue
		}
		v := s.BufferViews[*i]
		if v.Buffer != 0 || v.ByteLength < few || v.ByteLength > w.size || v.ByteOffset < 0 || v.ByteOffset > w.size {
			continue
		}
		if end := w.at(start+v.ByteOffset+v.ByteLength-few, few); end != nil && allZero(end) {
			return true
		}
	}
	return false
}
