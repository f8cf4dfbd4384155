package scenario

import (
	"bytes"
	"encoding/json"
	"math"
	"unicode"
	"unicode/utf8"
)

// lenient is an optional field of the wire: null, or a value of another type than
// expected, counts as missing and does not spoil the rest of the record.
type lenient[T any] struct{ v T }

// UnmarshalJSON never fails on valid JSON.
func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.v = v
	}
	return nil
}

// maxList bounds the arrays of the wire: as many parts as an upload may have, and more
// than a page of anything else has.
const maxList = MaxParts

// list is an optional array, as lenient is an optional value; v is nil when it is missing.
// Of one that is longer than maxList nothing is kept, so that an answer of many megabytes
// does not become a multiple of that in memory.
type list[T any] struct {
	v       []T
	tooLong bool
}

// UnmarshalJSON never fails on valid JSON.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '[' {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return nil
	}
	found := []T{}
	for d.More() {
		if len(found) == maxList {
			l.tooLong = true
			return nil
		}
		var v T
		if d.Decode(&v) != nil {
			return nil
		}
		found = append(found, v)
	}
	l.v = found
	return nil
}

// scalar is an optional string or number; anything else counts as missing, and is not
// even read.
type scalar struct{ v any }

// UnmarshalJSON never fails on valid JSON.
func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '{' && b[0] != '[' && json.Unmarshal(b, &s.v) != nil {
		s.v = nil
	}
	return nil
}

// Bounds on the words of a server that are kept, in bytes.
const (
	maxID   = 256
	maxName = 1000
	maxETag = 256
)

// isID reports whether a server's name for something can be one: neither endless, nor
// with characters that would play tricks on a terminal or in a log.
func isID(id string) bool {
	if id == "" || len(id) > maxID || !utf8.ValidString(id) {
		return false
	}
	for _, r := range id {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// ids gives those that are ids; nil when there is no list.
func ids(l list[string]) []string {
	var good []string
	for _, id := range l.v {
		if isID(id) {
			good = append(good, id)
		}
	}
	return good
}

// integer turns a number of the wire, where all are floats, into a whole one in
// [0, 2⁵³]; anything else is 0.
func integer(f float64) int64 {
	if f != math.Trunc(f) || f < 0 || f > 1<<53 {
		return 0
	}
	return int64(f)
}
