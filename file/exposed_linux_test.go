package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Who can change what is at a path: by it, by a folder above it, by a link on its way.
func TestExposed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("giving files to other accounts needs root")
	}
	const other = 65534
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := func(name string, mode os.FileMode, uid, gid int) {
		t.Helper()
		must(os.Mkdir(at(name), 0o700))
		must(os.Chown(at(name), uid, gid))
		must(os.Chmod(at(name), mode))
	}
	put := func(name string, mode os.FileMode, uid, gid int) {
		t.Helper()
		must(os.WriteFile(at(name), nil, 0o600))
		must(os.Chown(at(name), uid, gid))
		must(os.Chmod(at(name), mode))
	}
	link := func(name, target string, uid int) {
		t.Helper()
		must(os.Symlink(target, at(name)))
		must(os.Lchown(at(name), uid, uid))
	}
	dir("ours", 0o755, 0, 0)
	put("ours/file", 0o644, 0, 0)
	put("ours/open", 0o666, 0, 0)
	put("ours/group", 0o660, 0, other)
	put("ours/rootgroup", 0o664, 0, 0)
	put("ours/theirs", 0o600, other, other)
	dir("open", 0o777, 0, 0)
	put("open/file", 0o600, 0, 0)
	dir("open/dir", 0o700, 0, 0)
	put("open/dir/file", 0o600, 0, 0)
	dir("sticky", os.ModeSticky|0o777, 0, 0)
	put("sticky/ours", 0o600, 0, 0)
	put("sticky/theirs", 0o600, other, other)
	dir("sticky/dir", 0o755, 0, 0)
	dir("sticky/theirdir", 0o755, other, other)
	dir("theirs", 0o755, other, other)
	put("theirs/file", 0o600, 0, 0)
	link("ours/link", "../open/file", 0)
	link("ours/good", "file", 0)
	link("ours/round", "round", 0)
	link("sticky/link", at("ours/file"), other)

	for _, c := range []struct{ path, by, above string }{
		{"ours/file", "", ""},
		{"ours/open", "ours/open", ""},
		{"ours/group", "ours/group", ""},
		{"ours/rootgroup", "", ""},
		{"ours/theirs", "ours/theirs", ""},
		{"ours/missing/too", "", ""},
		{"open/file", "open", "open"},
		{"open/dir/file", "open", "open"},
		{"open/missing", "open", "open"},
		{"open", "open", ""}, // a watch folder that all may write: no other can be put in its place
		{"sticky", "sticky", ""},
		{"sticky/ours", "", ""},
		{"sticky/dir", "", ""},
		{"sticky/theirs", "sticky/theirs", "sticky/theirs"},
		{"sticky/theirdir", "sticky/theirdir", "sticky/theirdir"},
		{"sticky/link", "sticky/link", "sticky/link"},
		{"theirs", "theirs", ""},
		{"theirs/file", "theirs", "theirs"},
		{"ours/link", "open", "open"},
		{"ours/good", "", ""},
		{"ours/round", "", ""},
	} {
		for what, got := range map[string]*Exposure{c.by: Exposed(at(c.path)), "above:" + c.above: ExposedAbove(at(c.path))} {
			want, _ := strings.CutPrefix(what, "above:")
			switch {
			case want == "" && got != nil:
				t.Errorf("%s (%s): %s", c.path, what, got)
			case want != "" && (got == nil || got.Path != at(want) || got.What == "" || got.Fix == ""):
				t.Errorf("%s (%s): %v", c.path, what, got)
			}
		}
	}
	if e := Exposed(at("theirs/file"), at("theirs")); e != nil {
		t.Errorf("an owner that is ours too: %s", e)
	}
}

// A file of our own is neither written nor made through a link.
func TestOwnFilesAreNotLinks(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{victim, filepath.Join(dir, "made")} {
		name := filepath.Join(dir, "ours")
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
		if f, err := OpenOwn(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
			f.Close()
			t.Errorf("it was opened through a link to %s", target)
		} else if !strings.Contains(err.Error(), "is a link") {
			t.Error(err)
		}
		if err := CheckOwn(name); err == nil {
			t.Error("a link is taken for ours")
		}
		if err := WriteOwn(name, []byte("ours")); err != nil {
			t.Error(err)
		}
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
			t.Errorf("in its place is %v, %v", info, err)
		}
		os.Remove(name)
	}
	if got, err := os.ReadFile(victim); err != nil || string(got) != "theirs" {
		t.Errorf("the link's target has %q, %v", got, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "made")); err == nil {
		t.Error("a link's target was made")
	}
}

// A folder that others can put another in place of is held to what it was first, and not
// used at all by root; one that they cannot may be replaced.
func TestPins(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: giving files to other accounts needs root")
	}
	base := t.TempDir()
	now := time.Now()
	p, root := NewPins(false, func() time.Time { return now }), NewPins(true, nil)
	for _, parent := range []string{"open", "ours"} {
		dir := filepath.Join(base, parent, "Drop")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if parent == "open" {
			if err := os.Chmod(filepath.Dir(dir), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Check(filepath.Join(base, parent, "not there yet")); err != nil {
			t.Errorf("%s: %v", parent, err)
		}
		if err := p.Check(dir); err != nil {
			t.Errorf("%s at first: %v", parent, err)
		}
		var swapped *SwappedError
		if err := root.Check(dir); errors.As(err, &swapped) != (parent == "open") {
			t.Errorf("%s for root: %v", parent, err)
		}
		if err := os.Rename(dir, dir+" before"); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(dir); err != nil {
			t.Errorf("%s while it is away: %v", parent, err)
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Check(dir); errors.As(err, &swapped) != (parent == "open") {
				t.Errorf("%s, another: %v", parent, err)
			}
			now = now.Add(2 * exposedFor)
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(dir+" before", dir); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(dir); err != nil {
			t.Errorf("%s, the first again: %v", parent, err)
		}
	}
	if err := (*Pins)(nil).Check(base); err != nil {
		t.Error(err)
	}
}
