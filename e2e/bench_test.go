package e2e

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/standin"
)

// BenchmarkOnce sends 1 000 files of 200 KiB out of two folders, passes over them
// again, and compares that second pass, process start included, with walking
// the same tree in this process.
func BenchmarkOnce(b *testing.B) {
	const files, size = 1000, 200 << 10
	var first, again, walk time.Duration
	for b.Loop() {
		b.StopTimer()
		s := newStudio(b, standin.Options{})
		s.configure("", map[string]string{"Characters": "kind = 'image'\ncollections = ['Characters']", "Props": "kind = '3d'"})
		for i := range files {
			folder := []string{"Characters", "Props"}[i%2]
			s.save(noise(size+i%7, uint64(i)), folder, fmt.Sprintf("%d", i/100), fmt.Sprintf("%04d.png", i))
		}
		b.StartTimer()
		first += s.once()
		again += s.once()
		start := time.Now()
		err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = d.Info()
			}
			return err
		})
		walk += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
	}
	n := float64(b.N)
	b.ReportMetric(first.Seconds()/n, "s/first")
	b.ReportMetric(again.Seconds()/n, "s/again")
	b.ReportMetric(again.Seconds()/walk.Seconds(), "again/walk")
}

// once runs a single pass and returns how long it took.
func (s *studio) once() time.Duration {
	start := time.Now()
	if out, code := s.command("once"); code != 0 {
		s.t.Fatalf("once ended with %d:\n%s", code, out)
	}
	return time.Since(start)
}
