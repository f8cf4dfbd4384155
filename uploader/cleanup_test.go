package uploader

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
)

// ownTrash gives a test a trash of its own where it ends with a file in it, or skips it.
func ownTrash(t *testing.T, reason drop.Reason) {
	t.Helper()
	if runtime.GOOS != "linux" && reason == drop.ReasonTrashed {
		t.Skip("the trash is the person's here")
	}
	t.Setenv("XDG_DATA_HOME", filepath.Join(t.TempDir(), "data"))
}

// What becomes of the file after the import, whatever happened to it meanwhile: it is moved or trashed
// only as what Scenario holds, and ends complete in one place.
func TestCleanup(t *testing.T) {
	into := func(r *rig) string { return filepath.Join(r.dir, "Uploaded") }
	move := func(r *rig) { r.edit(func(rule *Rule) { rule.After, rule.MoveTo = Move, into(r) }) }
	trash := func(r *rig) { r.edit(func(rule *Rule) { rule.After = Trash }) }
	other := []byte("another file altogether")
	for _, c := range []struct {
		name   string
		rule   func(*rig)
		before func(*rig, string) // what happens to the file between the import and the cleanup

		state  drop.State
		reason drop.Reason
		at     string // where the file's bytes are then, below the folder; "": nowhere
	}{
		{name: "moved", rule: move, state: drop.Imported, reason: drop.ReasonMoved, at: "Uploaded/a.png"},
		{name: "trashed", rule: trash, state: drop.Imported, reason: drop.ReasonTrashed},
		{name: "it may stay by now", rule: move, before: func(r *rig, _ string) { r.edit(func(rule *Rule) { rule.After = Keep }) }, state: drop.Imported, at: "a.png"},
		{name: "moved by somebody else", rule: move, before: func(r *rig, path string) { r.must(os.Rename(path, filepath.Join(r.dir, "b.png"))) }, state: drop.Imported, at: "b.png"},
		{name: "trashed by somebody else", rule: trash, before: func(r *rig, path string) { r.must(os.Rename(path, filepath.Join(r.dir, "b.png"))) }, state: drop.Imported, at: "b.png"},
		{name: "changed since, to be moved", rule: move, before: func(r *rig, path string) { r.must(os.WriteFile(path, other, 0o644)) }, state: drop.Imported, reason: drop.ReasonNotCleanedUp},
		{name: "changed since, to be trashed", rule: trash, before: func(r *rig, path string) { r.must(os.WriteFile(path, other, 0o644)) }, state: drop.Imported, reason: drop.ReasonNotCleanedUp},
		{name: "a folder of its name", rule: move, before: func(r *rig, path string) {
			r.must(os.Remove(path))
			r.must(os.Mkdir(path, 0o755))
		}, state: drop.Imported, reason: drop.ReasonNotCleanedUp},
		{name: "the name is taken there", rule: move, before: func(r *rig, _ string) {
			r.must(os.Mkdir(into(r), 0o755))
			r.must(os.WriteFile(filepath.Join(into(r), "a.png"), other, 0o644))
		}, state: drop.Imported, reason: drop.ReasonMoved, at: "Uploaded/a (2).png"},
		{name: "a file where the folder would be", rule: move, before: func(r *rig, _ string) { r.must(os.WriteFile(into(r), other, 0o644)) },
			state: drop.CleaningUp, reason: drop.ReasonCleanupFailed, at: "a.png"},
		{name: "the watch folder is away", rule: move, before: func(r *rig, _ string) { r.must(os.Rename(r.dir, r.dir+" away")) },
			state: drop.CleaningUp, reason: drop.ReasonFolderMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownTrash(t, c.reason)
			run(t, setup{alone: true}, func(r *rig) {
				c.rule(r)
				content := r.png(small)
				it := r.save("a.png", content)
				if c.before != nil {
					r.Fail(fakescenario.Failure{Op: fakescenario.Complete, Call: func() { c.before(r, it.Path) }})
				}
				r.work()
				it = r.stands(it, c.state, c.reason)
				if c.at != "" {
					if got, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(c.at))); err != nil || !bytes.Equal(got, content) {
						t.Errorf("at %s are %d bytes, %v", c.at, len(got), err)
					}
				}
				if c.state == drop.CleaningUp && it.Attempts != 1 {
					t.Errorf("%d attempts are counted", it.Attempts)
				}
				if _, err := os.Stat(it.Path); err == nil && (c.reason == drop.ReasonMoved || c.reason == drop.ReasonTrashed) {
					t.Error("the file is still where it was")
				}
				for _, name := range []string{"a.png", "Uploaded", "Uploaded/a.png"} { // nothing of the person's is gone
					path := filepath.Join(r.dir, filepath.FromSlash(name))
					if b, err := os.ReadFile(path); err == nil && !bytes.Equal(b, content) && !bytes.Equal(b, other) {
						t.Errorf("%s has %d bytes that nobody wrote", path, len(b))
					}
				}
				r.asset(it, content)
			})
		})
	}
}

// A cleanup that cannot be done is tried again, at lengthening intervals, and at once after an edit.
func TestCleanupIsTriedAgain(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		blocked := filepath.Join(r.dir, "Uploaded")
		r.edit(func(rule *Rule) { rule.After, rule.MoveTo = Move, blocked })
		r.must(os.WriteFile(blocked, []byte("x"), 0o644))
		it := r.worked("a.png", small)
		for _, want := range []time.Duration{1500, 3000, 6000, 12000} {
			r.stands(it, drop.CleaningUp, drop.ReasonCleanupFailed)
			r.due(it, want*time.Millisecond)
			time.Sleep(want * time.Millisecond)
			r.work()
		}
		for range 12 {
			time.Sleep(maxCleanupWait)
			r.work()
		}
		r.due(it, maxCleanupWait*3/4)
		r.must(os.Remove(blocked))
		r.edit(func(*Rule) {})
		r.running(5 * time.Second) // less than it would have waited
		r.stands(it, drop.Imported, drop.ReasonMoved)
	})
}

// A file that was moved, and that somebody put back, stays where it is; so does one that lies where files
// are moved to.
func TestPlacedByAPerson(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		into := filepath.Join(r.dir, "Uploaded")
		r.edit(func(rule *Rule) { rule.After, rule.MoveTo = Move, into })
		content := r.png(small)
		it := r.save("a.png", content)
		r.work()
		r.stands(it, drop.Imported, drop.ReasonMoved)
		back := filepath.Join(r.dir, "back.png")
		r.must(os.Rename(filepath.Join(into, "a.png"), back))
		again := r.readmit("back.png")
		r.work()
		r.stands(again, drop.Imported, drop.ReasonNotCleanedUp)
		there := r.save("Uploaded/b.png", r.png(small))
		r.work()
		r.stands(there, drop.Imported, drop.ReasonNotCleanedUp)
		for _, path := range []string{back, there.Path} {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
		r.asset(again, content)
	})
}

// powerCut lets nothing be written down of a file that was moved or trashed.
type powerCut struct{ Items }

func (powerCut) CleanedUp(context.Context, ledger.Item, string, file.Moved, drop.Why) error {
	return errors.New("the power is gone")
}

// What was begun with a file and interrupted is finished by whoever starts next, whatever the rule says by then.
func TestCleanupIsResumed(t *testing.T) {
	for _, c := range []struct {
		name   string
		after  After
		back   bool // a person put the file back meanwhile
		reason drop.Reason
	}{
		{"moved", Move, false, drop.ReasonMoved},
		{"trashed", Trash, false, drop.ReasonTrashed},
		{"trashed, and there again", Trash, true, drop.ReasonTrashed},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownTrash(t, c.reason)
			run(t, setup{alone: true}, func(r *rig) {
				into := filepath.Join(r.dir, "Uploaded")
				r.edit(func(rule *Rule) { rule.After, rule.MoveTo = c.after, into })
				r.start(func(o *Options) { o.Ledger = powerCut{r.l} })
				content := r.png(small)
				it := r.save("a.png", content)
				kept := filepath.Join(r.dir, "kept")
				r.must(os.Link(it.Path, kept))
				r.work()
				it = r.stands(it, drop.CleaningUp, drop.ReasonError)
				if _, err := os.Lstat(it.Path); err == nil {
					t.Fatal("the file is still there")
				}
				if c.back {
					r.must(os.Rename(kept, it.Path))
				}
				r.must(r.l.ReleaseAll(r.Context()))
				r.edit(func(rule *Rule) { rule.MoveTo = filepath.Join(r.dir, "Elsewhere") })
				r.start(nil)
				r.running(5 * time.Second)
				it = r.stands(it, drop.Imported, c.reason)
				if _, err := os.Lstat(it.Path); err == nil {
					t.Error("the file is where it was")
				}
				if got, err := os.ReadFile(filepath.Join(into, "a.png")); c.after == Move && (err != nil || !bytes.Equal(got, content)) {
					t.Errorf("in Uploaded are %d bytes, %v", len(got), err)
				}
				if _, err := os.Stat(filepath.Join(r.dir, "Elsewhere")); err == nil {
					t.Error("it was moved elsewhere, too")
				}
			})
		})
	}
}
