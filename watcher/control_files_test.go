package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

// What programs keep beside a file that they fetch is ignored by its name.
func TestTransferFilesAreIgnored(t *testing.T) {
	r := compile(Folder{Path: "/drop"}, nil)
	for _, tr := range transfers {
		name := "hero.png" + tr.suffix
		if of, found := transferFile(name); !found || of != "hero.png" {
			t.Errorf("%s lies beside %q", name, of)
		}
		if v := r.file("/drop/"+name, name); v.refusal == notIgnored {
			t.Errorf("%s is taken", name)
		}
	}
	for _, name := range []string{"hero.st", "aria2.png", ".aria2"} {
		if of, found := transferFile(name); found {
			t.Errorf("%s lies beside %q", name, of)
		}
	}
}

func TestBesideOf(t *testing.T) {
	for path, want := range map[string]string{
		"/d/Hero.png.aria2": "/d/Hero.png", "/d/Hero.PNG.Aria2": "/d/Hero.PNG", "/d/hero.png.st": "/d/hero.png",
		"/d/take.aup3-wal": "/d/take.aup3", "/d/take.lrcat-journal": "/d/take.lrcat", "/d/hero.png": "",
	} {
		if got := besideOf(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// A file whose transfer is not over waits, with a sentence, however whole it looks, and is
// finished as soon as what says so is gone.
func TestDownloadsAreAwaited(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	database := append([]byte(sqliteMagic), make([]byte, 4096)...)
	held := []struct {
		name, beside string
		data, noted  []byte
		reason       drop.Reason
	}{
		{"a.png", "a.png.aria2", drawing(t), []byte("bits"), drop.ReasonTransferUnfinished},
		{"b.png", "b.png.st", drawing(t), []byte("state"), drop.ReasonTransferUnfinished},
		{"c.bin", "c.bin.lftp-pget-status", []byte("half"), []byte("0.pos=1"), drop.ReasonTransferUnfinished},
		{"d.bin", "d.bin.part", nil, []byte("half"), drop.ReasonEmpty},
		{"e.aup3", "e.aup3-wal", database, []byte("7\x7f\x06\x82log"), drop.ReasonStillOpen},
		{"f.lrcat", "f.lrcat-journal", database, []byte("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"), drop.ReasonStillOpen},
	}
	for _, tt := range held {
		write(t, filepath.Join(dir, tt.beside), tt.noted)
		write(t, filepath.Join(dir, tt.name), tt.data)
	}
	// None of these waits for what lies beside it.
	free := []string{"g.png", "h.aup3", "i.lrcat", "j.png"}
	write(t, filepath.Join(dir, "g.png.part"), []byte("another version on its way"))
	write(t, filepath.Join(dir, "h.aup3-wal"), nil)                    // all is in the database
	write(t, filepath.Join(dir, "i.lrcat-journal"), make([]byte, 512)) // wound back (journal_mode PERSIST)
	write(t, filepath.Join(dir, "j.png-wal"), []byte("data"))          // no database has it
	if err := os.Mkdir(filepath.Join(dir, "j.png.aria2"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range free {
		data := drawing(t)
		if !strings.HasSuffix(name, "png") {
			data = database
		}
		write(t, filepath.Join(dir, name), data)
	}
	start(t, tuned(t, sink, quick(dir)))
	for _, name := range free {
		eventually(t, name+" is ready", func() bool { return sink.isReady(filepath.Join(dir, name)) })
	}
	for _, tt := range held {
		path := filepath.Join(dir, tt.name)
		eventually(t, tt.name+" is held", func() bool { return sink.reason(path) == tt.reason })
		sink.mu.Lock()
		if detail := texts.Words(sink.held[path].Detail); !strings.Contains(detail, tt.beside) {
			t.Errorf("%s: %s", tt.name, detail)
		}
		if sink.ready[path] > 0 {
			t.Errorf("%s was ready", tt.name)
		}
		sink.mu.Unlock()
	}
	for _, tt := range held {
		gone := func() error { return os.Remove(filepath.Join(dir, tt.beside)) }
		if len(tt.data) == 0 {
			gone = func() error { return os.Rename(filepath.Join(dir, tt.beside), filepath.Join(dir, tt.name)) }
		}
		if err := gone(); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range held {
		eventually(t, tt.name+" is ready", func() bool { return sink.isReady(filepath.Join(dir, tt.name)) })
	}
	if got := sink.paths(dir); slices.ContainsFunc(got, func(p string) bool { _, found := transferFile(p); return found }) {
		t.Errorf("ready: %v", got)
	}
}

// What lies beside a file that waits for long is not only seen by the next check: its end is.
func TestEndOfADownloadIsNoticedAtOnce(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	f := &folder{Folder: quick(dir), w: New(Options{Sink: sink})}
	f.w.limits = defaultLimits()
	r := f.newRun(false)
	path := filepath.Join(dir, "hero.png")
	w := &waiting{path: path, at: time.Now().Add(time.Hour)}
	r.queue.add(w)
	r.takeHint(hint{path: path + ".aria2"}, r.now(), map[string]bool{})
	if due := r.queue.next(r.now(), 1); len(due) != 1 || due[0] != w {
		t.Error("the file is not checked when its note of the download is gone")
	}
}

// A download without a note, and a partial file of rsync: what the disk and the times say.
func TestUnfinishedWithoutANote(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, quick(dir)))
	old := filepath.Join(dir, "notes.bin")
	temporary := filepath.Join(t.TempDir(), "notes.bin")
	write(t, temporary, []byte("half of it"))
	if err := errors.Join(os.Chtimes(temporary, time.Unix(0, 0), time.Unix(0, 0)), os.Rename(temporary, old)); err != nil {
		t.Skip(err)
	}
	eventually(t, "what rsync left is held", func() bool { return sink.reason(old) == drop.ReasonTransferUnfinished })
	if sink.isReady(old) {
		t.Error("what rsync left was ready")
	}
	now := time.Now()
	if err := os.Chtimes(old, now, now); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready once it has another date", func() bool { return sink.isReady(old) })
}
