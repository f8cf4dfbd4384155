package service

import (
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// An upload that stays complete with the id of an asset that is there is imported, whether
// that is seen by the call that completes it, by the follower, or by whoever settles a lost answer.
func TestUploadThatStaysComplete(t *testing.T) {
	for name, o := range map[string]standin.Options{
		"at once":       {ImportDelay: -1},
		"after a while": {ImportDelay: 300 * time.Millisecond},
		"lost answer":   {ImportDelay: -1},
		"early id":      {ImportDelay: 300 * time.Millisecond, Behavior: standin.Behavior{EarlyEntityID: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Behavior.StaysComplete = true
			s := newStudio(t, o, "Characters", "Models")
			s.config.Watches[0].Collections = []string{"Characters"}
			s.config.Watches[1].Kind, s.config.Watches[1].OnChange, s.config.Watches[1].Collections = "model", "new", []string{"Styles"}
			if name == "lost answer" {
				s.server.Inject(standin.Fault{Op: standin.OpComplete, When: standin.After, Do: standin.DoDrop, Times: 2})
			}
			sums := []string{s.save(noise(1000, 1), "Characters", "orc.png"), s.save(noise(2000, 2), "Models", "style.bin")}
			if res := s.once(); res.Counts[drop.Imported] != 2 || res.Stuck != 0 {
				t.Fatalf("%+v", res)
			}
			for _, e := range s.exactlyOnce(sums...) {
				if len(e.Collections) != 1 {
					t.Errorf("%s is in %v", e.Name, e.Collections)
				}
			}
		})
	}
}

// Where the key may not read assets, an id that is given is taken for final.
func TestUploadThatStaysCompleteUnread(t *testing.T) {
	s := newStudio(t, standin.Options{Behavior: standin.Behavior{StaysComplete: true}}, "Characters")
	s.server.Inject(standin.Fault{Op: standin.OpAsset, Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	if res := s.once(); res.Counts[drop.Imported] != 1 {
		t.Fatalf("%+v", res)
	}
	s.exactlyOnce(sum)
}
