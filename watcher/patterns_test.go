package watcher

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Patterns that do not do what was meant are told by what is in the folder.
func TestCheckPatterns(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"[WIP]/a.png", "final/b.png", "final/deep/c.PNG", "Uploaded/d.jpg", ".hidden/e.gif", "wip/f.png"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder := Folder{Path: root, Recursive: true, Skip: []string{filepath.Join(root, "Uploaded")},
		Include: []string{"*.png", "final", "final/", "**/*.jpg", "*.gif"},
		Exclude: []string{"[WIP]/**", "[[]WIP]/**", "wip", "wip/f.png", "nowhere/**"}}
	got, err := CheckPatterns(t.Context(), folder, []Folder{folder}, 1000, func() {})
	if err != nil {
		t.Fatal(err)
	}
	want := PatternCheck{Files: 4, Warnings: []PatternWarning{
		{Key: "include", Pattern: "final", Folder: "final"},
		{Key: "include", Pattern: "**/*.jpg"}, // only where finished files are
		{Key: "include", Pattern: "*.gif"},    // only in a hidden folder
		{Key: "exclude", Pattern: "[WIP]/**", Literal: "[WIP]"},
		{Key: "exclude", Pattern: "nowhere/**"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// What was not read to its end proves nothing of the rest.
	if got, err := CheckPatterns(t.Context(), folder, []Folder{folder}, 3, func() {}); err != nil || len(got.Warnings) > 1 {
		t.Errorf("%+v, %v", got, err)
	}
	empty := Folder{Path: t.TempDir(), Recursive: true, Include: []string{"*.png"}}
	if got, err := CheckPatterns(t.Context(), empty, []Folder{empty}, 1000, func() {}); err != nil || len(got.Warnings) > 0 {
		t.Errorf("of an empty folder: %+v, %v", got, err)
	}
}
