package service

import (
	"strings"
	"testing"

	"scenario-drop/internal/mounttest"
	"scenario-drop/standin"
)

// A network filesystem is noticed for one that other computers may have, too; status tells.
func TestTwoComputersOnANetworkShare(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Share")
	mounttest.Bind(t, t.TempDir(), s.path("Share"))
	s.twoComputers()
	d, _ := s.run()
	s.until("status tells that it is shared", func() bool {
		now, err := d.Snapshot(t.Context())
		return err == nil && len(now.Folders) == 1 && now.Folders[0].Shared && strings.Contains(now.Folders[0].Why, "network or shared")
	}, func() string { return "" })
}
