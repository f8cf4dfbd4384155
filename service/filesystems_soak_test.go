//go:build soak && linux

package service

import (
	"fmt"
	"strings"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// The status names the folder that hangs, with what to do, and no other.
func TestShareThatHangsIsNamed(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Local")
	share := s.share("Share")
	d, _ := s.run()
	s.scans(d, "Share", 1)
	share.Hang()
	s.until("the status names the folder that hangs", func() bool { return strings.Contains(s.folder(d, "Share").Trouble, "has not answered") }, func() string {
		return fmt.Sprintf("%+v", s.folder(d, "Share"))
	})
	if f := s.folder(d, "Share"); !strings.Contains(f.Trouble, s.path("Share")) || !strings.Contains(f.Trouble, "share still connected?") {
		t.Errorf("the status: %s", f.Trouble)
	}
	if f := s.folder(d, "Local"); f.Trouble != "" {
		t.Errorf("the local folder's trouble: %s", f.Trouble)
	}
	sum := s.save(noise(1000, 1), "Local", "a.png")
	s.await(drop.Imported, "Local", "a.png")
	share.Resume()
	s.until("the status is well", func() bool { return s.folder(d, "Share").Trouble == "" }, func() string { return s.folder(d, "Share").Trouble })
	s.exactlyOnce(sum)
}
