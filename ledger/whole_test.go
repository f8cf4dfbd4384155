package ledger

import (
	"errors"
	"testing"

	"scenario-drop/drop"
)

// whole is the upload of a file that is one part.
var whole = Upload{Remote: "remote", PartSize: 5 << 20, Parts: 1}

// A file of one part is written down when storage has it: its content, its upload and the intent
// to complete it, at once.
func TestCompletingOnePart(t *testing.T) {
	l, clock := newLedger(t)
	it := preparing(t, l, "a.png")[0]
	u, who, err := l.CompletingOnePart(t.Context(), it, "w", whole, contentOf(1))
	must(t, err)
	if !who.Mine() || u.ID == 0 || u.Remote != "remote" {
		t.Fatalf("%+v, %+v", u, who)
	}
	it = item(t, l, it.ID)
	if it.State != drop.Completing || it.Upload != u || string(it.SHA256) != string(contentOf(1).SHA256) || it.Scope != contentOf(1).Scope {
		t.Fatalf("it is %+v", it)
	}
	must(t, l.Importing(t.Context(), it, "w", clock.now()))
	it.State = drop.Importing
	must(t, l.Finished(t.Context(), it, "", "asset-1", []string{"collection"}))
	if got := item(t, l, it.ID); got.State != drop.Imported || got.Asset != "asset-1" {
		t.Errorf("it is %+v", got)
	}
	duplicate := preparing(t, l, "b.png")[0]
	if _, who, err := l.CompletingOnePart(t.Context(), duplicate, "w", whole, contentOf(1)); err != nil || who.Asset != "asset-1" {
		t.Errorf("the duplicate: %+v, %v", who, err)
	}
	if got := item(t, l, duplicate.ID); got.State != drop.Preparing || got.Upload.ID != 0 {
		t.Errorf("the duplicate is %+v, and nothing should have changed", got)
	}
}

// Only one of two items with the same bytes goes on, and the other is let on when it is done.
func TestCompletingOnePartTwice(t *testing.T) {
	l, _ := newLedger(t)
	items := preparing(t, l, "a.png", "b.png")
	free := func(want bool) {
		t.Helper()
		if got, err := l.ContentFree(t.Context(), contentOf(1)); err != nil || got != want {
			t.Errorf("the content is free: %v, %v; want %v", got, err, want)
		}
	}
	free(true)
	must(t, l.WaitFor(t.Context(), items[1], "w", items[0].ID, l.now().Add(hour)))
	if got := claimAll(t, l, "w"); len(got) != 0 {
		t.Fatalf("claimed while it waits: %s", names(got))
	}
	_, _, err := l.CompletingOnePart(t.Context(), items[0], "w", whole, contentOf(1))
	must(t, err)
	free(false)
	got := claimAll(t, l, "w")
	if names(got) != "b.png" {
		t.Fatalf("claimed are %q", names(got))
	}
	if _, who, err := l.CompletingOnePart(t.Context(), got[0], "w", whole, contentOf(1)); err != nil || who.Other != items[0].ID {
		t.Errorf("the second: %+v, %v", who, err)
	}
}

func TestCompletingOnePartRefuses(t *testing.T) {
	for name, change := range map[string]string{
		"another owner": "owner = 'other'",
		"another state": "state = 'uploading'",
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := newLedger(t)
			it := preparing(t, l, "a.png")[0]
			force(t, l, it.ID, change)
			if _, _, err := l.CompletingOnePart(t.Context(), it, "w", whole, contentOf(1)); !errors.Is(err, ErrNotMoved) {
				t.Errorf("error %v, want ErrNotMoved", err)
			}
			if got, err := l.ContentFree(t.Context(), contentOf(1)); err != nil || !got {
				t.Errorf("the content was claimed all the same: %v", err)
			}
		})
	}
}
