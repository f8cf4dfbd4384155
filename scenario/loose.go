package scenario

import (
	"encoding/json"
	"math"
)

// loose is an optional field of the wire: null, or a value of another type than
// expected, counts as missing and does not spoil the rest of the record.
type loose[T any] struct{ v T }

// UnmarshalJSON never fails on valid JSON.
func (l *loose[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.v = v
	}
	return nil
}

// whole turns a number of the wire, where all are floats, into a whole one in
// [0, 2⁵³]; anything else is 0.
func whole(f float64) int64 {
	if f != math.Trunc(f) || f < 0 || f > 1<<53 {
		return 0
	}
	return int64(f)
}
