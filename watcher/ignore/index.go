package ignore

import (
	"bytes"
	"strings"
)

// index has the patterns by how the names that they match begin and end: a scan asks of every
// file, and most patterns are about others.
type index struct {
	exact    map[string]*pattern
	byExt    map[string][]*pattern // by the extension that they end in
	byLast   [256][]*pattern       // those that end in no extension, by their last byte
	byFirst  [256][]*pattern       // those whose end varies, by their first byte
	byVaried [256][]*pattern       // those whose extension varies, by its first byte
	byInner  map[string][]*pattern // those with any extension, by the one before it
	any      []*pattern            // those whose extension is hash or letters
}

func newIndex() *index {
	return &index{exact: map[string]*pattern{}, byExt: map[string][]*pattern{}, byInner: map[string][]*pattern{}}
}

func (x *index) add(r row) {
	for text := range strings.SplitSeq(r.names, "|") {
		p := parsePattern(text)
		p.is, p.optional = r.is+" of "+r.of, r.what&unlessIn != 0
		x.put(p)
	}
}

// put files a pattern under what the names that it matches have in common.
func (x *index) put(p *pattern) {
	dot := strings.LastIndexByte(p.suffix, '.')
	switch {
	case len(p.middle) == 0:
		x.exact[p.suffix] = p
	case dot >= 0:
		ext := p.suffix[dot:]
		x.byExt[ext] = append(x.byExt[ext], p)
	case p.suffix != "":
		last := p.suffix[len(p.suffix)-1]
		x.byLast[last] = append(x.byLast[last], p)
	case p.prefix != "":
		x.byFirst[p.prefix[0]] = append(x.byFirst[p.prefix[0]], p)
	case p.begin != "":
		x.byVaried[p.begin[1]] = append(x.byVaried[p.begin[1]], p)
	default:
		x.putVaried(p)
	}
}

// putVaried files a pattern whose extension is a class.
func (x *index) putVaried(p *pattern) {
	class, before := p.middle[len(p.middle)-1].kind, p.middle[len(p.middle)-2].text
	inner := strings.Trim(before, ".")
	switch {
	case class == digits:
		for digit := byte('0'); digit <= '9'; digit++ {
			x.byVaried[digit] = append(x.byVaried[digit], p)
		}
	case inner != "":
		x.byInner[inner] = append(x.byInner[inner], p)
	default:
		x.any = append(x.any, p)
	}
}

// find tells which pattern a name matches; nil for none. One that is optional counts only if
// no other matches.
func (x *index) find(name string) (found *pattern) {
	var space [256]byte // as long as a name may be on most systems
	low := append(space[:0], name...)
	for i, c := range low {
		if 'A' <= c && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	if len(low) == 0 {
		return nil
	}
	if found = x.exact[string(low)]; found != nil && !found.optional {
		return found
	}
	ext, inner := lastDots(low)
	some := [6][]*pattern{x.byFirst[low[0]], x.byLast[low[len(low)-1]]}
	if ext >= 0 && ext+1 < len(low) {
		some[2], some[3] = x.byExt[string(low[ext:])], x.byVaried[low[ext+1]]
		if rest := len(low) - ext - 1; rest == hashLen || rest == randomLen {
			some[4] = x.any
		}
	}
	if inner >= 0 {
		some[5] = x.byInner[string(low[inner+1:ext])]
	}
	for _, patterns := range some {
		for _, p := range patterns {
			if (found == nil || found.optional && !p.optional) && p.match(low, name, ext) {
				found = p
			}
		}
	}
	return found
}

// lastDots is where the last dot is, and the one before it; -1 if there is none.
func lastDots(low []byte) (ext, inner int) {
	ext = bytes.LastIndexByte(low, '.')
	if ext < 0 {
		return ext, ext
	}
	return ext, bytes.LastIndexByte(low[:ext], '.')
}
