package ledger

import (
	"slices"
	"time"
)

// Which backups are kept.
const (
	keepLatest = 4                  // whatever their age
	keepDays   = 7                  // the latest of each day, for so long
	keepBytes  = int64(2_000) << 20 // in all; two are kept whatever their size
	keepAlways = 2
)

// superfluous returns which backups are to go: all but the latest few and the latest of
// each of the last days, and of those the oldest while they are too large together. all
// is in the order of making.
func superfluous(all []backupFile, now time.Time) (drop []backupFile) {
	days := map[string]bool{}
	var total int64
	for i, b := range slices.Backward(all) {
		age := len(all) - 1 - i // 0: the latest
		day := b.at.Format(time.DateOnly)
		daily := !days[day] && now.Sub(b.at) < keepDays*24*time.Hour
		days[day] = true
		total += b.size
		if age < keepAlways || (age < keepLatest || daily) && total <= keepBytes {
			continue
		}
		total -= b.size
		drop = append(drop, b)
	}
	return drop
}
