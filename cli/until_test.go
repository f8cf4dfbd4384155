package cli

import (
	"strings"
	"testing"
	"time"
)

// How long a pause lasts is said as people say it.
func TestPauseFor(t *testing.T) {
	zone := time.FixedZone("there", 2*3600)
	now := time.Date(2026, 3, 7, 17, 30, 0, 0, zone)
	for words, want := range map[string]time.Time{
		"30m":        now.Add(30 * time.Minute),
		"30min":      now.Add(30 * time.Minute),
		"30 Minutes": now.Add(30 * time.Minute),
		"1h30m":      now.Add(90 * time.Minute),
		"1.5h":       now.Add(90 * time.Minute),
		"1,5 h":      now.Add(90 * time.Minute),
		"90s":        now.Add(90 * time.Second),
		"1d":         now.Add(24 * time.Hour),
		"2 days":     now.Add(48 * time.Hour),
		"1w":         now.Add(7 * 24 * time.Hour),
		"tomorrow":   time.Date(2026, 3, 8, 0, 0, 0, 0, zone),
		"18:00":      time.Date(2026, 3, 7, 18, 0, 0, 0, zone),
		"9:00":       time.Date(2026, 3, 8, 9, 0, 0, 0, zone),
	} {
		if got, err := pauseEnd(words, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", words, got, err, want)
		}
	}
	for words, part := range map[string]string{
		"30": "write 30m for minutes", "soon": "such as 30m", "": "such as 30m", "-5m": "to come", "0s": "to come", "5 parsecs": "such as 30m",
		"99999999999999999999d": "at most a year", "1mo": "such as 30m", "25:00": "such as 30m",
	} {
		_, err := pauseEnd(words, now)
		if err == nil || !strings.Contains(err.Error(), part) || exitCode(err) != codeUsage {
			t.Errorf("%q: %v, want %q", words, err, part)
		}
	}
}
