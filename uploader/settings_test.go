package uploader

import (
	"math"
	"testing"
)

func TestLaneFor(t *testing.T) {
	for _, test := range []struct {
		filesAtOnce  int
		small, large lane
	}{
		{1, lane{0, math.MaxInt64, true, 1}, lane{min: smallFile + 1, max: math.MaxInt64}},
		{2, lane{0, smallFile, true, 1}, lane{smallFile + 1, math.MaxInt64, false, 1}},
		{64, lane{0, smallFile, true, 56}, lane{smallFile + 1, math.MaxInt64, false, 8}},
	} {
		if got := laneFor(test.filesAtOnce, false); got != test.small {
			t.Errorf("%d files at once: small %+v, want %+v", test.filesAtOnce, got, test.small)
		}
		if got := laneFor(test.filesAtOnce, true); got != test.large {
			t.Errorf("%d files at once: large %+v, want %+v", test.filesAtOnce, got, test.large)
		}
	}
}
