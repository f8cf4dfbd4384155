package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Item is one version of one file on its way to become an asset.
type Item struct {
	ID          int64
	Root        string // the watch folder whose rule took it
	Path        string
	Fingerprint file.Fingerprint
	State       drop.State
	Reason      drop.Reason // "" when there is nothing to say
	Hold        Hold        // what it is kept for, beside its state
	Detail      drop.Detail // what is particular to it
	Scope       string      // API host and project, once known
	Kind        string      // "" until prepared
	Sample      []byte
	SHA256      []byte
	Content     int64 // 0: none yet
	Upload      Upload
	Asset       string    // "" until imported
	NotBefore   time.Time // zero: at once
	Attempts    int       // how often the item was put off because of itself
	Answer      Answer    // what the user said, if it may have been sent before
	Candidates  []string  // the assets it may be then, the likeliest first
	Forced      bool      // a person asked that it is sent as it is: see Force
	Created     time.Time
	Updated     time.Time
}

// AfterImport reports whether the item is imported, but not all that comes after that is
// done: joining collections, moving the file. Nothing else waits for it.
func (it Item) AfterImport() bool { return it.State == drop.Linking || it.State == drop.CleaningUp }

// Unfinished reports whether something that comes after the import failed, and is tried
// again.
func (it Item) Unfinished() bool { return it.AfterImport() && it.Attempts > 0 }

// Upload is an upload at Scenario that the ledger knows of.
type Upload struct {
	ID       int64 // 0: none
	Remote   string
	PartSize int64
	Parts    int
	Note     drop.Detail // what it was made without; "" when nothing was missing
}

const itemColumns = `i.id, i.root, i.dir, i.name, i.size, i.mtime, i.ctime, i.dev, i.ino, i.state, i.reason, i.hold, i.detail,
	i.scope, i.kind, i.sample, i.sha256, coalesce(i.content, 0), i.asset, i.not_before, i.attempts, i.answer, i.candidates, i.forced, i.created_at, i.updated_at,
	coalesce(u.id, 0), coalesce(u.remote, ''), coalesce(u.part_size, 0), coalesce(u.parts, 0), coalesce(u.note, '')`

const itemTables = ` FROM items i LEFT JOIN uploads u ON u.id = i.upload `

type rower interface{ Scan(...any) error }

func scanItem(r rower) (Item, error) {
	var (
		it                                Item
		root, dir, name                   []byte
		dev, ino                          int64
		notBefore, createdAt, lastUpdated int64
		candidates                        string
	)
	fp := &it.Fingerprint
	err := r.Scan(&it.ID, &root, &dir, &name, &fp.Size, &fp.ModTime, &fp.ChangeTime, &dev, &ino, &it.State, &it.Reason, &it.Hold, &it.Detail,
		&it.Scope, &it.Kind, &it.Sample, &it.SHA256, &it.Content, &it.Asset, &notBefore, &it.Attempts, &it.Answer, &candidates, &it.Forced, &createdAt, &lastUpdated,
		&it.Upload.ID, &it.Upload.Remote, &it.Upload.PartSize, &it.Upload.Parts, &it.Upload.Note)
	if err != nil {
		return it, err
	}
	fp.ID = file.ID{Dev: uint64(dev), Ino: uint64(ino)}
	it.Root, it.Path = string(root), filepath.Join(string(dir), string(name))
	it.Candidates = strings.Fields(candidates)
	it.NotBefore, it.Created, it.Updated = moment(notBefore), moment(createdAt), moment(lastUpdated)
	return it, nil
}

func scanItems(rows *sql.Rows, err error) ([]Item, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		it, err := scanItem(rows)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// Item returns one item as it stands; ErrNotFound if there is none of that number.
func (l *Ledger) Item(ctx context.Context, id int64) (Item, error) {
	it, err := scanItem(l.read.QueryRowContext(ctx, "SELECT "+itemColumns+itemTables+"WHERE i.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return it, ErrNotFound
	}
	if err != nil {
		return it, fmt.Errorf("read item %d: %w", id, err)
	}
	return it, nil
}

// split divides a path into what the tables key it by.
func split(path string) (dir, name []byte) {
	return []byte(filepath.Dir(path)), []byte(filepath.Base(path))
}
