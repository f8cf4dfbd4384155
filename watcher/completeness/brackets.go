package completeness

import (
	"bytes"
	"strings"
)

// grammar is what is needed to follow the brackets of a text: what hides them.
type grammar struct {
	opens   string // the brackets that open
	closes  string // and that close
	comment byte   // begins a comment to the end of the line
	slashes bool   // so do two slashes, and /* begins one to */
	quotes  string // characters that begin and end a string
	escapes bool   // a backslash in a string makes the next character ordinary
	triple  bool   // three quotes begin a string that three end
	asset   bool   // so do one or three @
}

// bracketed is the verdict on a text without an end mark whose brackets must be closed:
// at best CannotTell, as it may be cut exactly between two parts. Of more than MaxText,
// only the tail is looked at: it must end in a bracket that begins a line, as the
// outermost do, or in a comment.
func (g grammar) bracketed(w *window, what string) Verdict {
	t := newText(w)
	if w.size <= MaxText {
		return g.follow(t, what)
	}
	p := bytes.TrimRight(t.tail(), " \t\r\n")
	line := p[bytes.LastIndexAny(p, "\r\n")+1:]
	switch {
	case t.unfilled:
		return unwritten(what)
	case len(line) > 0 && (strings.IndexByte(g.closes, line[0]) >= 0 || line[0] == g.comment):
		return cannotTell("the %s is too long to follow its brackets to the end", what)
	default:
		return incomplete("the %s breaks off before its last bracket is closed", what)
	}
}

// follow reads all of a text.
func (g grammar) follow(t text, what string) Verdict {
	var (
		s     = t.stream()
		marks = setOf(g.opens + g.closes + g.quotes + string(rune(g.comment)) + "/@\x00")
		depth int
		open  bool // the text ends within a string or comment
	)
	for !open {
		c, ok := s.until(marks)
		if !ok {
			break
		}
		switch {
		case strings.IndexByte(g.opens, c) >= 0:
			depth++
		case strings.IndexByte(g.closes, c) >= 0:
			if depth--; depth < 0 {
				return cannotTell("the %s closes more brackets than it opens", what)
			}
		case c == g.comment:
			s.line()
		case c == '/' && g.slashes:
			switch next, _ := s.peek(); next {
			case '/', '*':
				open = !s.comment(c)
			}
		case strings.IndexByte(g.quotes, c) >= 0:
			open = !g.quoted(s, c)
		case c == '@' && g.asset:
			open = !(grammar{triple: true}).quoted(s, c)
		case c == 0 && depth > 0:
			return unwritten(what)
		}
	}
	switch {
	case t.unfilled:
		return unwritten(what)
	case depth > 0 || open:
		return incomplete("the %s breaks off before its last bracket is closed", what)
	default:
		return cannotTell("this kind of %s has no end mark; all its brackets are closed", what)
	}
}

// quoted goes past the rest of a string; false if it does not end.
func (g grammar) quoted(s *stream, quote byte) bool {
	if g.triple {
		if c, _ := s.peek(); c == quote {
			s.next()
			if c, _ = s.peek(); c != quote {
				return true // an empty string
			}
			s.next()
			return g.tripled(s, quote)
		}
	}
	if g.escapes {
		return s.quoted(quote)
	}
	return s.past(string(rune(quote)))
}

// tripled goes past three quotes.
func (g grammar) tripled(s *stream, quote byte) bool {
	for n := 0; n < 3; {
		c, ok := s.next()
		switch {
		case !ok:
			return false
		case c == quote:
			n++
			continue
		case c == '\\' && g.escapes:
			s.next()
		}
		n = 0
	}
	return true
}
