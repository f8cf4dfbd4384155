package cli

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxPause is the longest pause: a slip of the finger should not be one of years.
const maxPause = 366 * 24 * time.Hour

// pauseEnd is when a pause ends that a person asked for in words: a time with its unit
// ("30m", "30min", "1d", "1h30m"), a time of day ("18:00"), or "tomorrow", which begins at
// midnight.
func pauseEnd(words string, now time.Time) (time.Time, error) {
	text := strings.ToLower(strings.TrimSpace(words))
	year, month, day := now.Date()
	if text == "tomorrow" {
		return time.Date(year, month, day+1, 0, 0, 0, 0, now.Location()), nil
	}
	if clock, err := time.Parse("15:04", text); err == nil {
		until := time.Date(year, month, day, clock.Hour(), clock.Minute(), 0, 0, now.Location())
		if !until.After(now) {
			until = time.Date(year, month, day+1, clock.Hour(), clock.Minute(), 0, 0, now.Location())
		}
		return until, nil
	}
	length, ok := span(text)
	switch {
	case onlyNumber.MatchString(text):
		return time.Time{}, usagef("--for %s has no unit; write %sm for minutes, or %sh for hours", text, text, text)
	case !ok:
		return time.Time{}, usagef("--for must be a time such as 30m, 2h, 1d, 18:00 or tomorrow, not %q", words)
	case length <= 0:
		return time.Time{}, usagef("--for must be a time to come, such as 30m")
	case length > maxPause:
		return time.Time{}, usagef("--for is at most a year; without --for the pause lasts until: scenario-drop resume")
	}
	return now.Add(length), nil
}

var (
	onlyNumber = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?$`)
	spanParts  = regexp.MustCompile(`^-?(\s*[0-9]+([.,][0-9]+)?\s*[a-z]+)+$`)
	spanPart   = regexp.MustCompile(`([0-9]+(?:[.,][0-9]+)?)\s*([a-z]+)`)
)

// span reads numbers with units, such as "1h30m" and "2 days".
func span(text string) (time.Duration, bool) {
	if !spanParts.MatchString(text) {
		return 0, false
	}
	var sum float64
	for _, part := range spanPart.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(part[1], ",", "."), 64)
		unit := unitOf(part[2])
		if err != nil || unit == 0 {
			return 0, false
		}
		sum += n * float64(unit)
	}
	if strings.HasPrefix(text, "-") {
		return -1, true
	}
	return time.Duration(min(sum, float64(2*maxPause))), true
}

func unitOf(name string) time.Duration {
	switch name {
	case "s", "sec", "secs", "second", "seconds":
		return time.Second
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute
	case "h", "hr", "hrs", "hour", "hours":
		return time.Hour
	case "d", "day", "days":
		return 24 * time.Hour
	case "w", "week", "weeks":
		return 7 * 24 * time.Hour
	}
	return 0
}
