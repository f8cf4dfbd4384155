package service

import (
	"os"
	"strings"
	"testing"

	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/ledger"
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

// What waits from before a start is not sent before it is known whose the folder is.
func TestSharesAreKnownBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Own")
	mounttest.Bind(t, t.TempDir(), s.path("Share"))
	noError(t, os.MkdirAll(s.config.DataDir, 0o700))
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	noError(t, err)
	defer l.Close()
	e, err := newEngine(s.config, l, s.log())
	noError(t, err)
	defer e.close()
	noError(t, e.begin(t.Context(), e.uploader))
	if !e.watcher.Shared(s.path("Share")) || e.watcher.Shared(s.path("Own")) {
		t.Error("it is not known which folder is on the network")
	}
}
