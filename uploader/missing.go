package uploader

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/uploader/disk"
)

// maxPostponeWait is the longest wait between two checks of a file that is not to be sent yet.
const maxPostponeWait = 30 * time.Second

// postponeError says that a file is left for later, though nothing is wrong with it that
// the file itself could be blamed for.
type postponeError struct{ why drop.Why }

// Error implements error.
func (e *postponeError) Error() string { return e.why.String() }

// missing says what it means that an item's file is not there: nil when it was deleted,
// moved or renamed, and an error when the watch folder itself is missing, which is no
// reason to give the file up.
func (f *files) missing(ctx context.Context, j *job) error {
	missing, err := disk.Call(ctx, f.disk, j.it.Root, func() (bool, error) { return f.roots.missing(j.it.Root, j.it.Fingerprint.ID) }, nil)
	if err != nil || !missing {
		return err
	}
	return &postponeError{drop.ReasonFolderMissing.With(drop.TextItsFolderMissing.With())}
}

// knownRoots remembers which directory each watch folder was when files were opened in it.
type knownRoots struct {
	mu   sync.Mutex
	seen map[string]seenRoot
}

type seenRoot struct {
	id   file.ID
	lost bool // it was missing since; another directory may get its number
}

func newKnownRoots() *knownRoots { return &knownRoots{seen: map[string]seenRoot{}} }

// here notes that a file was opened in the folder, which may hang.
func (k *knownRoots) here(root string) {
	info, err := os.Stat(root)
	if err != nil {
		return // it is noted with the next file
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[root] = seenRoot{id: file.FromInfo(info).ID}
}

// missing reports whether the folder is gone, or an empty directory that is not the one it
// was: the place where a disk was mounted, or a folder that somebody made in its stead.
// Where it is not known yet which directory it was, its device has to be the file's.
func (k *knownRoots) missing(root string, of file.ID) (bool, error) {
	info, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.seen[root] = seenRoot{lost: true}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	id := file.FromInfo(info).ID
	k.mu.Lock()
	before, known := k.seen[root]
	k.mu.Unlock()
	if known && !before.lost && before.id == id || !known && id.Dev == of.Dev {
		return false, nil
	}
	dir, err := file.OpenDir(root, root)
	if err != nil {
		return false, err
	}
	defer dir.Close() // it was only read
	if _, err := dir.Readdirnames(1); !errors.Is(err, io.EOF) {
		return false, err
	}
	return true, nil
}
