package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"scenario-drop/drop"
)

// Part is the receipt of one part that storage has acknowledged.
type Part struct {
	Number int // from 1
	Size   int64
	CRC32C uint32 // of the bytes sent
	ETag   string
}

// UploadCreated records an upload that Scenario just made for a claimed item, before
// the first byte is sent, and moves the item on to Uploading, with its scope and kind.
func (l *Ledger) UploadCreated(ctx context.Context, it Item, owner string, u Upload) (Upload, error) {
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		now := l.stamp()
		var err error
		if u.ID, err = insertUpload(tx, now, it.ID, u); err != nil {
			return err
		}
		m := move{item: it.ID, from: drop.Preparing, to: drop.Uploading, owner: owner,
			set: []string{"upload = ?", "scope = ?", "kind = ?"}, args: []any{u.ID, it.Scope, it.Kind}}
		return m.apply(tx, now)
	})
	return u, err
}

func insertUpload(tx *sql.Tx, now, item int64, u Upload) (id int64, err error) {
	res, err := tx.Exec("INSERT INTO uploads (item, remote, part_size, parts, note, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		item, u.Remote, u.PartSize, u.Parts, u.Note, now)
	if err != nil {
		return 0, fmt.Errorf("record upload: %w", err)
	}
	return res.LastInsertId()
}

// PartSent records a part's receipt, as long as the item still holds that upload.
func (l *Ledger) PartSent(ctx context.Context, it Item, owner string, p Part) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`INSERT INTO parts (upload, number, size, crc32c, etag, sent_at)
				SELECT i.upload, ?, ?, ?, ?, ? FROM items i WHERE i.id = ? AND i.state = 'uploading' AND i.owner = ? AND i.upload = ?
				ON CONFLICT (upload, number) DO UPDATE SET size = excluded.size, crc32c = excluded.crc32c, etag = excluded.etag, sent_at = excluded.sent_at`,
			p.Number, p.Size, p.CRC32C, p.ETag, l.stamp(), it.ID, owner, it.Upload.ID)
		if err != nil {
			return fmt.Errorf("record part %d of item %d: %w", p.Number, it.ID, err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("record part %d of item %d: %w", p.Number, it.ID, ErrNotMoved)
		}
		return nil
	})
}

// PartsSent returns the receipts of an upload, by number.
func (l *Ledger) PartsSent(ctx context.Context, upload int64) (map[int]Part, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT number, size, crc32c, etag FROM parts WHERE upload = ?", upload)
	if err != nil {
		return nil, fmt.Errorf("read the parts of upload %d: %w", upload, err)
	}
	defer rows.Close()
	sent := map[int]Part{}
	for rows.Next() {
		var p Part
		if err := rows.Scan(&p.Number, &p.Size, &p.CRC32C, &p.ETag); err != nil {
			return nil, fmt.Errorf("read the parts of upload %d: %w", upload, err)
		}
		sent[p.Number] = p
	}
	return sent, rows.Err()
}

// Completing writes down the intent to complete an item's upload. It moves only an
// item that is entitled to make an asset of its content, which keeps two uploads of
// the same bytes from ever being completed both.
func (l *Ledger) Completing(ctx context.Context, it Item, owner string) error {
	return l.apply(ctx, completing(it, owner))
}

func completing(it Item, owner string) move {
	return move{item: it.ID, from: drop.Uploading, to: drop.Completing, owner: owner, where: []string{
		"EXISTS (SELECT 1 FROM contents c WHERE c.id = items.content AND c.item = items.id AND c.asset = '')",
		"(SELECT count(*) FROM parts p WHERE p.upload = items.upload) = (SELECT parts FROM uploads u WHERE u.id = items.upload)",
	}}
}

// CompletingOnePart is for an item that is still Preparing and whose file is one part, which storage
// has acknowledged: in one change it claims the content, records the upload, and writes down the
// intent to complete it. Until then nothing of the upload needs to be known: should the
// process die, the part is sent anew, as it would be if it were still under way. If the content
// is not the item's to complete, nothing is changed.
func (l *Ledger) CompletingOnePart(ctx context.Context, it Item, owner string, u Upload, c Content) (_ Upload, who Claimant, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		now := l.stamp()
		var content int64
		if content, who, err = takeContent(tx, now, it.ID, c); err != nil || !who.Mine() {
			return err
		}
		if u.ID, err = insertUpload(tx, now, it.ID, u); err != nil {
			return err
		}
		m := move{item: it.ID, from: drop.Preparing, to: drop.Completing, owner: owner,
			set:  []string{"scope = ?", "kind = ?", "sample = ?", "sha256 = ?", "content = ?", "upload = ?"},
			args: []any{c.Scope, c.Kind, c.Sample, c.SHA256, content, u.ID}}
		return m.apply(tx, now)
	})
	if err != nil {
		return u, who, fmt.Errorf("record that %q was sent: %w", it.Path, err)
	}
	return u, who, nil
}

// Importing records that Scenario took the completed upload and is at work. The claim
// ends; the upload is checked again at the time given.
func (l *Ledger) Importing(ctx context.Context, it Item, owner string, next time.Time) error {
	return l.apply(ctx, move{item: it.ID, from: drop.Completing, to: drop.Importing, owner: owner, release: true,
		set: []string{"not_before = ?", "attempts = 0"}, args: []any{millis(next)}})
}

// PartsMissing records that an upload believed complete still waits for parts: every
// receipt is void, and all are sent again.
func (l *Ledger) PartsMissing(ctx context.Context, it Item, owner string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM parts WHERE upload = ?", it.Upload.ID); err != nil {
			return fmt.Errorf("forget the parts of upload %d: %w", it.Upload.ID, err)
		}
		return move{item: it.ID, from: drop.Completing, to: drop.Uploading, owner: owner}.apply(tx, l.stamp())
	})
}

const dueQuery = "SELECT " + itemColumns + ` FROM items i INDEXED BY items_importing LEFT JOIN uploads u ON u.id = i.upload
	WHERE i.state = 'importing' AND i.not_before <= ? ORDER BY i.not_before, i.id LIMIT ?`

// Due returns items whose import is to be checked now, the longest due first.
func (l *Ledger) Due(ctx context.Context, limit int) ([]Item, error) {
	items, err := scanItems(l.read.QueryContext(ctx, dueQuery, l.stamp(), limit))
	if err != nil {
		return nil, fmt.Errorf("read which imports are due: %w", err)
	}
	return items, nil
}

// CheckAgain puts off the next check an item that is being imported.
func (l *Ledger) CheckAgain(ctx context.Context, it Item, next time.Time, why drop.Why) error {
	return l.apply(ctx, move{item: it.ID, from: drop.Importing, to: drop.Importing, why: why,
		set: []string{"not_before = ?", "attempts = attempts + 1"}, args: []any{millis(next)}})
}
