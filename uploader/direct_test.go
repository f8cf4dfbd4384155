package uploader

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"scenario-drop/filetype"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

func TestGoesDirect(t *testing.T) {
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	for _, c := range []struct {
		what, kind, path string
		head             []byte
		size             int64
		hide, want       bool
	}{
		{"a PNG", "image", "a.png", png, 1000, false, true},
		{"a PNG by any name", "image", "a.dat", png, 1000, false, true},
		{"the largest", "image", "a.png", png, scenario.MaxImage, false, true},
		{"larger", "image", "a.png", png, scenario.MaxImage + 1, false, false},
		{"hidden", "image", "a.png", png, 1000, true, false},
		{"as an avatar", "avatar", "a.png", png, 1000, false, false},
		{"as an asset", "asset", "a.png", png, 1000, false, false},
		{"an image that no document names", "image", "a.psd", []byte("8BPS\x00\x01"), 1000, false, false},
		{"something else as an image", "image", "a.glb", []byte("glTF\x02\x00\x00\x00"), 1000, false, false},
	} {
		if got := goesDirect(Rule{Hide: c.hide}, c.kind, filetype.Of(c.path, c.head), c.size); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

func TestAfterDirect(t *testing.T) {
	of := func(class scenario.Class) error { return fmt.Errorf("x: %w", &scenario.Error{Class: class}) }
	for _, c := range []struct {
		err              error
		tries            int
		before, intended directStep
	}{
		{of(scenario.Network), 1, sendAgain, lostAnswer},
		{of(scenario.Network), 1000, sendAgain, lostAnswer},
		{of(scenario.Garbled), 1, sendAgain, lostAnswer},
		{of(scenario.ServerFault), 1, sendAgain, lostAnswer},
		{of(scenario.ServerFault), guard.TriesInPlace, notNow, lostAnswer},
		{of(scenario.RateLimited), 1, sendAgain, queueAnew},
		{of(scenario.Refused), 1, sendAgain, queueAnew},
		{of(scenario.Rejected), 1, inParts, inParts},
		{of(scenario.NotFound), 1, inParts, inParts},
		{of(scenario.Forbidden), 1, inParts, inParts},
		{of(scenario.PlanLimit), 1, inParts, inParts},
		{of(scenario.Expired), 1, notNow, lostAnswer},
		{errors.New("anything else"), 1, notNow, lostAnswer},
	} {
		if got := afterDirect(c.err, false, c.tries); got != c.before {
			t.Errorf("%v (%d), before the last bytes: %d, want %d", c.err, c.tries, got, c.before)
		}
		if got := afterDirect(c.err, true, c.tries); got != c.intended {
			t.Errorf("%v (%d), after them: %d, want %d", c.err, c.tries, got, c.intended)
		}
	}
}

func TestDirectWay(t *testing.T) {
	enter := func(d *directWay, size int64, listed bool) string {
		t.Helper()
		may, first, err := d.enter(size, func() (bool, error) { return listed, nil })
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(may, first)
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: may, first %s, want %s", what, got, want)
		}
	}
	d := &directWay{}
	broken := errors.New("the local database cannot be read")
	if _, _, err := d.enter(1, func() (bool, error) { return false, broken }); err != broken {
		t.Errorf("without the local database: %v", err)
	}
	check("the first", enter(d, 1, false), "true true")
	check("while it is on its way", enter(d, 1, false), "false false")
	d.leave(none)
	check("after it did not get as far", enter(d, 1, false), "true true")
	d.leave(proven)
	d.leave(none) // its own end
	check("proven", enter(d, 1, false), "true false")
	d.tooLarge(1000)
	d.tooLarge(2000)
	check("as large as one that was refused", enter(d, 1000, false), "false false")
	check("smaller", enter(d, 999, false), "true false")
	if !d.shut() || d.shut() {
		t.Error("it is shut once")
	}
	check("shut", enter(d, 1, true), "false false")
	check("proven before", enter(&directWay{}, 1, true), "true false")
}

// Lists are read for all who ask before one is begun, and never from before somebody asked.
func TestListsAreShared(t *testing.T) {
	d := newDrop(t, dropOptions{})
	u := d.uploader()
	since := u.Now().Add(-listSlack)
	first, err := u.lists.read(t.Context(), u, since)
	if err != nil {
		t.Fatal(err)
	}
	u.lists.turn <- struct{}{} // one is being read
	got := make(chan *newest, 2)
	asked := make(chan struct{}, 2)
	for range 2 {
		go func() {
			asked <- struct{}{}
			list, err := u.lists.read(context.Background(), u, since)
			if err != nil {
				t.Error(err)
			}
			got <- list
		}()
	}
	<-asked
	<-asked
	<-u.lists.turn
	a, b := <-got, <-got
	if a == first || b == first {
		t.Error("a list from before somebody asked was taken")
	}
	if n := d.server.Account().Requests["assets"]; n > 3 {
		t.Errorf("read %d times", n)
	}
}
