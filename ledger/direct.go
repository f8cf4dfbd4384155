package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"scenario-drop/drop"
)

// A direct upload is the one request that brings an image and makes its asset. In the
// ledger it is an upload without parts, written down before the request's last bytes
// leave, and open for as long as an asset may have come of it that the ledger does not
// know. While it is open, its item keeps the right to make an asset of its content, so
// that no other file with the same bytes is sent meanwhile.

// directOver is the remote name of a direct upload that no asset came of.
const directOver = "none"

// openDirect holds for an upload u that is an open direct one.
const openDirect = "u.parts = 0 AND u.remote = ''"

const closeDirectQuery = "UPDATE uploads AS u SET remote = '" + directOver + "' WHERE u.item = ? AND " + openDirect

// Direct reports whether the upload is the one request of a small image.
func (u Upload) Direct() bool { return u.ID != 0 && u.Parts == 0 }

// DirectTry is what the ledger knows of an item's latest direct upload.
type DirectTry struct {
	Made bool      // there was one
	Open bool      // an asset may have come of it, and the ledger does not know
	At   time.Time // when it was intended
}

const directTryQuery = "SELECT remote = '', created_at FROM uploads WHERE item = ? AND parts = 0 ORDER BY id DESC LIMIT 1"

// DirectTry returns what is known of an item's latest direct upload; the zero value if
// it never had one.
func (l *Ledger) DirectTry(ctx context.Context, item int64) (d DirectTry, err error) {
	var at int64
	err = l.one(ctx, directTryQuery, item).Scan(&d.Open, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return DirectTry{}, nil
	}
	if err != nil {
		return DirectTry{}, fmt.Errorf("read how item %d was sent: %w", item, err)
	}
	d.Made, d.At = true, moment(at)
	return d, nil
}

// ResumeDirect moves a claimed item that is to be looked into again back to Completing, with
// the direct upload of which it is not known what became. It returns the item as it stands
// then.
func (l *Ledger) ResumeDirect(ctx context.Context, it Item, owner string) (Item, error) {
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRow("SELECT u.id, c.id, c.scope, c.kind, c.sha256 FROM uploads u JOIN contents c ON c.item = u.item AND c.asset = '' WHERE u.item = ? AND "+openDirect,
			it.ID).Scan(&it.Upload.ID, &it.Content, &it.Scope, &it.Kind, &it.SHA256)
		if err != nil {
			return fmt.Errorf("go on with the direct upload of item %d: %w", it.ID, err)
		}
		m := move{item: it.ID, from: it.State, to: drop.Completing, owner: owner,
			set:  []string{"upload = ?", "content = ?", "scope = ?", "kind = ?", "sha256 = ?"},
			args: []any{it.Upload.ID, it.Content, it.Scope, it.Kind, it.SHA256}}
		return m.apply(tx, l.stamp())
	})
	it.State = drop.Completing
	return it, err
}

// AskDirect holds an item of which it could not be found out what became of its direct
// upload, until the user says what to do. Scenario may have made one of the candidates of
// it, the likeliest first; with none, whether it made anything cannot be told.
func (l *Ledger) AskDirect(ctx context.Context, it Item, owner string, candidates []string, detail string) error {
	reason := ReasonMaybeSent
	if len(candidates) == 0 {
		reason = ReasonCannotTell
	}
	return l.apply(ctx, move{item: it.ID, from: drop.Completing, to: drop.Held, owner: owner, release: true, reason: reason, detail: detail,
		set: []string{"answer = ?", "candidates = ?", "not_before = 0", "attempts = 0"}, args: []any{Look, strings.Join(candidates, "\n")}})
}

// DirectFailed records that no asset came of an item's direct upload, and queues the
// item. If Scenario did not even look at it, it may go that way again; else it is sent in
// parts from now on.
func (l *Ledger) DirectFailed(ctx context.Context, it Item, owner string, again bool, reason, detail string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(closeDirectQuery, it.ID); err != nil {
			return fmt.Errorf("record what became of item %d: %w", it.ID, err)
		}
		m := move{item: it.ID, from: drop.Completing, to: drop.Queued, owner: owner, release: true, reason: reason, detail: detail,
			set: []string{"not_before = 0", "attempts = 0", "answer = CASE answer WHEN ? THEN '' ELSE answer END"}, args: []any{Look}}
		if err := m.apply(tx, l.stamp()); err != nil || !again {
			return err
		}
		_, err := tx.Exec("DELETE FROM uploads WHERE item = ? AND parts = 0 AND NOT EXISTS (SELECT 1 FROM items i WHERE i.upload = uploads.id)", it.ID)
		return err
	})
}

// CloseDirect gives up finding out whether an asset came of an item's direct upload, on
// the user's word that the file is to be sent.
func (l *Ledger) CloseDirect(ctx context.Context, it Item) error {
	return l.exec(ctx, "give up a direct upload", closeDirectQuery, it.ID)
}

const listsAssetsKey = "lists-assets " // and the scope

// ListsAssets reports whether the scope's list of assets was seen to have what a direct
// upload made: only then does it tell, by not having it, that none was made.
func (l *Ledger) ListsAssets(ctx context.Context, scope string) (yes bool, err error) {
	asset, err := l.Get(ctx, listsAssetsKey+scope)
	return asset != "", err
}

// SetListsAssets records the asset by which that was seen.
func (l *Ledger) SetListsAssets(ctx context.Context, scope, asset string) error {
	return l.Set(ctx, listsAssetsKey+scope, asset)
}
