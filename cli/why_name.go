package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/watcher"
)

// Bounds of looking for a file by its name.
const (
	namesakesShown = 50              // files of one name that are told of
	searchEntries  = 500_000         // entries of the folders that are read at most …
	searchTime     = 5 * time.Second // … and for how long
)

// namesakes are the files that an argument of `why` means.
type namesakes struct {
	paths   []string
	more    int  // further ones
	partial bool // the folders could not be searched wholly
}

// meant finds the files that an argument means: the one at that path if a watch folder has it
// or it is known; else those of that name, which may have folders before it, wherever they are.
func meant(ctx context.Context, c *config.Config, l *ledger.Ledger, arg, path string) (n namesakes, err error) {
	exact := namesakes{paths: []string{path}}
	if filepath.IsAbs(arg) {
		return exact, nil
	}
	if l != nil {
		switch _, err := l.Find(ctx, path); {
		case err == nil:
			return exact, nil
		case !errors.Is(err, ledger.ErrNotFound):
			return n, err
		}
	}
	folders, err := service.FoldersKnown(ctx, c, l)
	if err != nil {
		return n, err
	}
	if e := watcher.Explain(folders, path); e.Exists && e.Folder != "" {
		return exact, nil
	}
	is := endsWith(arg)
	if l != nil {
		items, _, err := l.FindByName(ctx, filepath.Base(arg), searchEntries)
		if err != nil {
			return n, err
		}
		for _, it := range items {
			if is(it.Path) {
				n.paths = append(n.paths, it.Path)
			}
		}
	}
	if len(n.paths) == 0 {
		n.paths, n.partial = searchFolders(ctx, c, is)
	}
	if len(n.paths) == 0 {
		exact.partial = n.partial
		return exact, nil
	}
	slices.Sort(n.paths)
	if len(n.paths) > namesakesShown {
		n.more = len(n.paths) - namesakesShown
		n.paths = n.paths[:namesakesShown]
	}
	return n, nil
}

// endsWith tells whether a path ends with a name, or with folders and a name. Case does not
// count, nor how accents are composed: people type names as they look.
func endsWith(name string) func(path string) bool {
	normalize := func(s string) string { return strings.ToLower(norm.NFC.String(filepath.ToSlash(s))) }
	want := "/" + strings.TrimPrefix(normalize(filepath.Clean(name)), "/")
	return func(path string) bool { return strings.HasSuffix("/"+normalize(path), want) }
}

// searchFolders looks for files in the watch folders, also where their rules do not enter:
// why they do not is what the person wants to know. The nearest folders come first. partial
// reports that not all could be read in time, or for another reason.
func searchFolders(ctx context.Context, c *config.Config, is func(string) bool) (paths []string, partial bool) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	found := make(chan string)
	ended := make(chan bool, 1)
	go func() { ended <- walkFolders(ctx, roots(c), is, found) }()
	for {
		select {
		case path := <-found:
			paths = append(paths, path)
		case partial = <-ended:
			return paths, partial
		case <-ctx.Done(): // a share that hangs is left behind
			return paths, true
		}
	}
}

// walkFolders hands over the files that are meant, and reports whether something was not read.
func walkFolders(ctx context.Context, dirs []string, is func(string) bool, found chan<- string) (partial bool) {
	left := searchEntries
	for len(dirs) > 0 {
		dir := dirs[0]
		dirs = dirs[1:]
		entries, err := os.ReadDir(dir)
		partial = partial || err != nil && !errors.Is(err, fs.ErrNotExist)
		if left -= len(entries) + 1; left < 0 || ctx.Err() != nil {
			return true
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if e.IsDir() {
				dirs = append(dirs, path)
			} else if is(path) {
				select {
				case found <- path:
				case <-ctx.Done():
					return true
				}
			}
		}
	}
	return partial
}

// roots are the watch folders that are in no other.
func roots(c *config.Config) (all []string) {
	for _, w := range c.Watches {
		inside := slices.ContainsFunc(c.Watches, func(o config.Watch) bool { return o.Path != w.Path && within(w.Path, o.Path) })
		if !inside {
			all = append(all, w.Path)
		}
	}
	return all
}

// noteNamesakes says what of an answer by name is not there.
func (a *app) noteNamesakes(arg string, n namesakes) {
	if n.more > 0 {
		a.note("… and %s called %s. Name them with their folders, such as sub/%s.", count(n.more, "more file is", "more files are"), printable(arg), printable(filepath.Base(arg)))
	}
	if n.partial {
		a.note("Not all of the watch folders could be searched for %s: too large, or not readable. Name it with its whole path.", printable(arg))
	}
}

// notFoundByName is what is added where no file of a name is anywhere.
func notFoundByName(arg string) string {
	return fmt.Sprintf(" No file called %s is known or in a watch folder.", printable(filepath.Base(arg)))
}
