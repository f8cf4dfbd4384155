package disk

import (
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/uploader/transfer"
)

// Hashing a file of 64 MiB that is in memory: as an upload does it, opened again for each piece
// by calls that can be left behind; and SHA-256 alone, which is the least that it can take.
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
	plan, err := transfer.NewPlan(size, transfer.PartSize(size, 0))
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
		if _, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, make([]byte, PieceSize)); err != nil {
			b.Fatal(err)
		}
	})
	d := New(Options{})
	version, err := d.Lstat(b.Context(), dir, name)
	if err != nil {
		b.Fatal(err)
	}
	run("digest", func(b *testing.B) {
		if _, err := transfer.Hash(b.Context(), source{d.File(dir, name, version)}, plan); err != nil {
			b.Fatal(err)
		}
	})
}

// source is a file that nobody else is at.
type source struct{ *File }

func (source) Unchanged(context.Context) (bool, error) { return true, nil }
