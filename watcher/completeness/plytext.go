package completeness

import (
	"bytes"
	"strconv"
)

// values counts the values of a text, whatever lines they stand on.
func (p *ply) values() Verdict {
	s := p.text.stream()
	for _, e := range p.elements {
		if len(e.props) == 0 {
			continue // nothing to count, however many there are
		}
		for i := range e.count {
			for _, prop := range e.props {
				n := int64(1)
				word := s.value()
				if prop.count > 0 && word != nil {
					number, err := strconv.ParseFloat(string(word), 64)
					if err != nil || number < 0 || number > float64(p.w.size) {
						return p.lines() // the values do not tell
					}
					if n = int64(number); n == 0 {
						continue
					}
					for ; n > 1 && s.value() != nil; n-- {
					}
					word = s.value()
				}
				switch {
				case word != nil && word[0] == 0, word == nil && p.text.unfilled:
					return unwritten("PLY")
				case word == nil:
					return incomplete("the PLY breaks off in its %d. of %d lines of a kind", i+1, e.count)
				}
			}
		}
	}
	if p.text.unfilled {
		return cannotTell("the PLY ends in zeros")
	}
	if _, ended := p.text.lastLine(); !ended {
		return cannotTell("the PLY's last line has no end; it may be whole")
	}
	return complete()
}

// value returns the next word, of 32 characters at most, nil at the end.
func (s *stream) value() []byte {
	var word []byte
	for {
		c, ok := s.next()
		if !ok {
			return word
		}
		if bytes.IndexByte([]byte(" \t\r\n"), c) >= 0 {
			if len(word) > 0 {
				return word
			}
			continue
		}
		if len(word) < 32 {
			word = append(word, c)
		}
	}
}
