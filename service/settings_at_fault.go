package service

import (
	"context"
	"slices"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/uploader"
)

// SettingsAtFault returns what was wrong, when it was last used, with those settings of each
// folder which nobody but an upload finds out about: collections that cannot, or are not to, be
// made. It is by the folder's path, and empty where the ledger cannot be read.
func SettingsAtFault(ctx context.Context, c *config.Config) map[string][]string {
	l, err := OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil || l == nil {
		return nil
	}
	defer l.Close() // it was only read
	all, err := l.FolderTroubles(ctx)
	if err != nil {
		return nil
	}
	all = slices.DeleteFunc(uploader.StillSet(all, rules(c)), func(t ledger.FolderTrouble) bool { return t.Gone })
	return uploader.TroublesByFolder(all)
}
