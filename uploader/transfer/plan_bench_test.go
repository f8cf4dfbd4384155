package transfer

import "testing"

// Cutting a file into parts, and asking where each part is.
func BenchmarkPlan(b *testing.B) {
	for _, c := range []struct {
		name string
		size int64
	}{{"size=200KiB", 200 << 10}, {"size=2GiB", 2 << 30}, {"size=50GiB", 50 << 30}, {"size=5TiB", 5 << 40}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := NewPlan(c.size, PartSize(c.size, 0))
				if err != nil {
					b.Fatal(err)
				}
				var end int64
				for n := 1; n <= p.Parts; n++ {
					offset, length := p.Range(n)
					end = offset + length
				}
				if end != c.size {
					b.Fatalf("the parts end at %d", end)
				}
			}
		})
	}
}
