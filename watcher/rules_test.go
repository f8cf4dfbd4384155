package watcher

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

func TestRules(t *testing.T) {
	root := filepath.FromSlash("/studio/drop")
	for _, tt := range []struct {
		name             string
		include, exclude []string
		path             string
		dir              bool
		want             refusal
	}{
		{"all by default", nil, nil, "a/b/hero.png", false, notIgnored},
		{"include", []string{"**/*.png"}, nil, "a/b/hero.png", false, notIgnored},
		{"include at the top", []string{"**/*.png"}, nil, "hero.png", false, notIgnored},
		{"case of the name", []string{"**/*.png"}, nil, "a/HERO.PNG", false, notIgnored},
		{"case of the pattern", []string{"**/*.PNG"}, nil, "a/hero.png", false, notIgnored},
		{"not included", []string{"**/*.png"}, nil, "a/hero.jpg", false, notIncluded},
		{"several", []string{"**/*.png", "**/*.{jpg,jpeg}"}, nil, "a/hero.jpeg", false, notIgnored},
		{"without a slash: any depth", []string{"*.png"}, nil, "a/b/hero.png", false, notIgnored},
		{"anchored", []string{"/*.png"}, nil, "a/hero.png", false, notIncluded},
		{"anchored, at the top", []string{"/*.png"}, nil, "hero.png", false, notIgnored},
		{"anchored with a dot", []string{"./*.png"}, nil, "a/hero.png", false, notIncluded},
		{"with a slash: from the top", []string{"chars/*.png"}, nil, "a/chars/x.png", false, notIncluded},
		{"a directory and all below", []string{"Chars/"}, nil, "chars/orc/x.png", false, notIgnored},
		{"a directory, not a file of that name", []string{"chars/"}, nil, "chars", false, notIncluded},
		{"exclude", nil, []string{"**/wip/**"}, "a/wip/hero.png", false, isExcluded},
		{"exclude prunes", nil, []string{"**/wip/**"}, "a/wip", true, isExcluded},
		{"exclude prunes at the top", nil, []string{"wip/**"}, "wip", true, isExcluded},
		{"exclude by a directory's name", nil, []string{"WIP"}, "a/wip", true, isExcluded},
		{"exclude with a slash at the end", nil, []string{"wip/"}, "a/wip", true, isExcluded},
		{"such is for directories only", nil, []string{"wip/"}, "a/wip", false, notIgnored},
		{"exclude wins", []string{"**/*.png"}, []string{"*_draft.png"}, "a/hero_draft.png", false, isExcluded},
		{"include does not prune", []string{"**/*.png"}, nil, "a", true, notIgnored},
		{"accents, composed and not", []string{"**/héros*.png"}, nil, "a/he\u0301ros1.png", false, notIgnored},
		{"junk wins over include", []string{"**/*"}, nil, "a/x.tmp", false, isBuiltIn},
		{"a sidecar", nil, nil, "a/hero.xmp", false, isOptional},
		{"a sidecar that include names", []string{"*", "*.xmp"}, nil, "a/hero.xmp", false, notIgnored},
		{"a sidecar that include names, in capitals", []string{"**/*.{png,XMP}"}, nil, "a/HERO.xmp", false, notIgnored},
		{"a sidecar that include names by its whole name", []string{"a/hero.xmp"}, nil, "a/hero.xmp", false, notIgnored},
		{"a sidecar among all that include takes", []string{"**/*"}, nil, "a/hero.xmp", false, isOptional},
		{"a sidecar among all of three letters", []string{"*.???"}, nil, "a/hero.xmp", false, isOptional},
		{"a sidecar beside what include names", []string{"hero.*"}, nil, "a/hero.xmp", false, isOptional},
		{"a sidecar in a folder that include names", []string{"a/"}, nil, "a/hero.xmp", false, isOptional},
		{"a sidecar that include names and exclude too", []string{"*.xmp"}, []string{"a/**"}, "a/hero.xmp", false, isExcluded},
		{"a shortcut that include names", []string{"*.lnk"}, nil, "a/hero.lnk", false, notIgnored},
		{"a hidden one that include names", []string{"*.xmp"}, nil, "a/.hero.xmp", false, isHidden},
		{"a companion of macOS that include names", []string{"*.xmp"}, nil, "a/._hero.xmp", false, isBuiltIn},
		{"a temporary file that include names", []string{"*.tmp"}, nil, "a/x.tmp", false, isBuiltIn},
		{"a folder named like a transfer", nil, nil, "a/Leg.part", true, notIgnored},
		{"a folder named like a download", nil, nil, "a/Engine.download", true, notIgnored},
		{"a folder that is one thing", []string{"*.logicx"}, nil, "a/Song.logicx", true, isBuiltIn},
		{"not UTF-8", []string{"**/*.png"}, nil, "a/h\xffro.png", false, notIgnored},
		{"a newline", []string{"**/*.png"}, nil, "a/h\nro.png", false, notIgnored},
		{"a pattern that is none", []string{"[", "*.png"}, nil, "x.png", false, notIgnored},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := compile(Folder{Path: root, Recursive: true, Include: tt.include, Exclude: tt.exclude}, nil)
			path := filepath.Join(root, filepath.FromSlash(tt.path))
			got := r.file(path, filepath.Base(path))
			if tt.dir {
				got = r.dir(path, filepath.Base(path))
			}
			if got.refusal != tt.want {
				t.Errorf("got %d (%s), want %d", got.refusal, got.by, tt.want)
			}
			if (got.detail(path, "file") == "") != (tt.want == notIgnored) {
				t.Errorf("sentence: %q", got.detail(path, "file"))
			}
		})
	}
}

func TestRulesOfNestedFolders(t *testing.T) {
	abs := filepath.FromSlash
	outer := Folder{Path: abs("/drop"), Recursive: true, Skip: []string{abs("/drop/Uploaded")}}
	inner := Folder{Path: abs("/drop/chars"), Recursive: true}
	r := compile(outer, []Folder{outer, inner})
	for path, want := range map[string]refusal{
		"/drop/chars": isInner, "/drop/chars2": notIgnored, "/drop/x/chars": notIgnored, "/drop/Uploaded": isSkipped, "/drop/other": notIgnored,
	} {
		if got := r.dir(abs(path), filepath.Base(path)); got.refusal != want {
			t.Errorf("%s: got %d, want %d", path, got.refusal, want)
		}
	}
	r = compile(inner, []Folder{outer, inner})
	if got := r.dir(abs("/drop/chars/x"), "x"); got.refusal != notIgnored {
		t.Errorf("the inner folder refuses its own: %d", got.refusal)
	}
	outer.Recursive = false
	r = compile(outer, nil)
	if got := r.dir(abs("/drop/other"), "other"); got.refusal != notRecursive {
		t.Errorf("not recursive, yet it enters: %d", got.refusal)
	}
}

func TestExplain(t *testing.T) {
	root := t.TempDir()
	chars := filepath.Join(root, "chars")
	for _, dir := range []string{"chars/deep", "Uploaded", "wip", "flat/sub"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "hero.png"), []byte("x"))
	folders := []Folder{
		{Path: root, Recursive: true, Exclude: []string{"wip/**"}, Skip: []string{filepath.Join(root, "Uploaded")}},
		{Path: chars, Recursive: true, Include: []string{"**/*.png"}},
		{Path: filepath.Join(root, "flat")},
	}
	for _, tt := range []struct {
		path, folder string
		rule         drop.Reason
		words        string
		notIgnored   bool
	}{
		{"hero.png", root, "", "is picked up", true},
		{"missing.png", root, "", "There is no", true},
		{"chars/x.png", chars, "", "would be picked up", true},
		{"chars/deep/x.jpg", chars, drop.ReasonNotIncluded, "no include pattern", false},
		{"wip/a/x.png", root, drop.ReasonExcluded, `"wip/**"`, false},
		{"Uploaded/x.png", root, drop.ReasonMoveTarget, "moved to", false},
		{"ship.blend1", root, drop.ReasonBuiltIn, "a backup of Blender", false},
		{".git/x.png", root, drop.ReasonBuiltIn, "data of Git", false},
		{"sub/.hidden.png", root, drop.ReasonHidden, "begins with a dot", false},
		{"flat/sub/x.png", filepath.Join(root, "flat"), drop.ReasonNotRecursive, "not recursive", false},
		{"chars/deep", chars, drop.ReasonNoFile, "is a folder", false},
		{"", root, drop.ReasonNoFile, "the watch folder itself", false},
		{"../elsewhere.png", "", drop.ReasonNoFolder, "No watch folder contains", false},
	} {
		got := Explain(folders, filepath.Join(root, filepath.FromSlash(tt.path)))
		if got.Folder != tt.folder || got.Rule != tt.rule || got.Accepted != tt.notIgnored || !strings.Contains(texts.Words(got.Detail), tt.words) {
			t.Errorf("%q: %+v", tt.path, got)
		}
	}
}

// In a folder for assets, what a name says to be none is ignored, unless an include pattern names it.
func TestNoAsset(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	for _, tt := range []struct {
		file    string
		assets  bool
		include []string
		want    drop.Reason // the rule that refuses
	}{
		{"budget.XLSX", true, nil, drop.ReasonNoAssetName},
		{"budget.xlsx", false, nil, ""},
		{"budget.xlsx", true, []string{"**"}, drop.ReasonNoAssetName},
		{"tools/budget.xlsx", true, []string{"tools/**"}, drop.ReasonNoAssetName},
		{"tools/budget.xlsx", true, []string{"tools/"}, drop.ReasonNoAssetName},
		{"budget.xlsx", true, []string{"budget.*"}, drop.ReasonNoAssetName},
		{"budget.xlsx", true, []string{"*", "*.xlsx"}, ""},
		{"Makefile", true, []string{"*", "makefile"}, ""},
		{"budget.xlsx", true, []string{"*.png"}, drop.ReasonNotIncluded},
		{"hero.png", true, nil, ""},
		{"hero.psd", true, nil, ""},
		{"scene.xyz", true, nil, ""},
	} {
		r := compile(Folder{Path: root, Recursive: true, AssetsOnly: tt.assets, Include: tt.include}, nil)
		v := r.file(at(tt.file), filepath.Base(tt.file))
		if got := v.reason(); got != tt.want {
			t.Errorf("%s with %v (assets only: %v): %q, want %q", tt.file, tt.include, tt.assets, got, tt.want)
		}
		if named := IncludeNames(Folder{Path: root, Include: tt.include}); tt.assets && tt.want != drop.ReasonNotIncluded && (named != nil && named(at(tt.file))) != (len(tt.include) > 0 && tt.want == "") {
			t.Errorf("%s with %v: the include patterns are said to name it: %v", tt.file, tt.include, tt.want != "")
		}
	}
	e := Explain([]Folder{{Path: root, Recursive: true, AssetsOnly: true}}, at("budget.xlsx"))
	if want := at("budget.xlsx") + ` is ignored: it is an Excel sheet, which a folder of kind "auto" does not send. To have such files uploaded, add "*.xlsx" to`; !strings.Contains(texts.Words(e.Detail), want) {
		t.Errorf("%q, want %q", e.Detail, want)
	}
	if named := IncludeNames(Folder{Path: root, Include: []string{"*"}}); named(root) || named(filepath.Dir(root)) {
		t.Error("a pattern names the folder itself, or what is not in it")
	}
}
