package file

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Holes are what nobody wrote: left out, or allocated beforehand. A file that was written
// from its beginning to its end has none, whatever it holds.
func TestHoles(t *testing.T) {
	const unit = 128 << 10
	for _, dir := range []string{t.TempDir(), "/dev/shm"} {
		t.Run(dir, func(t *testing.T) {
			dir, err := os.MkdirTemp(dir, "holes-")
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			for _, tt := range []struct {
				name    string
				size    int64
				prepare func(f *os.File) error
				written []int64 // in units
				want    []Range
			}{
				{"written", 4 * unit, nil, []int64{0, 1, 2, 3}, nil},
				{"one left out", 4 * unit, nil, []int64{0, 3}, []Range{{unit, 3 * unit}}},
				{"two left out", 6 * unit, nil, []int64{0, 2, 5}, []Range{{unit, 2 * unit}, {3 * unit, 5 * unit}}},
				{"nothing written yet", 4 * unit, nil, nil, []Range{{0, 4 * unit}}},
				{"its end is not written", 4 * unit, nil, []int64{0, 1}, []Range{{2 * unit, 4 * unit}}},
				{"too small to count", unit / 2, nil, nil, nil},
			} {
				f, err := os.Create(filepath.Join(dir, "x.bin"))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if err := f.Truncate(tt.size); err != nil {
					t.Fatal(err)
				}
				for _, n := range tt.written {
					if _, err := f.WriteAt(make([]byte, unit), n*unit); err != nil { // zeros, but written ones
						t.Fatal(err)
					}
				}
				if got := Holes(f, tt.size, unit/2+1); !slices.Equal(got, tt.want) {
					t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
				}
			}
		})
	}
}

// A file that is in very many pieces costs no more than a few hundred calls.
func TestHolesAreBounded(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "x.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const step = 64 << 10
	for n := range int64(2 * maxExtents) {
		if _, err := f.WriteAt([]byte("x"), n*step); err != nil {
			t.Fatal(err)
		}
	}
	if got := Holes(f, 2*maxExtents*step, 4096); len(got) > maxHoles {
		t.Errorf("%d holes", len(got))
	}
}

func TestHasOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, _, err := Open(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if HasOther(r) == CannotTell {
		t.Skip("no leases on this filesystem")
	}
	if got := HasOther(r); got != No {
		t.Errorf("open once: %v", got)
	}
	for _, flags := range []int{os.O_RDONLY, os.O_WRONLY, os.O_RDWR} {
		other, err := os.OpenFile(path, flags, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := HasOther(r); got != Yes {
			t.Errorf("open twice, flags %d: %v", flags, got)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := HasOther(r); got != No {
		t.Errorf("open once again: %v", got)
	}
	// The lease was given back.
	if kind, err := unix.FcntlInt(r.Fd(), unix.F_GETLEASE, 0); err != nil || kind != unix.F_UNLCK {
		t.Errorf("lease %d is left, %v", kind, err)
	}
}
