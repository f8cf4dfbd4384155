package watcher

import (
	"os"
	"syscall"
	"time"

	"scenario-drop/drop"
)

// Unavailable tells which of some watch folders cannot be used now, each with why.
// What does not answer for so long is left behind, and counts as one of them.
func Unavailable(paths []string, wait time.Duration) map[string]drop.Detail {
	type answer struct {
		path    string
		trouble drop.Detail
	}
	answers := make(chan answer, len(paths))
	for _, path := range paths {
		go func() { answers <- answer{path, unavailable(path)} }()
	}
	all := make(map[string]drop.Detail)
	for _, path := range paths {
		all[path] = drop.TextFolderUnresponsive.With("folder", path)
	}
	patience := time.NewTimer(wait)
	defer patience.Stop()
	for range paths {
		select {
		case a := <-answers:
			if all[a.path] = a.trouble; a.trouble == "" {
				delete(all, a.path)
			}
		case <-patience.C:
			return all
		}
	}
	return all
}

// InspectFolders finds out which folders other computers may have, too, so that Shared knows
// before they are scanned. What does not answer for so long is left behind, and known later.
func (w *Watcher) InspectFolders(wait time.Duration) {
	folders := w.list()
	inspected := make(chan struct{}, len(folders))
	for _, f := range folders {
		go func() {
			if where, err := Inspect(f.Path); err == nil && where.Remote {
				f.status.set(func(s *FolderStatus) { s.Remote = true })
			}
			inspected <- struct{}{}
		}()
	}
	patience := time.NewTimer(wait)
	defer patience.Stop()
	for range folders {
		select {
		case <-inspected:
		case <-patience.C:
			return
		}
	}
}

// unavailable says why a folder cannot be used; "" if it can.
func unavailable(path string) drop.Detail {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil {
		var dir *os.File
		if dir, err = os.Open(path); err == nil {
			_ = dir.Close() // it was only checked
		}
	}
	if err != nil {
		return trouble(path, err)
	}
	return ""
}
