package ignore

import (
	"strings"

	"scenario-drop/filetype"
)

// pattern is one pattern of a row.
type pattern struct {
	is             string // for people, after "it is"
	optional       bool   // see unlessIn
	prefix, suffix string // what it begins and ends with
	begin          string // how its extension begins, with the dot, if that is certain though the end is not
	middle         []token
}

// match reports whether the whole name matches; low is name in lower case, and its last dot
// is at dot.
func (p *pattern) match(low []byte, name string, dot int) bool {
	end := len(low) - len(p.suffix)
	if end < len(p.prefix) || string(low[end:]) != p.suffix || string(low[:len(p.prefix)]) != p.prefix {
		return false
	}
	if p.begin != "" && (dot < 0 || len(low)-dot < len(p.begin) || string(low[dot:dot+len(p.begin)]) != p.begin) {
		return false
	}
	return matchTokens(p.middle, low[len(p.prefix):end], name[len(p.prefix):end])
}

// token is a part of a pattern.
type token struct {
	kind tokenKind
	text string // of a literal
	n    int    // how many bytes; 0 where that varies
}

type tokenKind uint8

const (
	literal     tokenKind = iota
	anything              // one byte or more
	digits                // digits
	hexadecimal           // hexadecimal digits
	alnum                 // letters and digits
	extension             // what may be an extension: up to eight letters and digits, not digits alone
	known                 // the extension of a format that we know
	hash                  // eight hexadecimal digits, of both sorts
	random                // six letters and digits that do not look like a word or a number
	letters               // the same of letters alone
)

const (
	maxExtension = 8
	hashLen      = 8
	randomLen    = 6
)

// parsePattern reads a pattern. In it, * is anything, one byte at least, and a class stands in
// braces; all else is literal:
//
//	{n}        digits; {nnn} just three of them, and so on
//	{hhhh}     four hexadecimal digits
//	{xxxx}     four letters or digits
//	{ext}      what may be an extension
//	{known}    the extension of a format that we know
//	{hash}     eight hexadecimal digits that are no date and no word
//	{random}   six letters and digits as a program draws them
//	{letters}  six letters as a program draws them
func parsePattern(text string) *pattern {
	p := &pattern{}
	p.middle = tokens(text)
	if len(p.middle) > 0 && p.middle[len(p.middle)-1].kind == literal {
		p.suffix, p.middle = p.middle[len(p.middle)-1].text, p.middle[:len(p.middle)-1]
	}
	if len(p.middle) > 0 && p.middle[0].kind == literal {
		p.prefix, p.middle = p.middle[0].text, p.middle[1:]
	}
	if p.suffix == "" && p.prefix == "" {
		for _, t := range p.middle {
			if i := strings.LastIndexByte(t.text, '.'); i >= 0 {
				p.begin = t.text[i:]
			}
		}
		if p.begin == "." {
			p.begin = ""
		}
	}
	return p
}

func tokens(text string) (all []token) {
	for text != "" {
		i := strings.IndexAny(text, "*{")
		switch {
		case i < 0:
			return append(all, token{kind: literal, text: text})
		case i > 0:
			all = append(all, token{kind: literal, text: text[:i]})
			text = text[i:]
		case text[0] == '*':
			all = append(all, token{kind: anything})
			text = text[1:]
		default:
			class, rest, _ := strings.Cut(text[1:], "}")
			all = append(all, classOf(class))
			text = rest
		}
	}
	return all
}

func classOf(class string) token {
	switch class {
	case "n":
		return token{kind: digits}
	case "ext":
		return token{kind: extension}
	case "known":
		return token{kind: known}
	case "hash":
		return token{kind: hash, n: hashLen}
	case "random":
		return token{kind: random, n: randomLen}
	case "letters":
		return token{kind: letters, n: randomLen}
	}
	kinds := map[string]tokenKind{"n": digits, "h": hexadecimal, "x": alnum}
	for letter, kind := range kinds {
		if class != "" && strings.Trim(class, letter) == "" {
			return token{kind: kind, n: len(class)}
		}
	}
	return token{kind: literal, text: "{" + class + "}"}
}

// matchTokens reports whether the tokens match all of low, which is name in lower case.
func matchTokens(ts []token, low []byte, name string) bool {
	if len(ts) == 0 {
		return len(low) == 0
	}
	t := ts[0]
	if t.kind == anything && len(ts) == 1 {
		return len(low) > 0
	}
	shortest, longest := 1, len(low)
	switch {
	case t.kind == literal:
		shortest, longest = len(t.text), len(t.text)
	case t.n > 0:
		shortest, longest = t.n, t.n
	case t.kind == extension || t.kind == known:
		longest = min(longest, maxExtension)
	}
	for n := shortest; n <= min(longest, len(low)); n++ {
		if t.accepts(low[:n], name[:n]) && matchTokens(ts[1:], low[n:], name[n:]) {
			return true
		}
	}
	return false
}

// accepts reports whether the token matches just this.
func (t token) accepts(low []byte, name string) bool {
	switch t.kind {
	case literal:
		return string(low) == t.text
	case anything:
		return true
	}
	var c counts
	for i := range low {
		c.add(low[i], name[i])
	}
	switch t.kind {
	case digits:
		return c.digits == len(low)
	case hexadecimal:
		return c.hex == len(low)
	case alnum:
		return c.digits+c.letters == len(low)
	case extension:
		return c.digits+c.letters == len(low) && c.letters > 0
	case known:
		return c.digits+c.letters == len(low) && filetype.KnownExtension(string(low))
	case hash:
		return c.hex == len(low) && c.digits > 0 && c.letters > 0
	case random:
		return c.digits+c.letters == len(low) && c.turns
	case letters:
		return c.letters == len(low) && c.turns
	}
	return false
}

// counts is what a piece of a name consists of.
type counts struct {
	digits, letters, hex int
	turns                bool // a capital after a small letter, or a letter after a digit: no word, no number
	before               byte
}

func (c *counts) add(low, as byte) {
	switch {
	case '0' <= low && low <= '9':
		c.digits++
		c.hex++
	case 'a' <= low && low <= 'z':
		c.letters++
		if low <= 'f' {
			c.hex++
		}
		small := 'a' <= c.before && c.before <= 'z'
		c.turns = c.turns || small && as != low || '0' <= c.before && c.before <= '9'
	}
	c.before = as
}
