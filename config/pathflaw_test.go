package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What computers and chat programs make of a path is named, on every system.
func TestPathsThatMeanNothing(t *testing.T) {
	for _, test := range []struct {
		value   string
		windows bool
		what    string // part of what is said; "" for nothing
		hint    string
	}{
		{"D:\new\textures", true, "control character", `'D:\new\textures'`},
		{"D:\new\textures", false, "control character", `'D:\new\textures'`},
		{"C:\fonts\runes\boss", true, "backslash", `'C:\fonts\runes\boss'`},
		{"done\new", false, "backslash", `'done\new'`},
		{"a\x00b", false, "no path can hold", ""},
		{`"/srv/art"`, false, "quotes within its quotes", `'/srv/art'`},
		{`'C:\art'`, true, "quotes within its quotes", `'C:\art'`},
		{"“/srv/art”", false, "quotes within its quotes", `'/srv/art'`},
		{`"/srv/art`, false, "begins with a quote", ""},
		{"file:///home/anna/Art", false, "web address", ""},
		{"smb://nas/art", false, "web address", "/Volumes/share"},
		{"smb://nas/art", true, "web address", `\\server\share`},
		{"$HOME/Art", false, "environment variable $HOME", "~"},
		{"${HOME}/Art", false, "environment variable ${HOME}", "~"},
		{"%USERPROFILE%/Art", false, "environment variable %USERPROFILE%", "~"},
		{`%UserProfile%\Art`, true, "environment variable %UserProfile%", "~"},
		{`$env:USERPROFILE\Art`, true, "environment variable $env:USERPROFILE", "~"},
		{"%STUDIO_ROOT%/Art", true, "environment variable %STUDIO_ROOT%", "whole path"},
		{"$STUDIO/Art", false, "environment variable $STUDIO", "whole path"},
		{"/home/$USER/Art", false, "environment variable $USER", "whole path"},
		{`C:\Users\%USERNAME%\Art`, true, "environment variable %USERNAME%", "whole path"},
		{"/srv/$recycled", false, "", ""},
		{"/srv/100%_done_%", false, "", ""},
		{"/srv/Mike's", false, "", ""},
		{`D:art`, true, "current folder of that drive", `'D:\art'`},
		{`D:`, true, "current folder of that drive", `'D:\'`},
		{`\art\new`, true, "names no drive", `'C:\art\new'`},
		{`/art/new`, true, "names no drive", `'C:\art\new'`},
		{`\\nas\share\art`, true, "", ""},
		{`//nas/share/art`, true, "", ""},
		{`D:/art`, true, "", ""},
		{`D:\art`, true, "", ""},
		{`art\new`, true, "", ""},
		{`D:\art`, false, "path of Windows", "with /"},
		{`\\nas\art`, false, "path of Windows", "with /"},
		{"/srv/art", false, "", ""},
		{"~/Art", false, "", ""},
		{"~/Art", true, "", ""},
		{"Art/Über größe 画像 👩‍🎨", false, "", ""},
	} {
		got := pathFlaw(test.value, test.windows)
		if test.what == "" && got != (flaw{}) || !strings.Contains(got.what, test.what) || !strings.Contains(got.hint, test.hint) {
			t.Errorf("%q (Windows: %v): %q, %q", test.value, test.windows, got.what, got.hint)
		}
	}
}

// A space at an end is a mistake, unless a folder is really called so.
func TestSpaceAtTheEndOfAPath(t *testing.T) {
	for _, value := range []string{"'in '", "' in'", "'in\u00a0'", "'\u202ain'"} {
		_, err := withKey().Load(studio(t, "[[watch]]\npath = "+value+"\n"))
		if problems := problemsOf(t, err); len(problems) != 1 || !strings.Contains(problems[0].Message, "space") || !strings.Contains(problems[0].Hint, "'in'") {
			t.Errorf("%s: %v", value, err)
		}
	}
	path := studio(t, "[[watch]]\npath = 'in '\n")
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "in "), 0o700); err != nil {
		t.Skip("no such folder can be made here:", err)
	}
	if info, err := os.ReadDir(filepath.Dir(path)); err != nil || len(info) != 3 {
		t.Skip("a space at the end is dropped here")
	}
	if _, err := withKey().Load(path); err != nil {
		t.Error(err)
	}
}

func TestPatternsThatMeanNothing(t *testing.T) {
	for _, test := range []struct{ key, pattern, what, hint string }{
		{"exclude", "!final/**", "does not make an exception", `include = ["final/**"]`},
		{"include", "!*.jpg", "does not turn it around", `exclude = ["*.jpg"]`},
		{"exclude", " final/** ", "space", `"final/**"`},
		{"include", "*.png\u00a0", "space", `"*.png"`},
		{"exclude", "../w/final/**", "out of the watch folder", ""},
		{"exclude", "a/../b", "out of the watch folder", ""},
		{"include", "png", "extension alone", `"*.png"`},
		{"include", ".PNG", "extension alone", `"*.PNG"`},
		{"exclude", ".psd", "extension alone", `"*.psd"`},
		{"include", "*.png;*.jpg", "several patterns", `include = ["*.png", "*.jpg"]`},
		{"include", "png;jpg", "several patterns", `["*.png", "*.jpg"]`},
		{"include", "*.png, *.jpg", "several patterns", `["*.png", "*.jpg"]`},
		{"include", ".png,.jpg", "several patterns", `["*.png", "*.jpg"]`},
		{"exclude", "a;b", "several patterns", `exclude = ["a", "b"]`},
		{"exclude", "*.png|*.jpg", "several patterns", ""},
		{"exclude", "png", "", ""}, // a folder's name
		{"exclude", "wip", "", ""},
		{"include", "*.{png,jpg}", "", ""},
		{"include", "{a;b}/*", "", ""},
		{"include", "Smith, John*", "", ""},
		{"exclude", "**/!old/**", "", ""},
		{"include", "**/*.png", "", ""},
		{"include", "v1..v2/*", "", ""},
	} {
		got := patternFlaw(test.key, test.pattern)
		if doubt := questionablePattern(test.key, test.pattern); got == (flaw{}) {
			got = doubt
		}
		if test.what == "" && got != (flaw{}) || !strings.Contains(got.what, test.what) || !strings.Contains(got.hint, test.hint) {
			t.Errorf("%s %q: %q, %q", test.key, test.pattern, got.what, got.hint)
		}
	}
}
