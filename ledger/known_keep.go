package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/file"
)

// Bounds of what KeepKnown does at once: for memory, and for how long others wait for its
// transactions, which is a few milliseconds.
const (
	knownDirs  = 256       // directories in one transaction
	knownBytes = 128 << 10 // packed bytes in one transaction; a single directory may have more
	knownMost  = 4 << 20   // packed bytes of a directory; one that has more is not kept
)

const (
	toMakeQuery   = "SELECT dir FROM known INDEXED BY known_to_make WHERE made < 2 AND dir > ? ORDER BY dir LIMIT ?"
	makingQuery   = "UPDATE known SET made = 1 WHERE dir = ?"
	madeQuery     = "UPDATE known SET made = 2, files = ? WHERE dir = ? AND made = 1"
	leaveOutQuery = "DELETE FROM known WHERE dir = ? AND made = 1"
)

// KeepKnown makes ready what Known answers, of every directory where that has changed
// since it did so last, and returns of how many. It may be called beside anything else,
// of which nothing waits for it longer than a moment; an answer that changes at the same time is
// left to the next call. When ctx ends, what was made so far stays. Directories with no
// files that need no further check, or with very many (some 150 000), are left to Known.
func (l *Ledger) KeepKnown(ctx context.Context) (made int, err error) {
	if l.write == nil {
		return 0, errReadOnly
	}
	l.keeping.Lock()
	defer l.keeping.Unlock()
	for after := []byte{}; ; {
		dirs, err := l.toMake(ctx, after)
		n := 0
		if err == nil {
			n, err = l.keep(ctx, dirs)
		}
		made += n
		if err != nil {
			return made, fmt.Errorf("keep what is known of the files: %w", err)
		}
		if len(dirs) == 0 {
			return made, nil
		}
		after = dirs[len(dirs)-1]
	}
}

// toMake returns the next directories without a ready answer.
func (l *Ledger) toMake(ctx context.Context, after []byte) (dirs [][]byte, err error) {
	rows, err := l.read.QueryContext(ctx, toMakeQuery, after, knownDirs)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var dir []byte
		if err := rows.Scan(&dir); err != nil {
			return nil, err
		}
		dirs = append(dirs, dir)
	}
	return dirs, rows.Err()
}

// keep makes the answers of directories. They are read without keeping anybody from
// writing: each is marked before it is read, whatever changes it takes the mark away, and
// only where that is still there it is taken.
func (l *Ledger) keep(ctx context.Context, dirs [][]byte) (made int, err error) {
	if len(dirs) > 0 {
		err = l.making(ctx, dirs)
	}
	for len(dirs) > 0 && err == nil {
		var answers [][]byte
		if answers, err = l.pack(ctx, dirs); err == nil {
			var n int
			n, err = l.take(ctx, dirs[:len(answers)], answers)
			made += n
			dirs = dirs[len(answers):]
		}
	}
	return made, err
}

func (l *Ledger) making(ctx context.Context, dirs [][]byte) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, dir := range dirs {
			if _, err := tx.Exec(makingQuery, dir); err != nil {
				return err
			}
		}
		return nil
	})
}

// pack packs the answers of the first few directories, as many as go in a transaction;
// nil for one that is not to be kept.
func (l *Ledger) pack(ctx context.Context, dirs [][]byte) (answers [][]byte, err error) {
	for size := 0; len(answers) < len(dirs) && size < knownBytes; {
		var p packer
		err := l.eachKnown(ctx, dirs[len(answers)], func(name []byte, fp file.Fingerprint) bool {
			p.add(name, fp)
			return len(p.packed) <= knownMost
		})
		if err != nil {
			return nil, err
		}
		if len(p.packed) > knownMost {
			p.packed = nil
		}
		answers = append(answers, p.packed)
		size += len(p.packed)
	}
	return answers, nil
}

// take writes down the answers of directories that did not change since making.
func (l *Ledger) take(ctx context.Context, dirs, answers [][]byte) (made int, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		made = 0
		for i, dir := range dirs {
			if answers[i] == nil {
				if _, err := tx.Exec(leaveOutQuery, dir); err != nil {
					return err
				}
				continue
			}
			res, err := tx.Exec(madeQuery, answers[i], dir)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			made += int(n)
		}
		return nil
	})
	return made, err
}
