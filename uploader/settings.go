package uploader

import (
	"context"
	"time"

	"scenario-drop/uploader/guard"
)

// Settings are what an edit of the config changes while files are being sent. A Settings
// is not changed once it was given to an Uploader.
type Settings struct {
	Rules map[string]Rule // by watch folder

	FilesAtOnce int                         // 0: chosen by itself
	Connections int                         // parts in flight over all files; 0: chosen by itself
	PartSize    int64                       // bytes, of files that begin from now on; 0: chosen by itself
	Bandwidth   func(time.Time) guard.Limit // what holds at a time; nil: never a limit
}

// SetSettings has everything from now on go by s. What is being sent goes on: a file by the
// rule that its next step finds, its parts at the rate that holds from their next read. Of a
// file whose folder is gone from the rules no further part is sent, and it is not completed.
func (u *Uploader) SetSettings(s Settings) {
	if s.FilesAtOnce <= 0 {
		s.FilesAtOnce = defaultFilesAtOnce
	}
	before := u.set.Swap(&s)
	if before == nil || before.Connections != s.Connections {
		u.storage.SetConnections(s.Connections)
	}
	select {
	case u.edited <- struct{}{}:
	default:
	}
	u.folders.checkSettingsNow()
	u.Wake()
}

// retryUnfinished has what failed after the import tried at once with each edit of the
// config, which may have mended it.
func (u *Uploader) retryUnfinished(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-u.edited:
		}
		if err := u.ledger.MakeUnfinishedDue(ctx); err != nil && ctx.Err() == nil {
			u.written.failed(err) // it is tried again in time
		}
		u.Wake()
	}
}

// settings are those that hold now. Whoever needs two of them to agree asks once.
func (b *base) settings() *Settings { return b.set.Load() }

// rule returns what holds now for the files of a watch folder; ok is false when it is not
// in the config.
func (b *base) rule(root string) (r Rule, ok bool) {
	r, ok = b.settings().Rules[root]
	return r, ok
}

// bandwidth is the limit that holds at a time.
func (u *Uploader) bandwidth(t time.Time) guard.Limit {
	if allowed := u.settings().Bandwidth; allowed != nil {
		return allowed(t)
	}
	return guard.Limit{}
}
