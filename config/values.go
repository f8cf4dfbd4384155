package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// timetableName is the heading of the one array of tables below the top.
const timetableName = "upload.bandwidth"

// size is a text key such as "16MiB", in bytes; 0 where it is not there or "". maximum 0
// is no upper bound.
func (t *table) size(key, example string, minimum, maximum int64) int64 {
	t.known(key)
	value, ok := t.values[key]
	if !ok {
		return 0
	}
	hint := fmt.Sprintf(`write it in quotes with its unit, for example "%s"`, example)
	s, ok := value.(string)
	if !ok {
		t.wrongType(key, "a size", hint)
		return 0
	}
	if s == "" {
		return 0
	}
	n, ok := parseSize(s)
	switch {
	case !ok:
		t.problem(key, hint, "`%s` is no size", key)
	case maximum > 0 && (n < minimum || n > maximum):
		t.problem(key, `"" is chosen automatically`, "`%s` must be from %s to %s", key, sizeName(minimum), sizeName(maximum))
	case n < minimum:
		t.problem(key, `"" is no limit`, "`%s` must be at least %s", key, sizeName(minimum))
	default:
		return n
	}
	return 0
}

// parseSize reads a number with a unit of bytes. The library alone would also take
// "16" (a unit forgotten), and "1,5GB" as 15 GB.
func parseSize(s string) (int64, bool) {
	unit := strings.TrimLeft(s, "0123456789.")
	if unit == s || strings.Contains(s, ",") || !strings.HasSuffix(strings.ToLower(unit), "b") {
		return 0, false
	}
	n, err := humanize.ParseBytes(s)
	if err != nil || n > math.MaxInt64 {
		return 0, false
	}
	return int64(n), true
}

func sizeName(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10) + "B"
	}
	return strings.ReplaceAll(humanize.IBytes(uint64(n)), " ", "")
}

// bandwidth reads a rate such as "5MB/s", or a timetable, and returns the timetable's
// tables.
func (t *table) bandwidth(key string, b *Bandwidth) []*table {
	const hint = `for example "5MB/s", or [{from="09:00", to="18:00", limit="1MB/s"}]`
	slots, isList := t.tables(key)
	if isList && t.has(key) {
		b.slots = t.timetable(key, slots)
		return slots
	}
	switch value := t.values[key].(type) {
	case nil:
	case string:
		*b = Constant(t.rate(key, value))
	default:
		t.wrongType(key, "a rate or a timetable", hint)
	}
	return nil
}

// rate is a text such as "5MB/s" or "60%" at key; zero for "" and what is wrong.
func (t *table) rate(key, s string) Limit {
	if s == "" {
		return Limit{}
	}
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		share, err := strconv.Atoi(strings.TrimSpace(percent))
		if err != nil || share < 1 || share > 99 {
			t.problem(key, `for example "60%"; "" is no limit`, "`%s` as a share of the line must be from 1%% to 99%%", key)
			return Limit{}
		}
		return Limit{Share: share}
	}
	amount, perSecond := strings.CutSuffix(s, "/s")
	amount = strings.TrimSpace(amount)
	n, ok := parseSize(amount)
	switch {
	case strings.HasSuffix(amount, "bit") || ok && strings.HasSuffix(amount, "b"):
		t.problem(key, "write bytes with a capital B: a line of 40 Mbit/s carries 5MB/s", "`%s` must be in bytes a second, not in bits", key)
	case !ok || !perSecond:
		t.problem(key, `a number with its unit a second, for example "5MB/s", or a share of the line such as "60%"; "" is no limit`, "`%s` is no rate", key)
	case n < MinRate:
		t.problem(key, `"" is no limit`, "`%s` must be at least %dkB/s", key, MinRate/1000)
	default:
		return Limit{Rate: n}
	}
	return Limit{}
}

// timetable reads the slots of a bandwidth that depends on the time of day.
func (t *table) timetable(key string, tables []*table) []slot {
	var slots []slot
	var lines []int
	for _, sub := range tables {
		before := len(t.source.problems)
		for _, required := range []string{"from", "to", "limit"} {
			if !sub.has(required) {
				sub.problem("", `a slot is {from="09:00", to="18:00", limit="1MB/s"}`, "`%s` is missing in `%s`", required, key)
			}
		}
		s := slot{from: sub.clock("from", "09:00"), to: sub.clock("to", "18:00")}
		limit := sub.string("limit", "", "1MB/s")
		s.limit = sub.rate("limit", limit)
		if len(t.source.problems) == before && limit == "" {
			sub.problem("limit", "leave the slot out for no limit", "`limit` is empty")
		}
		if len(t.source.problems) == before && s.from%day == s.to%day {
			sub.problem("to", `for the whole day write bandwidth = "1MB/s"`, "`to` is the same time as `from`")
		}
		if len(t.source.problems) > before {
			continue
		}
		line, _ := t.source.place(sub.at("from"))
		for i, other := range slots {
			if s.overlaps(other) {
				sub.problem("from", "end one slot when the other begins", "this slot overlaps the one in line %d", lines[i])
				break
			}
		}
		slots, lines = append(slots, s), append(lines, line)
	}
	return slots
}

// clock is a time of day such as "09:00", in minutes after midnight.
func (t *table) clock(key, example string) int {
	value := t.string(key, example, example)
	if value == "24:00" && key == "to" {
		return day
	}
	at, err := time.Parse("15:04", value)
	if err != nil || len(value) != len("15:04") {
		t.problem(key, `write hours and minutes, for example "`+example+`"`, "`%s` is no time of day", key)
		return 0
	}
	return at.Hour()*60 + at.Minute()
}
