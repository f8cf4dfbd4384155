package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// table is a table of the file with typed access to its keys. CountDecisions for a key makes
// it known; what was never asked for is an unknown key in the end. A key that is not
// there, or is of the wrong type (a problem then), has its fallback.
type table struct {
	source *source
	name   string         // "upload"; "" for the top of the file
	values map[string]any // nil for a table that is not there
	node   *node          // nil where nothing is known of the place
}

// text is a string of the file and its place.
type text struct {
	value string
	at    int // byte offset
}

func (t *table) known(key string) {
	if !slices.Contains(t.source.known[t.name], key) {
		t.source.known[t.name] = append(t.source.known[t.name], key)
	}
}

func (t *table) has(key string) bool {
	_, ok := t.values[key]
	return ok
}

// at is where a key's value stands; the table itself where the key does not.
func (t *table) at(key string) int {
	if t.node == nil {
		return 0
	}
	if n := t.node.table[key]; n != nil {
		return n.value
	}
	return t.node.value
}

// problem is about a key's value.
func (t *table) problem(key, hint, format string, args ...any) {
	t.source.problem(t.at(key), hint, format, args...)
}

// wrongType is a problem about a key of another type than wanted.
func (t *table) wrongType(key, want, hint string) {
	t.problem(key, hint, "`%s` must be %s, not %s", key, want, typeName(t.values[key]))
}

// string is a text key. example is what one could write, in quotes for the hint.
func (t *table) string(key, fallback, example string) string {
	t.known(key)
	value, ok := t.values[key]
	if !ok {
		return fallback
	}
	s, ok := value.(string)
	if !ok {
		t.wrongType(key, "text", fmt.Sprintf(`write it in quotes, for example "%s"`, example))
		return fallback
	}
	return s
}

// choice is a text key with a few allowed values.
func (t *table) choice(key, fallback string, allowed ...string) string {
	value := t.string(key, fallback, fallback)
	if slices.Contains(allowed, value) {
		return value
	}
	hint := `did you mean "` + nearest(value, allowed) + `"?`
	if nearest(value, allowed) == "" {
		hint = "the default is \"" + fallback + "\""
	}
	t.problem(key, hint, "`%s` must be one of %s", key, quotedList(allowed))
	return fallback
}

func (t *table) bool(key string, fallback bool) bool {
	t.known(key)
	value, ok := t.values[key]
	if !ok {
		return fallback
	}
	b, ok := value.(bool)
	if !ok {
		t.wrongType(key, "true or false", "write true or false, in lower case and without quotes")
		return fallback
	}
	return b
}

// count is a whole number from 0 to maximum; 0 where it is not there.
func (t *table) count(key string, maximum int) int {
	t.known(key)
	value, ok := t.values[key]
	if !ok {
		return 0
	}
	n, ok := value.(int64)
	switch {
	case !ok:
		t.wrongType(key, "a whole number", "write it without quotes; 0 is chosen automatically")
	case n < 0 || n > int64(maximum):
		t.problem(key, "0 is chosen automatically", "`%s` must be from 0 to %d", key, maximum)
	default:
		return int(n)
	}
	return 0
}

// duration is a text key such as "5s"; ok is false where it is not there or "".
func (t *table) duration(key, example string, minimum, maximum time.Duration) (d time.Duration, ok bool) {
	t.known(key)
	value, there := t.values[key]
	if !there {
		return 0, false
	}
	s, isText := value.(string)
	if !isText {
		t.wrongType(key, "a duration", fmt.Sprintf(`write it in quotes with its unit, for example "%s"`, example))
		return 0, false
	}
	if s == "" {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		t.problem(key, fmt.Sprintf(`write a number with ms, s, m or h, for example "%s"`, example), "`%s` is no duration", key)
	case d < minimum || d > maximum:
		t.problem(key, `"" is chosen automatically`, "`%s` must be from %s to %s", key, shortDuration(minimum), shortDuration(maximum))
	default:
		return d, true
	}
	return 0, false
}

// strings is a list of texts, each with its place.
func (t *table) strings(key, example string) []text {
	t.known(key)
	value, ok := t.values[key]
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		t.wrongType(key, "a list of texts", fmt.Sprintf(`write it in square brackets, for example ["%s"]`, example))
		return nil
	}
	var texts []text
	for i, item := range list {
		at := t.at(key)
		if n := t.child(key); n != nil && i < len(n.items) {
			at = n.items[i].value
		}
		s, ok := item.(string)
		if !ok {
			t.source.problem(at, fmt.Sprintf(`write it in quotes, for example "%s"`, example),
				"`%s` must hold texts only, not %s", key, typeName(item))
			continue
		}
		texts = append(texts, text{s, at})
	}
	return texts
}

// table is a named table, an empty one where it is not there.
func (t *table) table(key string) *table {
	t.known(key)
	sub := &table{source: t.source, name: t.nameOf(key), node: t.child(key)}
	switch value := t.values[key].(type) {
	case nil:
		sub.node = t.node
	case map[string]any:
		sub.values = value
	default:
		t.wrongType(key, "a table", fmt.Sprintf("write [%s] on a line of its own and its keys below", key))
	}
	return sub
}

// tables is an array of tables, written as [[key]] or as a list of inline tables. ok is
// false where the key is there but is none.
func (t *table) tables(key string) (list []*table, ok bool) {
	t.known(key)
	var values []map[string]any
	switch value := t.values[key].(type) {
	case nil:
		return nil, true
	case []map[string]any:
		values = value
	case []any:
		for _, item := range value {
			m, isTable := item.(map[string]any)
			if !isTable {
				return nil, false
			}
			values = append(values, m)
		}
	default:
		return nil, false
	}
	for i, m := range values {
		sub := &table{source: t.source, name: t.nameOf(key), values: m, node: t.child(key)}
		if sub.node != nil && i < len(sub.node.items) {
			sub.node = sub.node.items[i]
		}
		list = append(list, sub)
	}
	return list, true
}

// nameOf is the name of a table in this one, as its heading has it.
func (t *table) nameOf(key string) string {
	if t.name == "" {
		return key
	}
	return t.name + "." + key
}

func (t *table) child(key string) *node {
	if t.node == nil {
		return nil
	}
	return t.node.table[key]
}

// unknown reports every key that was never asked for. It is called once every table of
// the file was read, since a key may only stand under the wrong heading.
func (t *table) unknown() {
	keys := t.source.known[t.name]
	for key := range t.values {
		if slices.Contains(keys, key) {
			continue
		}
		at := t.at(key)
		if n := t.child(key); n != nil && n.key >= 0 {
			at = n.key
		}
		where := ""
		if t.name != "" {
			where = " under " + heading(t.name)
		}
		t.source.problem(at, t.unknownHint(key), "unknown key `%s`%s", shown(key), where)
	}
}

func (t *table) unknownHint(key string) string {
	for _, name := range t.source.tableNames() {
		if !slices.Contains(t.source.known[name], strings.ToLower(key)) || name == t.name {
			continue
		}
		if name == "" {
			return fmt.Sprintf("`%s` belongs at the top of the file, above the first [heading]", strings.ToLower(key))
		}
		return fmt.Sprintf("`%s` belongs under %s", strings.ToLower(key), heading(name))
	}
	if near := nearest(key, t.source.known[t.name]); near != "" {
		return fmt.Sprintf("did you mean `%s`?", near)
	}
	if _, isTable := t.values[key].(map[string]any); isTable && t.name == "" {
		return "the headings are [scenario], [upload], [status], [log] and [[watch]]"
	}
	return "remove it; config.example.toml names every key"
}

// tableNames are the names of all tables read, in a steady order.
func (s *source) tableNames() []string {
	names := make([]string, 0, len(s.known))
	for name := range s.known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func heading(name string) string {
	if name == watchKey || name == timetableName {
		return "[[" + name + "]]"
	}
	return "[" + name + "]"
}

func typeName(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	default:
		return "a list"
	}
}

func quotedList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + w + `"`
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}

// shortDuration is "24h" rather than "24h0m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
