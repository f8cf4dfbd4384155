package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Observation is a version of a file that was seen in a watch folder.
type Observation struct {
	Root, Path  string
	Fingerprint file.Fingerprint
	// State is what to make of it: Queued, Held or Ignored; with the reason and the
	// sentence for the latter two.
	State  drop.State
	Reason drop.Reason
	Detail drop.Detail
	// IgnoreChanges asks that a new version of a file which became an asset before is
	// ignored (on_change = "ignore").
	IgnoreChanges bool
	// Interval is how far apart versions of the file are that become assets, at least; 0: as
	// they come.
	Interval time.Duration
}

// Admit takes observations into the ledger, all or none, and returns how many became
// work. A version that is known already changes nothing, so that the same observation may
// come any number of times. A new version waits for an older one of its path that is
// past the point of no return, and takes the place of one that is not. One that a person
// asked to be sent as it is (Force) is not held as long as its content is the same.
func (l *Ledger) Admit(ctx context.Context, sightings []Observation) (queued int, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		queued = 0
		for _, s := range sightings {
			made, err := l.admit(tx, s)
			if err != nil {
				return fmt.Errorf("admit %q: %w", s.Path, err)
			}
			if made {
				queued++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return queued, nil
}

// seen is what the ledger has of a observation's path: its last version, and the item
// made of that.
type seen struct {
	item   int64 // 0: the path is new
	fp     file.Fingerprint
	state  drop.State
	reason drop.Reason
	hold   Hold
	detail drop.Detail
	owner  string
	forced bool
	root   []byte
}

func (l *Ledger) admit(tx *sql.Tx, s Observation) (queued bool, err error) {
	switch s.State {
	case drop.Queued, drop.Held, drop.Ignored:
	default:
		return false, fmt.Errorf("no item begins as %q", s.State)
	}
	now := l.stamp()
	old, err := lookUp(tx, s.Path)
	if err != nil {
		return false, err
	}
	same := old.item != 0 && old.fp.SameVersion(s.Fingerprint)
	forced := old.forced && old.fp.SameContent(s.Fingerprint)
	if forced && s.State == drop.Held && s.Reason.Has(drop.ActionUploadAnyway) {
		s.State, s.Reason, s.Detail = drop.Queued, "", ""
	}
	if same {
		switch old.state {
		case drop.Held, drop.Ignored:
			asked := old.state == drop.Held && old.hold.staysHeld() || old.hold == HoldKind && string(old.root) == s.Root
			if old.hold == HoldChange || asked && s.State != drop.Ignored {
				return false, nil
			}
		case drop.Gone, drop.Superseded: // it is back, as it was
			same = false
		default:
			return false, nil
		}
	}
	if s.State == drop.Queued && s.IgnoreChanges {
		became, err := becameAsset(tx, s.Path)
		if err != nil {
			return false, err
		}
		if became {
			s.State, s.Reason, s.Detail = drop.Ignored, drop.ReasonChangeIgnored, drop.TextChangeIgnored.With()
		}
	}
	rests := s.State != drop.Queued && old.state == s.State && old.reason == s.Reason && old.owner == ""
	switch {
	case same && rests && old.detail == s.Detail:
		return false, nil
	case same:
		m := move{item: old.item, from: old.state, to: s.State, why: s.Reason.With(s.Detail),
			set: []string{"root = ?"}, args: []any{[]byte(s.Root)}}
		return s.State == drop.Queued, m.apply(tx, now)
	case old.state == drop.Ignored && old.hold.existing(): // no version of it was ever to be sent
		return s.State == drop.Queued, takeNoted(tx, now, old.item, s)
	case rests:
		return false, renewRest(tx, now, old.item, s, forced)
	case s.State == drop.Queued && s.Interval > 0 && old.state == drop.Queued && old.hold == HoldInterval && old.owner == "":
		s.Detail = old.detail
		return false, renewRest(tx, now, old.item, s, forced) // the last state before it is due goes
	case old.item != 0 && old.owner == "" && canMove(old.state, drop.Superseded):
		m := move{item: old.item, from: old.state, to: drop.Superseded, why: drop.ReasonReplaced.With(drop.TextReplaced.With())}
		if err := m.apply(tx, now); err != nil {
			return false, err
		}
		old.state = drop.Superseded
	case old.item != 0 && old.owner == "" && (old.state == drop.Linking || old.state == drop.CleaningUp):
		// Whatever it waits for with the version before, there is nothing to wait for now.
		if _, err := tx.Exec("UPDATE items SET not_before = 0 WHERE id = ?", old.item); err != nil {
			return false, err
		}
	}
	n := newItem{Observation: s, forced: forced}
	if s.State == drop.Queued && s.Interval > 0 && old.item != 0 {
		if n.versionAt, err = versionDue(tx, now, s); err != nil {
			return false, err
		}
	}
	switch {
	case n.versionAt > 0: // a claim sees then whether an older version is in its way
		n.until, n.Reason, n.Detail = n.versionAt, drop.ReasonVersionInterval, versionDetail(s.Interval)
	case s.State == drop.Queued && old.item != 0 && blocksNext(old.state):
		n.blocker, n.until = old.item, now+blockedFor.Milliseconds()
	}
	return s.State == drop.Queued, insert(tx, now, n)
}

const (
	lookUpQuery = `SELECT f.item, f.size, f.mtime, f.ctime, i.dev, i.ino, i.state, i.reason, i.hold, i.detail, i.owner, i.forced, i.root
		FROM files f JOIN items i ON i.id = f.item WHERE f.dir = ? AND f.name = ?`
	becameAssetQuery = "SELECT EXISTS (SELECT 1 FROM items WHERE dir = ? AND name = ? AND (state = 'imported' OR asset <> ''))"
)

func lookUp(tx *sql.Tx, path string) (old seen, err error) {
	dir, name := split(path)
	var dev, ino int64
	err = tx.QueryRow(lookUpQuery, dir, name).
		Scan(&old.item, &old.fp.Size, &old.fp.ModTime, &old.fp.ChangeTime, &dev, &ino, &old.state, &old.reason, &old.hold, &old.detail, &old.owner, &old.forced, &old.root)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	old.fp.ID = file.ID{Dev: uint64(dev), Ino: uint64(ino)}
	return old, err
}

// becameAsset reports whether any version of a path is an asset.
func becameAsset(tx *sql.Tx, path string) (became bool, err error) {
	dir, name := split(path)
	err = tx.QueryRow(becameAssetQuery, dir, name).Scan(&became)
	return became, err
}

// renewRest lets a new version that rests, or waits for its time, for the same reason as the
// one before take over its item, so that a file which keeps changing does not fill the ledger.
func renewRest(tx *sql.Tx, now, item int64, s Observation, forced bool) error {
	fp := s.Fingerprint
	_, err := tx.Exec("UPDATE items SET root = ?, size = ?, mtime = ?, ctime = ?, dev = ?, ino = ?, detail = ?, answer = '', candidates = '', forced = ?, updated_at = ? WHERE id = ?",
		[]byte(s.Root), fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino), s.Detail, forced, now, item)
	if err != nil {
		return err
	}
	return remember(tx, item, s)
}

// takeNoted makes the item of a file that was there before one of the version that it has now.
func takeNoted(tx *sql.Tx, now, item int64, s Observation) error {
	fp := s.Fingerprint
	m := move{item: item, from: drop.Ignored, to: s.State, why: s.Reason.With(s.Detail),
		set:  []string{"root = ?", "size = ?", "mtime = ?", "ctime = ?", "dev = ?", "ino = ?", "created_at = ?"},
		args: []any{[]byte(s.Root), fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino), now}}
	if err := m.apply(tx, now); err != nil {
		return err
	}
	return remember(tx, item, s)
}

// newItem is an item that is to be made.
type newItem struct {
	Observation
	blocker   int64 // the item until which gets further it waits; 0: none
	until     int64 // when it is due, Unix milliseconds; 0: at once
	versionAt int64 // until, if it is for the interval between versions; else 0
	forced    bool
}

func insert(tx *sql.Tx, now int64, s newItem) error {
	dir, name := split(s.Path)
	fp := s.Fingerprint
	res, err := tx.Exec(`INSERT INTO items (root, dir, name, size, mtime, ctime, dev, ino, state, reason, hold, detail, waits_for, not_before, version_at, forced, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []byte(s.Root), dir, name,
		fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino), s.State, s.Reason, holds[s.Reason], s.Detail, sql.NullInt64{Int64: s.blocker, Valid: s.blocker != 0}, s.until, s.versionAt, s.forced, now, now)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if s.State != drop.Queued {
		if err := record(tx, now, id, s.State, s.Reason.With(s.Detail)); err != nil {
			return err
		}
	}
	return remember(tx, id, s.Observation)
}

// remember writes down a path's version, and the item made of it.
func remember(tx *sql.Tx, item int64, s Observation) error {
	dir, name := split(s.Path)
	fp := s.Fingerprint
	_, err := tx.Exec(`INSERT INTO files (dir, name, size, mtime, ctime, item) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (dir, name) DO UPDATE SET size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, item = excluded.item`,
		dir, name, fp.Size, fp.ModTime, fp.ChangeTime, item)
	return err
}
