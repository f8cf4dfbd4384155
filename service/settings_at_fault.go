package service

import (
	"context"
	"slices"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/uploader"
)

// SettingsAtFault returns what was wrong with the settings of each folder when they were last
// used, as far as the config still has them. It is by the folder's path, and empty where the
// ledger cannot be read.
func SettingsAtFault(ctx context.Context, c *config.Config) map[string]drop.Detail {
	return uploader.TroublesByFolder(settingsAtFault(ctx, c))
}

// SettingsOnlyUploadsKnow is SettingsAtFault for what nobody but an upload finds out about:
// collections that cannot, or are not to, be made.
func SettingsOnlyUploadsKnow(ctx context.Context, c *config.Config) map[string]drop.Detail {
	return uploader.TroublesByFolder(slices.DeleteFunc(settingsAtFault(ctx, c), func(t ledger.FolderTrouble) bool { return t.Gone }))
}

func settingsAtFault(ctx context.Context, c *config.Config) []ledger.FolderTrouble {
	l, err := OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil || l == nil {
		return nil
	}
	defer l.Close() // it was only read
	all, err := l.FolderTroubles(ctx)
	if err != nil {
		return nil
	}
	return uploader.StillSet(all, rules(c))
}
