package ledger

import (
	"database/sql"
	"errors"
	"path/filepath"
	"unicode/utf8"

	"scenario-drop/drop"
)

// What moves is told of by SQLite itself: triggers of the writing connection note every row of
// items that is made, forgotten, or gets another state or reason, in a table in memory. That
// is part of the transaction, and so rolled back with it, or with one of its changes; and no
// statement, however many rows it moves, can be forgotten.

// publisher tells of what was committed. A nil one tells of nothing. Its writer uses it, one
// transaction after the other.
type publisher struct {
	publish func(...drop.EventData)
	told    int64 // the number of the newest note that was told
}

// unpublished is what to tell of one transaction once it is committed.
type unpublished struct {
	all  []drop.EventData
	told int64 // publisher.told then
}

// maxMoves is of how many moves of one transaction each is told of. It is less than a batch of
// what is asked of all files. maxNotes is how many are kept before all are deleted at once, which
// costs less than deleting each when it was told.
const maxMoves, maxNotes = 400, 2000

const (
	noteMovesStatement = `
CREATE TEMP TABLE IF NOT EXISTS moved (n INTEGER PRIMARY KEY, item INTEGER, was TEXT, state TEXT, reason TEXT, detail TEXT,
	root BLOB, dir BLOB, name BLOB, kind TEXT, asset TEXT, size INTEGER);
CREATE TEMP TRIGGER IF NOT EXISTS item_made AFTER INSERT ON main.items
BEGIN INSERT INTO moved VALUES (NULL, NEW.id, '', NEW.state, NEW.reason, NEW.detail, NEW.root, NEW.dir, NEW.name, NEW.kind, NEW.asset, NEW.size); END;
CREATE TEMP TRIGGER IF NOT EXISTS item_moved AFTER UPDATE OF state, reason ON main.items WHEN NEW.state <> OLD.state OR NEW.reason <> OLD.reason
BEGIN INSERT INTO moved VALUES (NULL, NEW.id, OLD.state, NEW.state, NEW.reason, NEW.detail, NEW.root, NEW.dir, NEW.name, NEW.kind, NEW.asset, NEW.size); END;
CREATE TEMP TRIGGER IF NOT EXISTS item_forgotten AFTER DELETE ON main.items
BEGIN INSERT INTO moved VALUES (NULL, OLD.id, '', '', '', '', x'', x'', x'', '', '', 0); END;`
	movedQuery       = "SELECT n, item, CAST(was AS BLOB), CAST(state AS BLOB), CAST(reason AS BLOB), CAST(detail AS BLOB), root, dir, name, CAST(kind AS BLOB), CAST(asset AS BLOB), size FROM temp.moved WHERE n > ? ORDER BY n LIMIT ?"
	newestMovedQuery = "SELECT max(n) FROM temp.moved"
	forgetMovedQuery = "DELETE FROM temp.moved" // the next has the number 1
)

// Option is something that a ledger is opened with.
type Option func(*options)

type options struct{ publisher *publisher }

// PublishTo has the ledger tell of each move once it is committed, in their order, before the
// change that made it returns; and of when it cannot be written, and can again. publish must not
// wait, nor use the ledger.
func PublishTo(publish func(...drop.EventData)) Option {
	return func(o *options) { o.publisher = &publisher{publish: publish} }
}

// begin has the moves of a connection noted.
func (p *publisher) begin(db *sql.DB) error {
	if p == nil {
		return nil
	}
	_, err := db.Exec(noteMovesStatement)
	return err
}

// moved returns what to tell of a transaction. It never fails one: where what moved is not
// known, it is told that something did.
func (p *publisher) moved(tx *sql.Tx) unpublished {
	if p == nil {
		return unpublished{}
	}
	m, err := p.read(tx)
	if err != nil { // another connection took the place of the one that had the triggers
		_, _ = tx.Exec(noteMovesStatement) // if that fails, so does the next read
		return unpublished{all: []drop.EventData{drop.ItemsChanged{}}}
	}
	return m
}

func (p *publisher) read(tx *sql.Tx) (m unpublished, err error) {
	m.told = p.told
	rows, err := tx.Query(movedQuery, p.told, maxMoves+1)
	if err != nil {
		return m, err
	}
	defer rows.Close()
	each := true
	for rows.Next() {
		one, err := scanMove(rows, &m.told)
		if err != nil {
			return m, err
		}
		each = each && one.To != "" // else it was forgotten
		m.all = append(m.all, one)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return m, err
	}
	if len(m.all) > maxMoves {
		each = false
		if err := tx.QueryRow(newestMovedQuery).Scan(&m.told); err != nil {
			return m, err
		}
	}
	if !each {
		m.all = []drop.EventData{drop.ItemsChanged{Count: int(m.told - p.told)}}
	}
	if m.told > maxNotes {
		m.told = 0
		_, err = tx.Exec(forgetMovedQuery)
	}
	return m, err
}

func scanMove(rows *sql.Rows, number *int64) (m drop.ItemMoved, err error) {
	var root, dir, name sql.RawBytes
	if err := rows.Scan(number, &m.Item, &m.From, &m.To, &m.Reason, &m.Detail, &root, &dir, &name, &m.Kind, &m.Asset, &m.Size); err != nil {
		return m, err
	}
	m.Folder, m.Path = string(root), filepath.Join(string(dir), string(name))
	if !utf8.ValidString(m.Path) {
		m.PathBytes = []byte(m.Path)
	}
	return m, nil
}

// tell publishes what was committed.
func (p *publisher) tell(m unpublished) {
	if p != nil {
		p.told = m.told
		p.publish(m.all...)
	}
}

// tellHealth tells that the ledger cannot be written; "": that it can.
func (p *publisher) tellHealth(trouble string) {
	if p != nil {
		p.publish(drop.LocalDatabaseChanged{Writable: trouble == "", Trouble: trouble})
	}
}
