package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReport walks a folder with a whole WebP, a cut one, and a text.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	webp := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), bytes.Repeat([]byte("picture "), 4096)...)
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	binary.LittleEndian.PutUint32(webp[16:], uint32(len(webp)-20))
	for name, data := range map[string][]byte{
		"whole.webp":      webp,
		"cut.webp":        webp[:len(webp)/2],
		"notes.txt":       []byte("notes\n"),
		"empty.png":       nil,
		".git/index.webp": webp[:10],
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newReport(false, 5)
	if err := walk(dir, []string{".git"}, r); err != nil {
		t.Fatal(err)
	}
	c := r.exts[".webp"]
	if c.files != 2 || c.whole != [3]int{0, 1, 1} || c.cut != [3]int{0, 0, 4} || c.zeros != [3]int{0, 0, 2} {
		t.Errorf("WebP: %+v", c)
	}
	var out strings.Builder
	r.summary(&out)
	for _, want := range []string{"\nall        3 ", ".webp      image  image/webp  2", ".txt       text   text/plain  1", "one check: median "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}

// TestZeroed reads across the place where the zeros begin.
func TestZeroed(t *testing.T) {
	p := make([]byte, 4)
	if n, err := (zeroed{strings.NewReader("abcdefgh"), 4}).ReadAt(p, 2); n != 4 || err != nil || string(p) != "cd\x00\x00" {
		t.Errorf("%q, %d, %v", p, n, err)
	}
}
