package watcher

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkScanKnown scans a tree of 10 000 files in 100 directories that are all known.
func BenchmarkScanKnown(b *testing.B) {
	dir, sink := b.TempDir(), newRecorder()
	for d := range 100 {
		sub := filepath.Join(dir, fmt.Sprint(d))
		if err := os.Mkdir(sub, 0o755); err != nil {
			b.Fatal(err)
		}
		for f := range 100 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("%d.txt", f)), []byte("x"), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	w := New(Options{Folders: []Folder{{Path: dir, Recursive: true}}, Sink: sink})
	if err := w.Scan(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Scan(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
