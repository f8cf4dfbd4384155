package uploader

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Hashing a file of 64 MiB that is in memory: as an upload does it, part by part and with
// reads that can be left behind; the same without those; and SHA-256 alone, which is the
// least that it can take.
func BenchmarkHash(b *testing.B) {
	const size = 64 << 20
	dir := b.TempDir()
	name := filepath.Join(dir, "file")
	made, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.CopyN(made, rand.NewChaCha8([32]byte{}), size); err != nil {
		b.Fatal(err)
	}
	if err := made.Close(); err != nil {
		b.Fatal(err)
	}
	plan, err := NewPlan(size, partSize(size, 0))
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, hash func(*testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				hash(b)
			}
		})
	}
	run("sha256-alone", func(b *testing.B) {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		// The bare interfaces keep io from choosing a buffer of its own.
		if _, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, make([]byte, readSize)); err != nil {
			b.Fatal(err)
		}
	})
	run("digest", func(b *testing.B) {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		if _, err := digestFile(b.Context(), f, plan, nil); err != nil {
			b.Fatal(err)
		}
	})
	d := newDisk(func() time.Duration { return time.Minute }, func() {})
	run("digest-bounded", func(b *testing.B) {
		f, err := d.open(b.Context(), dir, name)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		if _, err := digestFile(b.Context(), f.reader(b.Context()), plan, nil); err != nil {
			b.Fatal(err)
		}
	})
}

// The sample that spares a second pass over a large new file.
func BenchmarkSample(b *testing.B) {
	const size = 64 << 20
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(3 * sampleSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sample(f, size); err != nil {
			b.Fatal(err)
		}
	}
}
