package ledger

import (
	"database/sql"
	"fmt"
	"os"
)

// The journal's bounds, in bytes. SQLite moves what is in it to the database after every
// 1000 pages, and begins it anew when nobody reads from it at that moment. With readers
// all the time that moment may never come by itself.
const (
	minJournal = 8 << 20  // what it is cut to when it begins anew
	maxJournal = 32 << 20 // from here on it is made to begin anew
)

// journal bounds the size of a write-ahead journal.
type journal struct {
	path    string
	commits int
	next    int64 // the size at which to try again, after one that readers were in the way of
}

// journalCheckEvery is after how many transactions the journal's size is checked.
const journalCheckEvery = 32

// bound begins a journal anew that has become too large: it waits until those who read
// now have ended, for a moment; those who begin meanwhile are not in the way, since all of
// the journal is in the database by then. db is the writing connection, which must be
// idle.
func (j *journal) bound(db *sql.DB) {
	if j.commits++; j.commits < journalCheckEvery {
		return
	}
	j.commits = 0
	info, err := os.Stat(j.path)
	if err != nil || info.Size() < max(j.next, maxJournal) {
		return
	}
	j.next = info.Size() + maxJournal/2
	// Whatever fails here shows in the next change, or is tried again.
	if _, err := db.Exec("PRAGMA busy_timeout = 500"); err == nil {
		var busy, pages, moved int64
		if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err == nil && busy == 0 {
			j.next = 0
		}
	}
	db.Exec(fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout))
}
