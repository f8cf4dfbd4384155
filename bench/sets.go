package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// set is a number of files of one size.
type set struct {
	name   string
	files  int
	size   int64 // bytes of each
	folder int   // files in one folder; 0: all in one
}

func sets() []set {
	return []set{
		{"S", 1000, 200 << 10, 100},
		{"M", 200, 5 << 20, 0},
		{"L1", 1, 2 << 30, 0},
		{"L4", 4, 512 << 20, 0},
		{"T", 100_000, 1 << 10, 100},
		{"start", 600, 200 << 10, 0}, // for slow lines, as are the next
		{"few", 10, 200 << 10, 0},
	}
}

func setNamed(name string) set {
	all := sets()
	return all[slices.IndexFunc(all, func(s set) bool { return s.name == name })]
}

func (s set) bytes() int64 { return int64(s.files) * s.size }

func (s set) String() string { return fmt.Sprintf("%s: %d × %s", s.name, s.files, sizeText(s.size)) }

func sizeText(n int64) string {
	switch {
	case n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// make writes the set's files below dir: seeded, incompressible, no two alike.
func (s set) make(dir string) error {
	for i := range s.files {
		folder := dir
		if s.folder > 0 {
			folder = filepath.Join(dir, fmt.Sprintf("%03d", i/s.folder))
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := writeNoise(filepath.Join(folder, fmt.Sprintf("%05d.bin", i)), s.size, uint64(i)); err != nil {
			return err
		}
	}
	return nil
}

func writeNoise(name string, size int64, seed uint64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(f, newNoise(seed), size); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func newNoise(seed uint64) io.Reader {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return rand.NewChaCha8(key)
}
