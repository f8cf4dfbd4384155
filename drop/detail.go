package drop

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Detail is what is particular to one file or folder, besides its Reason: one sentence or several,
// each as its name and the values in it. Package status makes English of it; nobody else does. It is
// kept in the local database and sent to other processes as it is: as JSON. Two are equal if they
// say the same. The zero Detail says nothing.
//
// One that is no such JSON is a sentence itself: local databases of earlier versions have those.
type Detail string

// Text names a sentence. The names are stored, and stable.
type Text string

// Sentence is one of the sentences of a Detail.
type Sentence struct {
	Text   Text              `json:"text"`
	Values map[string]string `json:"values,omitempty"`
}

// With returns the sentence with its values: names and values in turn. Sizes are in bytes and
// decimal; a value that is "" counts as none.
func (t Text) With(namesAndValues ...string) Detail {
	s := Sentence{Text: t}
	for pair := range slices.Chunk(namesAndValues, 2) {
		if pair[1] == "" {
			continue
		}
		if s.Values == nil {
			s.Values = map[string]string{}
		}
		s.Values[pair[0]] = pair[1]
	}
	return newDetail(s)
}

func newDetail(all ...Sentence) Detail {
	if len(all) == 0 {
		return ""
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // strings alone cannot fail
	}
	return Detail(text)
}

// And returns both, one after the other.
func (d Detail) And(other Detail) Detail {
	if d == "" || other == "" {
		return d + other
	}
	return newDetail(append(d.Sentences(), other.Sentences()...)...)
}

// Sentences takes the Detail apart. A sentence of an earlier version is TextAsIs, with its words.
func (d Detail) Sentences() (all []Sentence) {
	if d == "" {
		return nil
	}
	if strings.HasPrefix(string(d), `[{"text":"`) && json.Unmarshal([]byte(d), &all) == nil {
		return all
	}
	return []Sentence{{Text: TextAsIs, Values: map[string]string{"words": string(d)}}}
}

// Value returns a value by its name, of the first sentence that has it; "" if none has.
func (d Detail) Value(name string) string {
	for _, s := range d.Sentences() {
		if v := s.Values[name]; v != "" {
			return v
		}
	}
	return ""
}

// Is reports whether its first sentence is that one.
func (d Detail) Is(t Text) bool {
	all := d.Sentences()
	return len(all) > 0 && all[0].Text == t
}

// LogValue implements slog.LogValuer: each sentence's name, and its values below that.
func (d Detail) LogValue() slog.Value {
	var words []string
	for _, s := range d.Sentences() {
		if s.Text != TextAsIs {
			words = append(words, string(s.Text))
		}
		for _, name := range slices.Sorted(maps.Keys(s.Values)) {
			words = append(words, name+"="+s.Values[name])
		}
	}
	return slog.StringValue(strings.Join(words, " "))
}

// Why is a Reason and what is particular to one item: both are told, and written down, together.
// The zero Why is none.
type Why struct {
	Reason Reason
	Detail Detail
}

// String is for the log.
func (w Why) String() string { return w.Detail.LogValue().String() }

// With returns the reason with its details.
func (r Reason) With(d Detail) Why { return Why{r, d} }
