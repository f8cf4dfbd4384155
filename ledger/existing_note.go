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

// existingMoment is since when the files of a folder with existing = "skip" are sent.
type existingMoment struct {
	since    int64 // Unix nanoseconds; 0: the folder does not skip anything
	rules    string
	complete bool // all from before is noted
}

// nonsense is how far in the future a file's time may be to be believed.
const nonsense = 10 * time.Minute

// coarseTimes is the coarsest unit in which filesystems keep times (FAT).
const coarseTimes = int64(2 * time.Second)

// before reports whether a file was there before the moment, by its times: what else tells
// that, while not all that was there is noted? What a program can set, the modification time, counts
// only where the filesystem has no change time, and a time that lies in the future not at all. slack
// is how far the clocks of this computer and of the filesystem may differ: a file that
// changed in that time before the moment counts as new, since that is mended by a person more
// easily than a file that is not sent.
func (m existingMoment) before(fp file.Fingerprint, now time.Time, slack time.Duration) bool {
	if m.since == 0 || m.complete {
		return false
	}
	latest := now.Add(nonsense).UnixNano()
	coarse := fp.WholeSeconds()
	changed := fp.ChangeTime
	if changed == 0 || changed > latest || coarse {
		changed = 0
		for _, t := range []int64{fp.ModTime, fp.ChangeTime} {
			if t <= latest {
				changed = max(changed, t)
			}
		}
	}
	since := m.since - slack.Nanoseconds()
	if coarse {
		return changed < since-since%coarseTimes
	}
	return changed <= since
}

// Found is a file that a folder has, of which the ledger does not have this version.
type Found struct {
	Path        string
	Fingerprint file.Fingerprint
}

// ExistingJudge tells files that were there before from those to be sent.
type ExistingJudge struct {
	Ledger *Ledger // nil: there is none yet
	Root   string
	Now    time.Time
	Slack  time.Duration // by which the filesystem's clock and this computer's may differ
	// Rules are those of the folder now, as in ExistingFolder. What was noted by others is not all.
	Rules string
	// Since is taken for the moment of a folder of which none is written down; zero: all of its
	// files are sent.
	Since time.Time
	// Vacant reports whether nothing is at a path.
	Vacant func(path string) bool
}

// ruling is what is to become of one file that was there before.
type ruling struct {
	existing bool
	item     int64 // the newest of its path; 0: none
	renamed  int64 // the item of the path that it had before; 0: it had none
}

// Judge reports for each file whether it was there before and is not to be sent. These are: what
// was there at the moment and is in no list yet; what is noted already, though its
// attributes changed; and what is noted and has another name by now. It changes nothing.
func (j ExistingJudge) Judge(ctx context.Context, found []Found) ([]bool, error) {
	rulings, err := j.rule(ctx, found)
	is := make([]bool, len(found))
	for i, r := range rulings {
		is[i] = r.existing
	}
	return is, err
}

// Note is Judge, and writes down what it says of them, durably.
func (j ExistingJudge) Note(ctx context.Context, found []Found) ([]bool, error) {
	rulings, err := j.rule(ctx, found)
	if err != nil {
		return nil, err
	}
	is, any := make([]bool, len(found)), false
	for i := range rulings {
		any = any || rulings[i].existing
	}
	if !any {
		return is, nil
	}
	err = j.Ledger.write.do(ctx, func(tx *sql.Tx) error {
		// The setting may have been edited since: then what it noted is released already.
		skips := false
		if err := tx.QueryRow("SELECT EXISTS ("+existingQuery+")", []byte(j.Root)).Scan(&skips); err != nil {
			return fmt.Errorf("read whether %q skips what was there: %w", j.Root, err)
		}
		for i, r := range rulings {
			is[i] = false
			r.existing = r.existing && skips
			if !r.existing {
				continue
			}
			noted, err := j.Ledger.noteExisting(tx, j.Root, found[i], r)
			if err != nil {
				return fmt.Errorf("note that %q was there before: %w", found[i].Path, err)
			}
			is[i] = noted
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return is, nil
}

func (j ExistingJudge) rule(ctx context.Context, found []Found) ([]ruling, error) {
	m := existingMoment{}
	if j.Ledger != nil {
		var err error
		if m, err = j.Ledger.existingMoment(ctx, j.Root); err != nil {
			return nil, err
		}
	}
	if m.since == 0 && !j.Since.IsZero() {
		m = existingMoment{since: j.Since.UnixNano()}
	}
	m.complete = m.complete && (j.Rules == "" || j.Rules == m.rules)
	rulings := make([]ruling, len(found))
	if m.since == 0 {
		return rulings, nil
	}
	for i, f := range found {
		r := &rulings[i]
		old := noted{}
		if j.Ledger != nil {
			var err error
			if old, err = j.Ledger.notedOf(ctx, f.Path); err != nil {
				return nil, err
			}
		}
		r.item = old.item
		switch {
		case old.item == 0:
		case old.state == drop.Ignored && old.hold == HoldExisting && old.sameFile(f.Fingerprint):
			r.existing = true
			continue
		case old.state == drop.Ignored && old.hold != HoldChange && old.hold != HoldExistingAsked, old.state == drop.Gone, old.state == drop.Superseded:
		default:
			continue // it was taken, and goes on from there
		}
		if m.before(f.Fingerprint, j.Now, j.Slack) {
			r.existing = true
			continue
		}
		if j.Ledger == nil {
			continue
		}
		if err := j.renamed(ctx, f, r); err != nil {
			return nil, err
		}
	}
	return rulings, nil
}

// renamed finds out whether a file is noted under another name, which it no longer has, or has
// as well (a hard link).
func (j ExistingJudge) renamed(ctx context.Context, f Found, r *ruling) error {
	like, err := scanExisting(j.Ledger.read.QueryContext(ctx, existingLikeQuery, []byte(j.Root), f.Fingerprint.Size, f.Fingerprint.ModTime))
	if err != nil {
		return fmt.Errorf("look whether %q was there under another name: %w", f.Path, err)
	}
	for _, e := range like {
		if e.Path == f.Path {
			continue
		}
		vacant := j.Vacant(e.Path)
		if ino := e.Fingerprint.ID.Ino; !vacant && (ino == 0 || ino != f.Fingerprint.ID.Ino) {
			continue // another file, which happens to have its size and time: a copy
		}
		r.existing = true
		if vacant {
			r.renamed = e.ID
		}
		return nil
	}
	return nil
}

const (
	existingLikeQuery = "SELECT id, dir, name, size, mtime, ino FROM items INDEXED BY items_existing WHERE " + existingNoted + " AND root = ? AND size = ? AND mtime = ? LIMIT 100"
	notedQuery        = `SELECT f.item, f.size, f.mtime, f.ctime, i.ino, i.state, i.hold, i.owner
		FROM files f JOIN items i ON i.id = f.item WHERE f.dir = ? AND f.name = ?`
	noteQuery = `INSERT INTO items (root, dir, name, size, mtime, ctime, dev, ino, state, reason, hold, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ignored', 'existing', 'existing', ?, ?)`
	noteAgainQuery = `UPDATE items SET root = ?, size = ?, mtime = ?, ctime = ?, dev = ?, ino = ?, reason = 'existing', hold = 'existing', detail = '', updated_at = ?
		WHERE id = ? AND +state = 'ignored' AND owner = ''`
)

// noted is what the ledger has of a path.
type noted struct {
	item  int64
	fp    file.Fingerprint
	state drop.State
	hold  Hold
	owner string
}

// sameFile reports whether a file is the one that was noted: its attributes may have changed,
// which shows in the change time, but not its content. No identity is known on Windows.
func (n noted) sameFile(fp file.Fingerprint) bool {
	return n.fp.Size == fp.Size && n.fp.ModTime == fp.ModTime && (n.fp.ID.Ino == fp.ID.Ino || n.fp.ID.Ino == 0 || fp.ID.Ino == 0)
}

func (l *Ledger) notedOf(ctx context.Context, path string) (n noted, err error) {
	dir, name := split(path)
	return scanNoted(l.read.QueryContext(ctx, notedQuery, dir, name))
}

func scanNoted(rows *sql.Rows, err error) (n noted, _ error) {
	if err != nil {
		return n, err
	}
	defer rows.Close()
	for rows.Next() {
		var ino int64
		if err := rows.Scan(&n.item, &n.fp.Size, &n.fp.ModTime, &n.fp.ChangeTime, &ino, &n.state, &n.hold, &n.owner); err != nil {
			return n, err
		}
		n.fp.ID.Ino = uint64(ino)
	}
	return n, rows.Err()
}

// noteExisting writes down one ruling, unless something became of the file since. There is no
// entry in the history: of a hundred thousand it would say the same.
func (l *Ledger) noteExisting(tx *sql.Tx, root string, f Found, r ruling) (noted bool, err error) {
	dir, name := split(f.Path)
	now, fp := l.stamp(), f.Fingerprint
	old, err := scanNoted(tx.Query(notedQuery, dir, name))
	if err != nil || old.item != r.item || old.owner != "" {
		return false, err
	}
	if r.renamed != 0 {
		m := move{item: r.renamed, from: drop.Ignored, to: drop.Gone, why: drop.ReasonRenamed.With(drop.TextRenamed.With("path", f.Path))}
		if err := m.apply(tx, now); err != nil && !errors.Is(err, ErrNotMoved) {
			return false, err
		}
	}
	item := old.item
	if old.state == drop.Ignored {
		n, err := affected(tx.Exec(noteAgainQuery, []byte(root), fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino), now, item))
		if err != nil || n != 1 {
			return false, err
		}
	} else {
		res, err := tx.Exec(noteQuery, []byte(root), dir, name, fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino), now, now)
		if err != nil {
			return false, err
		}
		if item, err = res.LastInsertId(); err != nil {
			return false, err
		}
	}
	return true, remember(tx, item, Observation{Path: f.Path, Fingerprint: fp})
}
