//go:build windows || darwin

package watcher

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

// What the system marks as hidden is ignored as what begins with a dot is: counted, and
// explained.
func TestMarkedHiddenIsIgnored(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a.png", "marked.png", "cache/x.png", "cache/sub/x.png", "sub/b.png", "sub/marked.png"} {
		write(t, filepath.Join(root, filepath.FromSlash(name)), drawing(t))
	}
	for _, name := range []string{"marked.png", "cache", "sub/marked.png"} {
		if err := hide(filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	folders := []Folder{quick(root)}
	sink := newRecorder()
	w := tuned(t, sink, folders...)
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[drop.Reason]IgnoredCount{drop.ReasonHidden: {Files: 2, Folders: 1}}
	if s := w.Folders()[0]; !maps.Equal(s.IgnoredBy, want) || s.Files != 2 || s.Dirs != 2 {
		t.Errorf("a pass counts %+v, want %v", s, want)
	}
	if got := sink.paths(root); !slices.Equal(got, []string{"a.png", "sub/b.png"}) {
		t.Errorf("taken: %q", got)
	}
	found, err := Survey(folders, root, func() error { return nil })
	if err != nil || !maps.Equal(found.IgnoredBy, want) || found.Files != 2 || found.Dirs != 2 {
		t.Errorf("a walk counts %+v (%v), want %v", found, err, want)
	}
	for _, name := range []string{"marked.png", "cache", "cache/x.png", "cache/sub/x.png"} {
		if e := Explain(folders, filepath.Join(root, filepath.FromSlash(name))); e.Rule != drop.ReasonHidden || !strings.Contains(texts.Words(e.Detail), "the system marks it so") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// An event about a file that is hidden, or in a directory that is, makes nothing of it; one
// that is shown again is taken.
func TestMarkedHiddenByEvents(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "cache"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := hide(filepath.Join(root, "cache")); err != nil {
		t.Fatal(err)
	}
	folder := quick(root)
	sink := newRecorder()
	w := tuned(t, sink, folder)
	start(t, w)
	marked, before := filepath.Join(root, "marked.png"), filepath.Join(root, "marked.tmp")
	write(t, before, drawing(t))
	if err := errors.Join(hide(before), os.Rename(before, marked)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "cache", "x.png"), drawing(t))
	w.Check(root, filepath.Join(root, "cache", "x.png"))
	write(t, filepath.Join(root, "a.png"), drawing(t))
	eventually(t, "what is shown is ready", func() bool { return sink.isReady(filepath.Join(root, "a.png")) })
	if got := sink.paths(root); !slices.Equal(got, []string{"a.png"}) {
		t.Errorf("taken: %q", got)
	}
	if err := show(marked); err != nil {
		t.Fatal(err)
	}
	w.Check(root, marked)
	eventually(t, "what is shown again is ready", func() bool { return sink.isReady(marked) })
}
