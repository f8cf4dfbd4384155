package service

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// withTrash gives the process a trash of its own.
func (s *studio) withTrash(t *testing.T) (files string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("looks into the trash as the freedesktop.org specification lays it out")
	}
	home := s.path("home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", home)
	return filepath.Join(home, "Trash", "files")
}

func (s *studio) exists(parts ...string) bool {
	_, err := os.Lstat(s.path(parts...))
	return err == nil
}

// What lies where files were moved to under an earlier config is neither sent nor moved
// nor trashed under any later one.
func TestEarlierMoveTargetIsLeftAlone(t *testing.T) {
	for _, then := range []string{"trash", "move elsewhere", "keep", "move to a folder within"} {
		t.Run(then, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Characters")
			trash := s.withTrash(t)
			w := &s.config.Watches[0]
			w.AfterUpload, w.MoveTo = "move", s.path("Characters", "Uploaded")
			sums := []string{s.save(noise(1000, 1), "Characters", "Orcs", "a.png")}
			s.once()
			s.save(noise(1000, 2), "Characters", "Uploaded", "mine.png") // the person's own
			switch then {
			case "trash":
				w.AfterUpload = "trash"
			case "move elsewhere":
				w.MoveTo = s.path("Characters", "Done")
			case "keep":
				w.AfterUpload = "keep"
			case "move to a folder within":
				w.MoveTo = s.path("Characters", "Uploaded", "2026")
			}
			sums = append(sums, s.save(noise(1000, 3), "Characters", "new.png"))
			s.once()
			s.exactlyOnce(sums...)
			for _, parts := range [][]string{{"Characters", "Uploaded", "Orcs", "a.png"}, {"Characters", "Uploaded", "mine.png"}} {
				if !s.exists(parts...) {
					t.Errorf("%s is gone", filepath.Join(parts...))
				}
			}
			if then == "trash" && len(namesOf(t, trash)) != 1 {
				t.Errorf("in the trash are %q", namesOf(t, trash))
			}
			l, err := OpenLedgerReadOnly(t.Context(), s.config.DataDir)
			if err != nil {
				t.Fatal(err)
			}
			folders, err := FoldersKnown(t.Context(), s.config, l)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			e := watcher.Explain(folders, s.path("Characters", "Uploaded", "mine.png"))
			if err != nil || e.Rule != drop.ReasonMoveTarget || !strings.Contains(status.Words(e.Detail), "earlier config") || !e.Rule.Has(drop.ActionRetry) {
				t.Errorf("why says %+v, %v", e, err)
			}

			// Whoever wants one of them can have it, and it stays where it is.
			if n, err := RetryOffline(t.Context(), s.config, []string{s.path("Characters", "Uploaded", "mine.png")}); err != nil || n != 1 {
				t.Errorf("retry of a file there: %d, %v", n, err)
			}
			s.once()
			mine := sumOf(noise(1000, 2))
			s.exactlyOnce(append(sums, mine)...)
			if !s.exists("Characters", "Uploaded", "mine.png") {
				t.Error("what was asked for by name was moved")
			}
		})
	}
}

// The same while a daemon runs, whose config is edited.
func TestMoveBecomesTrashWhileRunning(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.withTrash(t)
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("Characters", "Uploaded")
	d, _ := s.run()
	sums := []string{s.save(noise(1000, 1), "Characters", "a.png")}
	s.await(drop.Imported, "Characters", "a.png")
	edited := *s.config
	edited.Watches = slices.Clone(edited.Watches)
	edited.Watches[0].AfterUpload = "trash"
	if err := d.engine.apply(t.Context(), &edited, diff(s.config, &edited)); err != nil {
		t.Fatal(err)
	}
	d.engine.watcher.Rescan()
	sums = append(sums, s.save(noise(1000, 2), "Characters", "b.png"))
	if it := s.await(drop.Imported, "Characters", "b.png"); it.Reason != drop.ReasonTrashed {
		t.Errorf("%+v", it)
	}
	s.exactlyOnce(sums...)
	if !s.exists("Characters", "Uploaded", "a.png") {
		t.Error("what was moved is gone")
	}
}

// A person who sets a watch folder exactly there means what it says.
func TestWatchFolderSetWhereFilesWereMoved(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.withTrash(t)
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("Characters", "Uploaded")
	sums := []string{s.save(noise(1000, 1), "Characters", "a.png")}
	s.once()
	sums = append(sums, s.save(noise(1000, 2), "Characters", "Uploaded", "mine.png"))
	w.AfterUpload = "keep"
	own := *w
	own.Path, own.AfterUpload = s.path("Characters", "Uploaded"), "trash"
	s.config.Watches = append(s.config.Watches, own)
	s.once()
	s.exactlyOnce(sums...)
	if s.exists("Characters", "Uploaded", "mine.png") || s.exists("Characters", "Uploaded", "a.png") {
		t.Error("a watch folder of its own is not treated like any")
	}
}

// A person who renames the folder that files were moved to, or takes a file back from the
// trash, finds it where it was put.
func TestWhatAPersonPutBackStays(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	trash := s.withTrash(t)
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("Characters", "Uploaded")
	sums := []string{s.save(noise(1000, 1), "Characters", "a.png")}
	s.once()
	rename := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(s.path("Characters", "Uploaded"), s.path("Characters", "Archive 2026"))
	s.once()
	w.AfterUpload = "trash"
	s.once()
	if !s.exists("Characters", "Archive 2026", "a.png") {
		t.Error("what was moved once was moved or trashed after its folder was renamed")
	}

	sums = append(sums, s.save(noise(1000, 2), "Characters", "b.png"))
	s.once()
	rename(filepath.Join(trash, "b.png"), s.path("Characters", "b.png"))
	s.once()
	if !s.exists("Characters", "b.png") {
		t.Error("what was taken back from the trash went there again")
	}
	s.exactlyOnce(sums...)

	s.save(noise(1000, 2), "Characters", "copy.png") // a file of its own
	s.once()
	if s.exists("Characters", "copy.png") {
		t.Error("a copy is not treated like any file")
	}
	s.exactlyOnce(sums...)
}

func namesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
