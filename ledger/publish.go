package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"unicode/utf8"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"scenario-drop/drop"
)

// What moves is told of by SQLite itself, which calls a hook of the writing connection for every
// row of items that is made, forgotten or changed. So no statement, however many rows it moves,
// can be forgotten.

// publisher tells of what was committed. A nil one tells of nothing. Its writer uses it, one
// transaction after the other.
type publisher struct {
	publish func(...drop.EventData)
	columns map[string]int // of items, where they stand; nil: not known yet
	width   int            // of the columns, so many are read
	noted   notedMoves
}

// notedMoves are what to tell of one transaction once it is committed.
type notedMoves struct {
	all   []drop.EventData // up to maxMoves
	count int
	each  bool // each is in all
}

// maxMoves is of how many moves of one transaction each is told of. It is less than a batch of
// what is asked of all files.
const maxMoves = 400

// Option is something that a ledger is opened with.
type Option func(*options)

type options struct{ publisher *publisher }

// PublishTo has the ledger tell of each move once it is committed, in their order, before the
// change that made it returns; and of when it cannot be written, and can again. publish must not
// wait, nor use the ledger.
func PublishTo(publish func(...drop.EventData)) Option {
	return func(o *options) { o.publisher = &publisher{publish: publish} }
}

// movedColumns are what is told of an item.
var movedColumns = [...]string{"root", "dir", "name", "size", "state", "reason", "detail", "kind", "asset"}

// begin finds out where the columns of items stand, once they are as they will be. From then on
// moves are told of.
func (p *publisher) begin(db *sql.DB) error {
	if p == nil {
		return nil
	}
	columns := map[string]int{}
	for _, name := range movedColumns {
		var at int
		if err := db.QueryRow("SELECT cid FROM pragma_table_xinfo('items') WHERE name = ?", name).Scan(&at); err != nil {
			return fmt.Errorf("read where column %s stands: %w", name, err)
		}
		columns[name] = at
		p.width = max(p.width, at+1)
	}
	p.columns = columns
	return nil
}

// connected has a connection tell what it changes.
func (p *publisher) connected(conn any) {
	if p != nil {
		conn.(sqlite.HookRegisterer).RegisterPreUpdateHook(p.note)
	}
}

// note notes a row that changes. It is called while the statement runs.
func (p *publisher) note(d sqlite.SQLitePreUpdateData) {
	if d.TableName != "items" || d.DatabaseName != "main" || p.columns == nil {
		return
	}
	if d.Op == sqlite3.SQLITE_DELETE || p.noted.count >= maxMoves {
		p.noted.count++
		p.noted.each = false
		return
	}
	old, row := make([]any, p.width), make([]any, p.width)
	err := d.New(row...)
	if err == nil && d.Op == sqlite3.SQLITE_UPDATE {
		err = d.Old(old...)
	}
	if err != nil { // out of memory
		p.noted.count++
		p.noted.each = false
		return
	}
	m := drop.ItemMoved{Item: d.NewRowID, From: drop.State(p.text(old, "state")), To: drop.State(p.text(row, "state")), Reason: drop.Reason(p.text(row, "reason")), Detail: drop.Detail(p.text(row, "detail")),
		Folder: p.text(row, "root"), Path: filepath.Join(p.text(row, "dir"), p.text(row, "name")), Kind: p.text(row, "kind"), Asset: p.text(row, "asset")}
	if m.From == m.To && m.Reason == drop.Reason(p.text(old, "reason")) {
		return
	}
	m.Size, _ = row[p.columns["size"]].(int64)
	if !utf8.ValidString(m.Path) {
		m.PathBytes = []byte(m.Path)
	}
	p.noted.count++
	p.noted.all = append(p.noted.all, m)
}

// text is a column of a row; "" where there is no row.
func (p *publisher) text(row []any, column string) string {
	switch v := row[p.columns[column]].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// mark returns what was noted so far, for rewind. It begins a transaction with the zero value.
func (p *publisher) mark() notedMoves {
	if p == nil {
		return notedMoves{}
	}
	return p.noted
}

// rewind forgets what was noted since mark: it was rolled back.
func (p *publisher) rewind(to notedMoves) {
	if p != nil {
		p.noted = to
	}
}

// committed tells of what was noted.
func (p *publisher) committed() {
	switch {
	case p == nil:
	case p.noted.each:
		p.publish(p.noted.all...)
	default:
		p.publish(drop.ItemsChanged{Count: p.noted.count})
	}
}

// tellHealth tells that the ledger cannot be written; "": that it can.
func (p *publisher) tellHealth(trouble drop.Detail) {
	if p != nil {
		p.publish(drop.LocalDatabaseChanged{Writable: trouble == "", Trouble: trouble})
	}
}
