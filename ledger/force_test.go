package ledger

import (
	"errors"
	"testing"

	"scenario-drop/drop"
)

func heldFor(reason drop.Reason, n int64) Observation {
	s := observation("a.png", n)
	s.State, s.Reason, s.Detail = drop.Held, reason, drop.Detail("Because of "+string(reason)+".")
	return s
}

// A held file is queued at a person's word, in the version that is there then; what finds files
// may say of that version what it wants.
func TestForce(t *testing.T) {
	l, clock := newLedger(t)
	it := admitted(t, l, heldFor("looks_cut_off", 1))
	must(t, l.Force(t.Context(), it, fp(2))) // it changed since it was held
	if err := l.Force(t.Context(), it, fp(2)); !errors.Is(err, ErrNotMoved) {
		t.Errorf("twice: %v", err)
	}
	it = found(t, l, inRoot("a.png"))
	if it.State != drop.Queued || !it.Forced || it.Fingerprint != fp(2) {
		t.Errorf("it is %+v", it)
	}
	if _, known := knownIn(t, l, root)["a.png"]; !known {
		t.Error("a scan would look at it again")
	}
	before := dump(t, l.read)
	admit(t, l, heldFor("looks_cut_off", 2))
	if dump(t, l.read) != before {
		t.Error("to hold the same version again changed the local database")
	}

	// A restart, or a permission to read it that came and went.
	claimed := claimAll(t, l, "w")[0]
	if !claimed.Forced {
		t.Error("whoever sends it does not learn of it")
	}
	must(t, l.End(t.Context(), claimed, "w", drop.Held, drop.Why{Reason: "unreadable", Detail: "It cannot be read."}))
	clock.advance(hour)
	if n := admit(t, l, heldFor("looks_cut_off", 2)); n != 1 || found(t, l, inRoot("a.png")).State != drop.Queued {
		t.Error("once it can be read, it is held again")
	}

	// The same content with another change time, as after chmod.
	touched := heldFor("looks_cut_off", 2)
	touched.Fingerprint.ChangeTime++
	admit(t, l, touched)
	if it := found(t, l, inRoot("a.png")); it.State != drop.Queued || !it.Forced {
		t.Errorf("with new permissions it is %s, forced %v", it.State, it.Forced)
	}

	// Another version is judged again.
	admit(t, l, heldFor("looks_cut_off", 3))
	if it := found(t, l, inRoot("a.png")); it.State != drop.Held || it.Forced {
		t.Errorf("a new version is %s, forced %v", it.State, it.Forced)
	}
	admit(t, l, heldFor("looks_cut_off", 4))
	if it := found(t, l, inRoot("a.png")); it.State != drop.Held || it.Forced {
		t.Errorf("the next is %s, forced %v", it.State, it.Forced)
	}
}

// What is held for a fact is not sent, whoever asks, and no word from before changes that.
func TestForceOfFacts(t *testing.T) {
	for _, reason := range []drop.Reason{"empty", "unreadable", "not_on_disk", "foreign_link", "keeps_changing", "gone", drop.ReasonNotAllowed, drop.ReasonPossibleDuplicate, "no such reason", ""} {
		l, _ := newLedger(t)
		it := admitted(t, l, heldFor(reason, 1))
		if err := l.Force(t.Context(), it, fp(1)); err == nil || found(t, l, it.Path).State != drop.Held {
			t.Errorf("%q: %v", reason, err)
		}
		force(t, l, it.ID, "forced = 1")
		admit(t, l, heldFor("foreign_link", 1))
		if found(t, l, it.Path).State != drop.Held {
			t.Errorf("%q, forced, and then a foreign link: not held", reason)
		}
	}
	l, _ := newLedger(t)
	it := admitted(t, l, heldFor("looks_cut_off", 1))
	force(t, l, it.ID, "reason = 'empty'") // meanwhile
	if err := l.Force(t.Context(), it, fp(1)); !errors.Is(err, ErrNotMoved) {
		t.Errorf("held for another reason by now: %v", err)
	}
}
