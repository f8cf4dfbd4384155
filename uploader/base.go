package uploader

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// job is one claimed item while it is worked on, in one goroutine's hands.
type job struct {
	it     ledger.Item
	rule   Rule // of its folder, as of its step
	resent bool // Scenario would not complete the upload, and its parts are sent again
	shown  *transferState

	withoutParent drop.Detail // why it has no parent though the config names one

	// setAside lets go of its place among the files at once, before it is done.
	setAside func()
}

// Items is whatever keeps the items; it is a *ledger.Ledger, whose methods say what each promises.
// Of it each step has what it alone needs. The suite of internal/testkit/itemstest holds any other to that.
type Items interface {
	moves
	claims
	dueTimes
	identifyRecords
	uploadRecords
	completeRecords
	followRecords
	linkRecords
	folderRecords
	cleanupRecords
	denialRecords
	matchRecords
}

// moves are those that several steps make.
type moves interface {
	ClaimContent(ctx context.Context, it ledger.Item, owner string, c ledger.Content) (ledger.Claimant, error)
	Duplicate(ctx context.Context, it ledger.Item, owner, asset string) error
	WaitFor(ctx context.Context, it ledger.Item, owner string, other int64, until time.Time) error
	Done(ctx context.Context, it ledger.Item, owner string, why drop.Why) error
	End(ctx context.Context, it ledger.Item, owner string, to drop.State, why drop.Why) error
}

// base is what every step works with: where an item's moves are written down and told.
type base struct {
	ledger    moves
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
