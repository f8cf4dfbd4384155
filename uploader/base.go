package uploader

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"scenario-drop/ledger"
)

// job is one claimed item while it is worked on, in one goroutine's hands.
type job struct {
	it     ledger.Item
	rule   Rule // of its folder, as of its step
	resent bool // Scenario would not complete the upload, and its parts are sent again
	shown  *transferState

	withoutParent string // why it has no parent though the config names one, in a sentence

	// setAside lets go of its place among the files at once, before it is done.
	setAside func()
}

// base is what every step works with: where an item's moves are written down and told.
type base struct {
	ledger    *ledger.Ledger
	owner     string // names this process in the ledger's claims
	scope     string // names the API host and project in the ledger
	set       atomic.Pointer[Settings]
	log       *slog.Logger
	now       func() time.Time
	wake      func() // tells that the ledger has new work
	progress  *progress
	postponed *postponements
	written   *ledgerTrouble
}

// afterwards is the context for writing down what has happened, at Scenario or to the file: that
// is done even if the daemon has been asked to end meanwhile.
func afterwards(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
