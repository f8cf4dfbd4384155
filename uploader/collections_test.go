package uploader

import (
	"testing"

	"scenario-drop/standin"
)

// A 429 on making a collection slows all requests down, as that of any other call does.
func TestMakingACollectionLearnsTheRate(t *testing.T) {
	d := newTestbed(t, testbedOptions{})
	d.server.Inject(standin.Fault{Op: standin.OpCollectionCreate, Do: standin.DoStatus, Status: 429})
	u := d.uploader()
	if _, err := u.folders.collectionID(t.Context(), "Orcs", nil); err != nil {
		t.Fatal(err)
	}
	if _, limited := u.api.Rate(); !limited {
		t.Error("nothing was learnt of the rate that is allowed")
	}
	if _, made := d.server.Account().Collection("Orcs"); !made {
		t.Error("the collection was not made in the end")
	}
}
