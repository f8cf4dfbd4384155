package watcher

import (
	"path/filepath"
	"testing"
)

// One check of a small file that is complete: the probe for writers, what lies beside it, and
// the check of its format.
func BenchmarkListing(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "hero.png")
	write(b, path, drawing(b))
	b.ReportAllocs()
	for b.Loop() {
		if p, _, err := open(dir, path, true, false); err != nil || p.pointer != "" {
			b.Fatal(p, err)
		}
	}
}
