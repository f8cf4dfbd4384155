package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"scenario-drop/drop"
)

// FolderTrouble is a setting of a watch folder that is at fault at Scenario.
type FolderTrouble struct {
	Root    []byte      `json:"root"`           // the watch folder, whose name need not be UTF-8
	Setting string      `json:"setting"`        // its key in the config
	Value   string      `json:"value"`          // what of it is at fault: an id, or a name
	Name    string      `json:"name,omitempty"` // of a collection that is missing, if the value is none
	Detail  drop.Detail `json:"sentence"`
	Since   time.Time   `json:"since"`
	// Waits tells that no file of the folder is sent; else only those that need the value are
	// not, or they are sent without it.
	Waits bool `json:"waits"`
	// Gone tells that Scenario does not know the value; else it knows it, and does not take it.
	Gone bool `json:"gone"`
}

const folderTroublesKey = "folder_troubles"

// FolderTroubles returns the settings of folders that were at fault when they were last
// used.
func (l *Ledger) FolderTroubles(ctx context.Context) (all []FolderTrouble, err error) {
	text, err := l.Get(ctx, folderTroublesKey)
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read which folders are in trouble: %w", err)
	}
	return all, nil
}

// SetFolderTroubles remembers which settings of folders are at fault.
func (l *Ledger) SetFolderTroubles(ctx context.Context, all []FolderTrouble) error {
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write which folders are in trouble: %w", err)
	}
	return l.Set(ctx, folderTroublesKey, string(text))
}

const folderDueQuery = `UPDATE items SET not_before = 0 WHERE id IN (SELECT id FROM items INDEXED BY items_work
	WHERE work = ? AND owner = '' AND root = ? AND not_before > 0 AND hold = 'folder' LIMIT ?)`

// FolderMended has the items of a folder go on that waited for its settings.
func (l *Ledger) FolderMended(ctx context.Context, root string) error {
	for w := largeBytes; w <= lastWork; w++ {
		_, err := l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
			return affected(tx.Exec(folderDueQuery, w, []byte(root), rowsAtOnce))
		})
		if err != nil {
			return fmt.Errorf("let the files of %s go on: %w", root, err)
		}
	}
	return nil
}

func madeKey(scope, root string) string { return fmt.Sprintf("collections_made %s %q", scope, root) }

// CollectionsMade returns how many collections were made for subfolders of a watch folder.
func (l *Ledger) CollectionsMade(ctx context.Context, scope, root string) (n int, err error) {
	text, err := l.Get(ctx, madeKey(scope, root))
	if err != nil || text == "" {
		return 0, err
	}
	if _, err := fmt.Sscan(text, &n); err != nil {
		return 0, fmt.Errorf("read how many collections were made for %q: %w", root, err)
	}
	return n, nil
}

// CollectionMade remembers a collection that was made for a subfolder of root; "" for one
// that the config names.
func (l *Ledger) CollectionMade(ctx context.Context, scope, root, name, id string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(rememberCollectionQuery, scope, name, id); err != nil {
			return fmt.Errorf("remember collection %q: %w", name, err)
		}
		if root == "" {
			return nil
		}
		_, err := tx.Exec("INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1", madeKey(scope, root))
		if err != nil {
			return fmt.Errorf("count the collections made for %q: %w", root, err)
		}
		return nil
	})
}
