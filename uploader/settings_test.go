package uploader

import (
	"math"
	"testing"
)

func TestSizeClassFor(t *testing.T) {
	for _, test := range []struct {
		filesAtOnce  int
		small, large sizeClass
	}{
		{1, sizeClass{0, math.MaxInt64, true, 1}, sizeClass{min: smallFile + 1, max: math.MaxInt64}},
		{2, sizeClass{0, smallFile, true, 1}, sizeClass{smallFile + 1, math.MaxInt64, false, 1}},
		{64, sizeClass{0, smallFile, true, 56}, sizeClass{smallFile + 1, math.MaxInt64, false, 8}},
	} {
		if got := classFor(test.filesAtOnce, false); got != test.small {
			t.Errorf("%d files at once: small %+v, want %+v", test.filesAtOnce, got, test.small)
		}
		if got := classFor(test.filesAtOnce, true); got != test.large {
			t.Errorf("%d files at once: large %+v, want %+v", test.filesAtOnce, got, test.large)
		}
	}
}
