package uploader

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// A 429 on making a collection slows all requests down, as that of any other call does.
func TestMakingACollectionLearnsTheRate(t *testing.T) {
	server := standintest.Start(t, standin.Options{ImportDelay: -1})
	server.Inject(standin.Fault{Op: standin.OpCollectionCreate, Do: standin.DoStatus, Status: 429})
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	api, err := scenario.New(scenario.Options{BaseURL: server.BaseURL(), Key: server.Key(), Secret: server.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	u := New(Options{Ledger: l, API: api, Storage: scenario.NewStorage(scenario.StorageOptions{}), Scope: "host#project", Log: slog.New(slog.DiscardHandler)})
	if _, err := u.folders.collectionID(t.Context(), "Orcs", nil); err != nil {
		t.Fatal(err)
	}
	if _, limited := u.api.Rate(); !limited {
		t.Error("nothing was learnt of the rate that is allowed")
	}
	if _, made := server.Account().Collection("Orcs"); !made {
		t.Error("the collection was not made in the end")
	}
}
