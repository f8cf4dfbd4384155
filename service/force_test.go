package service

import (
	"bytes"
	"image"
	pngformat "image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// cutPNG is a PNG without its end; each shade is another.
func cutPNG(t *testing.T, shade byte) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = byte(i*7) + shade
	}
	var b bytes.Buffer
	if err := pngformat.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()[:b.Len()-20]
}

// A file that looks cut off is uploaded as it is once somebody asks, by a daemon that runs or
// with the next start, and its next version is judged again. What is not held by our judgement
// stays, and says why.
func TestForce(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	first, second := s.save(cutPNG(t, 1), "Characters", "a.png"), s.save(cutPNG(t, 2), "Characters", "b.png")
	s.save(nil, "Characters", "empty.png")
	d, stop := s.run()
	for _, name := range []string{"a.png", "b.png", "empty.png"} {
		s.await(drop.Held, "Characters", name)
	}
	said := func(all []status.Forced, err error, want ...string) {
		t.Helper()
		s.must(err)
		for i, f := range all {
			if does, says, _ := strings.Cut(want[i], ": "); f.Does != does || !strings.Contains(f.Sentence, says) {
				t.Errorf("%s: %s, %q; want %s", f.Path, f.Does, f.Sentence, want[i])
			}
		}
	}
	s.save(nil, "Characters", "sub", "x.png")
	named := []string{s.path("Characters", "a.png"), s.path("Characters", "empty.png"), s.path("Characters", "sub"), s.path("Characters", "none.png"), s.path("elsewhere.png")}
	s.save(cutPNG(t, 9), "elsewhere.png")
	what := []string{"upload: Uploads it as it is, though it looks cut off: ", "nothing: Scenario takes no empty file.", "nothing: It is a folder", "nothing: There is no such file.", "nothing: No watch folder contains"}
	all, err := d.Force(t.Context(), named, true)
	said(all, err, what...)
	if it, err := s.item("Characters", "a.png"); err != nil || it.State != drop.Held {
		t.Fatalf("a dry run left it %s, %v", it.State, err)
	}
	all, err = d.Force(t.Context(), named, false)
	said(all, err, what...)
	s.await(drop.Imported, "Characters", "a.png")
	s.exactlyOnce(first)
	s.until("the watcher lets go of it", func() bool {
		o, err := d.PathStatus(t.Context(), s.path("Characters", "a.png"))
		return err == nil && o.Answered && o.File == nil
	}, func() string { return "it is awaited still" })
	s.save(cutPNG(t, 3), "Characters", "a.png")
	s.await(drop.Held, "Characters", "a.png")
	stop()

	all, err = ForceOffline(t.Context(), s.config, []string{s.path("Characters", "b.png")}, true)
	said(all, err, "upload: though it looks cut off")
	all, err = ForceOffline(t.Context(), s.config, []string{s.path("Characters", "b.png")}, false)
	said(all, err, "upload: though it looks cut off")
	all, err = ForceOffline(t.Context(), s.config, []string{s.path("Characters", "b.png")}, false)
	said(all, err, "nothing: It is not held.")
	_, stop = s.run()
	s.await(drop.Imported, "Characters", "b.png")
	s.exactlyOnce(first, second)
	if it, err := s.item("Characters", "a.png"); err != nil || it.State != drop.Held {
		t.Errorf("the new version of the first is %s, %v", it.State, err)
	}
	stop()
}

// What auto leaves at home as no asset, and what stands for a file elsewhere, is uploaded as it is
// at a person's word.
func TestForceOfWhatWasJudged(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Work")
	s.config.Watches[0].Kind = "auto"
	script := s.save([]byte("#!/bin/sh\nblender -b scene.blend\n"), "Work", "render")
	pointer := s.save([]byte("version https://git-lfs.github.com/spec/v1\noid sha256:"+strings.Repeat("4d", 32)+"\nsize 12345\n"), "Work", "orc.png")
	d, _ := s.run()
	for name, want := range map[string]struct {
		state  drop.State
		reason drop.Reason
		says   string
	}{
		"render":  {drop.Ignored, drop.ReasonNoAsset, "though it is a"},
		"orc.png": {drop.Held, drop.ReasonPointer, "though it is a Git LFS pointer"},
	} {
		it := s.await(want.state, "Work", name)
		if it.Reason != want.reason || !slices.Contains(status.NewFile(it, time.Now()).Actions, drop.ActionUploadAnyway) {
			t.Errorf("%s is %s: %s", name, it.Reason, status.Sentence(it, time.Now()))
		}
		all, err := d.Force(t.Context(), []string{it.Path}, false)
		s.must(err)
		if all[0].Does != status.ForceUploads || !strings.Contains(all[0].Sentence, want.says) {
			t.Errorf("%s: %+v", name, all[0])
		}
		s.await(drop.Imported, "Work", name)
	}
	s.exactlyOnce(script, pointer)
}

// Nothing is there before the first start; a question makes no ledger.
func TestForceWithoutALedger(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.save(cutPNG(t, 1), "Characters", "a.png")
	for _, dryRun := range []bool{true, false} {
		all, err := ForceOffline(t.Context(), s.config, []string{s.path("Characters", "a.png")}, dryRun)
		s.must(err)
		if len(all) != 1 || all[0].Does != status.ForceNothing || !strings.Contains(all[0].Sentence, "not seen yet") {
			t.Errorf("%+v", all)
		}
	}
	if _, err := os.Stat(LedgerPath(s.config.DataDir)); err == nil {
		t.Error("a local database was made")
	}
}

// A reason for which files are held is either our judgement, or has a sentence that
// says why --force does not help.
func TestEveryReasonIsDecided(t *testing.T) {
	now := time.Now()
	for _, reason := range drop.Reasons() {
		if reason.Class() != drop.NeedsAttention {
			continue // nothing is held for it
		}
		f := status.NewForced(ledger.Item{State: drop.Held, Reason: reason, Hold: ledger.HoldFor(reason), Detail: "Something."}, now)
		if strings.Contains(f.Sentence, "It cannot be uploaded as it is.") {
			t.Errorf("%s: whether --force uploads it is not decided: see drop/reason.go and status/force.go", reason)
		}
	}
}
