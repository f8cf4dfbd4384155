package config

import (
	"strings"

	"github.com/BurntSushi/toml"
)

// node says where something of the file stands. The tree of nodes has the shape of
// the decoded tables, so that both can be walked side by side.
//
// The TOML library keeps no positions for keys that were decoded, unknown or of the
// wrong type; this finds them again in the text. It relies on the library to refuse
// what is not TOML and only has to be right about text that was accepted; on any
// other it must end and not panic.
type node struct {
	key   int              // byte offset of the key, or of the name in a table's header; -1: none
	value int              // byte offset of the value; of a header for a table that has one
	table map[string]*node // by name
	items []*node          // of an array, or of an array of tables

	closed bool // holds a value that no later line may add to
	header bool // has its own [header]
}

// twice is a key that was set a second time.
type twice struct {
	name          string
	first, second int // byte offsets
}

type layout struct {
	root   *node
	twices []twice
}

// part is one name of a dotted key.
type part struct {
	name string
	at   int // byte offset
}

type scanner struct {
	text   string
	pos    int
	layout *layout
}

// scan finds the place of every key and value of a TOML text without a byte order mark.
func scan(text string) *layout {
	s := &scanner{text: text, layout: &layout{root: newNode(0)}}
	current := s.layout.root
	for s.skipBlank(); s.pos < len(s.text); s.skipBlank() {
		start := s.pos
		if s.text[s.pos] == '[' {
			current = s.header()
		} else {
			s.assignment(current)
		}
		if s.pos == start { // not TOML
			s.pos++
		}
	}
	return s.layout
}

func newNode(at int) *node { return &node{key: -1, value: at} }

// child is the named part of a table, made when it is new. Of an array of tables the
// last one is meant.
func (n *node) child(p part) *node {
	n = n.last()
	c := n.table[p.name]
	if c == nil {
		c = newNode(p.at)
		if n.table == nil {
			n.table = make(map[string]*node)
		}
		n.table[p.name] = c
	}
	if c.key < 0 {
		c.key = p.at
	}
	return c
}

func (n *node) last() *node {
	if !n.closed && len(n.items) > 0 {
		return n.items[len(n.items)-1]
	}
	return n
}

// header reads "[a.b]" or "[[a.b]]" and returns the table that the next lines fill.
func (s *scanner) header() *node {
	start := s.pos
	double := strings.HasPrefix(s.text[s.pos:], "[[")
	s.pos++
	if double {
		s.pos++
	}
	parts := s.key(']')
	for range 2 {
		if s.at(']') {
			s.pos++
		}
	}
	n := s.layout.root
	if len(parts) == 0 {
		return newNode(start)
	}
	for _, p := range parts[:len(parts)-1] {
		n = n.child(p)
	}
	name := parts[len(parts)-1]
	fresh := n.last().table[name.name] == nil
	n = n.child(name)
	if n.closed || double && !fresh && len(n.items) == 0 || !double && (n.header || len(n.items) > 0) {
		s.again(name, n)
		if !double {
			return newNode(start) // or each of its keys would be a problem of its own
		}
	}
	if double {
		item := newNode(start)
		item.key = name.at
		n.items = append(n.items, item)
		return item
	}
	n.header = true
	n.key, n.value = name.at, start
	return n
}

// assignment reads "a.b = value" into table n.
func (s *scanner) assignment(n *node) {
	parts := s.key('=')
	if len(parts) == 0 || !s.at('=') {
		s.skipLine()
		return
	}
	s.pos++
	for _, p := range parts[:len(parts)-1] {
		n = n.child(p)
		if n.closed {
			s.again(p, n)
		}
	}
	name := parts[len(parts)-1]
	fresh := n.last().table[name.name] == nil
	c := n.child(name)
	if !fresh {
		s.again(name, c)
		c = newNode(name.at) // keep the first one as it is
	}
	s.value(c)
}

func (s *scanner) again(p part, first *node) {
	s.layout.twices = append(s.layout.twices, twice{name: p.name, first: max(first.key, 0), second: p.at})
}

// value reads one value into n.
func (s *scanner) value(n *node) {
	s.skipSpace()
	n.value, n.closed = s.pos, true
	rest := s.text[s.pos:]
	switch {
	case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, `'''`):
		s.longString(rest[:3])
	case strings.HasPrefix(rest, `"`), strings.HasPrefix(rest, `'`):
		s.shortString()
	case strings.HasPrefix(rest, "["):
		s.list(']', func() {
			item := newNode(s.pos)
			s.value(item)
			n.items = append(n.items, item)
		})
	case strings.HasPrefix(rest, "{"):
		s.list('}', func() { s.assignment(&node{key: n.key, value: n.value, table: n.ownTable()}) })
	default:
		for s.pos < len(s.text) && !strings.ContainsRune(",]}#\r\n", rune(s.text[s.pos])) {
			s.pos++
		}
	}
}

func (n *node) ownTable() map[string]*node {
	if n.table == nil {
		n.table = make(map[string]*node)
	}
	return n.table
}

// list reads what stands in brackets, with commas between, over several lines.
func (s *scanner) list(end byte, element func()) {
	s.pos++
	for s.skipBlank(); s.pos < len(s.text) && !s.at(end); s.skipBlank() {
		start := s.pos
		element()
		s.skipBlank()
		if s.at(',') {
			s.pos++
		}
		if s.pos == start { // not TOML
			s.pos++
		}
	}
	if s.pos < len(s.text) {
		s.pos++
	}
}

// key reads a dotted key up to, not including, its end.
func (s *scanner) key(end byte) []part {
	var parts []part
	for s.pos < len(s.text) {
		s.skipSpace()
		start := s.pos
		switch {
		case s.at('"'), s.at('\''):
			s.shortString()
			parts = append(parts, part{unquote(s.text[start:s.pos]), start})
		default:
			for s.pos < len(s.text) && bare(s.text[s.pos]) {
				s.pos++
			}
			if s.pos > start {
				parts = append(parts, part{s.text[start:s.pos], start})
			}
		}
		s.skipSpace()
		if s.at(end) || !s.at('.') {
			return parts
		}
		s.pos++
	}
	return parts
}

func bare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// unquote lets the library itself read a quoted key.
func unquote(quoted string) string {
	var v struct{ K string }
	if _, err := toml.Decode("K = "+quoted, &v); err != nil {
		return quoted
	}
	return v.K
}

func (s *scanner) shortString() {
	quote := s.text[s.pos]
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == quote:
			s.pos++
			return
		case c == '\n':
			return
		case c == '\\' && quote == '"':
			s.pos++
		}
	}
	s.pos = min(s.pos, len(s.text))
}

// longString reads a string in three quotes, which may end in up to five.
func (s *scanner) longString(quotes string) {
	for s.pos += 3; s.pos < len(s.text); s.pos++ {
		if s.text[s.pos] == '\\' && quotes[0] == '"' {
			s.pos++
			continue
		}
		if !strings.HasPrefix(s.text[s.pos:], quotes) {
			continue
		}
		s.pos += 3
		for range 2 {
			if s.at(quotes[0]) {
				s.pos++
			}
		}
		return
	}
	s.pos = min(s.pos, len(s.text))
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.text) && s.text[s.pos] == c }

func (s *scanner) skipSpace() {
	for s.at(' ') || s.at('\t') {
		s.pos++
	}
}

// skipBlank goes past spaces, line ends and comments.
func (s *scanner) skipBlank() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		case '#':
			s.skipLine()
		default:
			return
		}
	}
}

func (s *scanner) skipLine() {
	if i := strings.IndexByte(s.text[s.pos:], '\n'); i >= 0 {
		s.pos += i
		return
	}
	s.pos = len(s.text)
}
