package service

import (
	"fmt"
	"testing"

	"scenario-drop/standin"
	"scenario-drop/status"
)

// What a daemon's scans counted is told after its end, too, and kept when a folder could not
// be scanned since.
func TestScansAreRemembered(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "in", "später")
	s.config.Watches[0].Include = []string{"*.png"}
	s.save([]byte("x"), "in", "a.jpg")
	s.save([]byte("x"), "später", "b.tmp")
	told := func() (f []status.Folder) {
		snapshot, err := OfflineSnapshot(t.Context(), s.config)
		if err != nil {
			t.Fatal(err)
		}
		return snapshot.Folders
	}
	if f := told(); f[0].LastScan != nil || f[0].Ignored.Count != 0 {
		t.Errorf("before the first scan: %+v", f)
	}
	d, stop := s.run()
	s.until("both are counted", func() bool {
		f := told()
		return f[0].Ignored.ByRule["not_included"].Files == 1 && f[1].Ignored.ByRule["built_in"].Files == 1 && f[0].LastScan != nil
	}, func() string { return fmt.Sprint(told()) })
	running, err := d.Snapshot(t.Context())
	if err != nil || running.Folders[0].Ignored.Count != 1 {
		t.Errorf("the daemon says %+v, %v", running.Folders, err)
	}
	stop()
	if f := told(); f[0].Ignored.Count != 1 || f[1].Ignored.Count != 1 {
		t.Errorf("after its end: %+v", f)
	}
}
