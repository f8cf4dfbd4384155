package ledger_test

import (
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/itemstest"
	"scenario-drop/ledger"
)

// A ledger keeps items as the uploader needs it.
func TestContract(t *testing.T) {
	itemstest.Run(t, func(t *testing.T) itemstest.Opener {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func(t *testing.T, now func() time.Time, publish func(...drop.EventData)) itemstest.Store {
			l, err := ledger.Open(t.Context(), path, now, ledger.PublishTo(publish))
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
	})
}
