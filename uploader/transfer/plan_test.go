package transfer

import "testing"

func TestNewPlan(t *testing.T) {
	const mib, gib, tib = 1 << 20, 1 << 30, 1 << 40
	for _, c := range []struct {
		size, wanted int64
		partSize     int64
		parts        int
	}{
		{1, DefaultPartSize, 8 * mib, 1},
		{8 * mib, DefaultPartSize, 8 * mib, 1},
		{8*mib + 1, DefaultPartSize, 8 * mib, 2},
		{20 * mib, 5 * mib, 5 * mib, 4},
		{20 * mib, 1, 5 * mib, 4},          // below what storage takes
		{20 * gib, 9 * gib, 5 * gib, 4},    // above it
		{50 * gib, 5 * mib, 6 * mib, 8534}, // 5 MiB would be 10 240 parts
		{78 * gib, DefaultPartSize, 8 * mib, 9984},
		{100 * gib, DefaultPartSize, 11 * mib, 9310},
		{48 * tib, DefaultPartSize, 5034 * mib, 9999},
	} {
		p, err := NewPlan(c.size, c.wanted)
		if err != nil {
			t.Errorf("NewPlan(%d, %d): %v", c.size, c.wanted, err)
			continue
		}
		if p.PartSize != c.partSize || p.Parts != c.parts {
			t.Errorf("NewPlan(%d, %d) = %d parts of %d MiB, want %d of %d MiB", c.size, c.wanted, p.Parts, p.PartSize/mib, c.parts, c.partSize/mib)
		}
		checkPlan(t, p)
	}
	for _, size := range []int64{0, -1, MaxParts*MaxPartSize + 1} {
		if p, err := NewPlan(size, DefaultPartSize); err == nil {
			t.Errorf("NewPlan(%d) = %+v, want an error", size, p)
		}
	}
}

func TestPartSize(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		size int64
		each float64
		want int64
	}{
		{1, 0, 8 * mib},
		{500 * mib, 0, 5 * mib},
		{4 * gib, 0, 5 * mib},
		{10 * gib, 0, 11 * mib},
		{10 * gib, 300 << 10, 6 * mib}, // 20 seconds
		{500 * mib, 300 << 10, 5 * mib},
		{500 * mib, 6 * mib, 6 * mib}, // 1 second
		{500 * mib, 100 * mib, 8 * mib},
		{4 * gib, 100 * mib, 16 * mib},
		{50 * gib, 0, 32 * mib},
		{50 * gib, 100 * mib, 32 * mib},
		{50 * gib, 20 << 10, 5 * mib},
		{8 * mib, 20 << 10, 8 * mib}, // one part either way
		{8*mib + 1, 20 << 10, 5 * mib},
	} {
		if got := PartSize(c.size, c.each); got != c.want {
			t.Errorf("PartSize(%d, %v) = %d, want %d", c.size, c.each, got, c.want)
		}
	}
}

// checkPlan asserts what storage demands of every plan.
func checkPlan(t *testing.T, p Plan) {
	t.Helper()
	if p.Parts < 1 || p.Parts > MaxParts {
		t.Errorf("%+v: %d parts", p, p.Parts)
	}
	next := int64(0)
	for n := 1; n <= p.Parts; n++ {
		offset, length := p.Range(n)
		if offset != next || length < 1 || length > MaxPartSize || n < p.Parts && length < MinPartSize {
			t.Fatalf("%+v: part %d has %d bytes from %d, after %d", p, n, length, offset, next)
		}
		next = offset + length
	}
	if next != p.Size {
		t.Errorf("%+v: the parts end at %d", p, next)
	}
}

func FuzzNewPlan(f *testing.F) {
	f.Add(int64(1), int64(0))
	f.Add(int64(MaxParts*MaxPartSize), int64(1))
	f.Fuzz(func(t *testing.T, size, wanted int64) {
		if p, err := NewPlan(size, wanted); err == nil {
			checkPlan(t, p)
		}
	})
}
