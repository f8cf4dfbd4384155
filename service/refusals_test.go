package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// modelsAndImages is a studio with a folder of each, and a few files in both.
func modelsAndImages(t *testing.T, o standin.Options, models int) (s *studio, images []string) {
	t.Helper()
	s = newStudio(t, o, "Models", "Characters")
	s.config.Watches[0].Kind, s.config.Watches[0].OnChange = "model", "new"
	for i := range models {
		s.save(noise(1000, uint64(100+i)), "Models", fmt.Sprintf("style-%d.bin", i))
	}
	for i := range 3 {
		images = append(images, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("orc-%d.png", i)))
	}
	return s, images
}

// A key that may not upload models is no key that is refused: images go, models are held
// with Scenario's words, and go once they are allowed.
func TestKeyMayNotUploadOneKind(t *testing.T) {
	s, images := modelsAndImages(t, standin.Options{}, 3)
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Kind: "model", Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
	res := s.once()
	if res.Counts[drop.Imported] != 3 || res.Counts[drop.Held] != 3 || res.Unreachable != "" {
		t.Fatalf("%+v", res)
	}
	s.exactlyOnce(images...)
	for i := range 3 {
		it, err := s.item("Models", fmt.Sprintf("style-%d.bin", i))
		if err != nil || it.State != drop.Held || it.Reason != drop.ReasonNotAllowed {
			t.Fatalf("%+v, %v", it, err)
		}
		for _, want := range []string{"API Keys cannot access protected resources", "key works", "is tried again every 10 minutes"} {
			if sentence := status.Sentence(it, time.Now()); !strings.Contains(sentence, want) {
				t.Errorf("%q does not say %q", sentence, want)
			}
		}
	}
	// Another pass asks for one of them only.
	before := s.server.Account().Requests[standin.OpCreate]
	s.once()
	if n := s.server.Account().Requests[standin.OpCreate] - before; n != 1 {
		t.Errorf("the next pass asked %d times for what is not allowed, want 1", n)
	}
	s.server.ClearFaults()
	if res := s.once(); res.Counts[drop.Imported] != 3 {
		t.Errorf("once they are allowed: %+v", res)
	}
}

// Of many files of a kind that is not allowed only the first few ask, and a running daemon
// takes all of them up when it is asked to.
func TestKindNotAllowedAsksFewTimes(t *testing.T) {
	s, images := modelsAndImages(t, standin.Options{}, 200)
	s.config.Upload.FilesAtOnce = 8
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Kind: "model", Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
	d, _ := s.run()
	held := func() int { counts, err := d.ledger.Counts(t.Context()); s.must(err); return counts[drop.Held] }
	s.until("all models are held", func() bool { return held() == 200 }, func() string { return fmt.Sprint(held()) })
	for i := range images {
		s.await(drop.Imported, "Characters", fmt.Sprintf("orc-%d.png", i))
	}
	account := s.server.Account()
	if n := account.Requests[standin.OpCreate]; n > 30 {
		t.Errorf("%d uploads were asked for, for 200 models that are not allowed and 3 images", n)
	}
	if n := account.Requests[standin.OpCollections]; n > 3 {
		t.Errorf("%d times it was asked whether the key works", n)
	}
	if snapshot, err := d.Snapshot(t.Context()); err != nil || snapshot.Trouble != "" {
		t.Errorf("%q, %v: everything else goes on", snapshot.Trouble, err)
	}
	s.server.ClearFaults()
	_, err := d.Retry(t.Context(), nil)
	s.must(err)
	s.until("all models are imported", func() bool { return len(s.server.Account().Models) == 200 }, func() string { return fmt.Sprint(held(), " held") })
}

// A 403 everywhere is the key's.
func TestKeyRefusedEverywhere(t *testing.T) {
	s, _ := modelsAndImages(t, standin.Options{}, 1)
	s.server.Inject(standin.Fault{Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
	if res := s.once(); !strings.Contains(res.Unreachable, "refuses the API key") || res.Waiting != 4 || res.Counts[drop.Held] != 0 {
		t.Errorf("%+v", res)
	}
}

// The wrong project is the key's as well: nothing is held, everything waits for the config.
func TestKeyForAnotherProject(t *testing.T) {
	s, _ := modelsAndImages(t, standin.Options{Projects: []string{"proj_mine"}}, 1)
	s.config.Scenario.ProjectID = "proj_other"
	if res := s.once(); !strings.Contains(res.Unreachable, "proj_other") || res.Waiting != 4 || res.Counts[drop.Held] != 0 {
		t.Errorf("%+v", res)
	}
}

// What the key may not do besides creating uploads is that file's trouble, or that step's.
func TestKeyMayNotDoOneStep(t *testing.T) {
	for op, want := range map[string]struct {
		state drop.State
		stuck int
	}{
		standin.OpComplete: {drop.Held, 0},
		standin.OpGet:      {drop.Importing, 1},
		standin.OpLink:     {drop.Linking, 1},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Models", "Characters")
			s.config.Watches[0].Kind, s.config.Watches[0].OnChange = "model", "new"
			s.config.Watches[0].Collections = []string{"Styles"}
			if op == standin.OpLink { // images say it with their upload
				s.save(noise(1000, 1), "Models", "style.bin")
			} else {
				s.save(noise(1000, 1), "Characters", "orc.png")
			}
			s.server.Inject(standin.Fault{Op: op, Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
			res := s.once()
			if res.Unreachable != "" || res.Stuck != want.stuck {
				t.Errorf("%+v", res)
			}
			file := []string{"Characters", "orc.png"}
			if op == standin.OpLink {
				file = []string{"Models", "style.bin"}
			}
			it, err := s.item(file...)
			if err != nil || it.State != want.state || it.Reason != drop.ReasonNotAllowed || !strings.Contains(status.Words(it.Detail), "API Keys cannot access") {
				t.Fatalf("%+v, %v", it, err)
			}
			s.server.ClearFaults()
			d, _ := s.run()
			_, err = d.Retry(t.Context(), nil)
			s.must(err)
			s.await(drop.Imported, file...)
			if account := s.server.Account(); len(account.Assets)+len(account.Models) != 1 {
				t.Errorf("%d assets, %d models", len(account.Assets), len(account.Models))
			}
		})
	}
}

// A limit of the plan is no reason to slow down or to try without end: what asked is held
// with Scenario's words, and all else goes on.
func TestPlanLimit(t *testing.T) {
	s, images := modelsAndImages(t, standin.Options{}, 3)
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Kind: "model", Do: standin.DoStatus, Status: 429, Body: standin.PlanLimitReached, Times: -1})
	res := s.once()
	if res.Counts[drop.Imported] != 3 || res.Counts[drop.Held] != 3 || res.Unreachable != "" {
		t.Fatalf("%+v", res)
	}
	s.exactlyOnce(images...)
	it, err := s.item("Models", "style-1.bin")
	if err != nil || it.Reason != drop.ReasonPlanLimit || !strings.Contains(status.Words(it.Detail), "You have reached your plan's limit") {
		t.Errorf("%+v, %v", it, err)
	}
	if n := s.server.Account().Requests[standin.OpCreate]; n > 6 {
		t.Errorf("%d uploads were asked for", n)
	}
	// A scan that finds the files unchanged leaves them held.
	before := s.server.Account().Requests[standin.OpCreate]
	s.once()
	if n := s.server.Account().Requests[standin.OpCreate] - before; n != 1 {
		t.Errorf("the next pass asked %d times, want 1", n)
	}
	s.server.ClearFaults()
	if res := s.once(); res.Counts[drop.Imported] != 3 {
		t.Errorf("with the limit gone: %+v", res)
	}
}

// The wait that a 429 tells in its body is obeyed for all requests, as Retry-After is.
func TestCooldownInTheBody(t *testing.T) {
	s, _ := modelsAndImages(t, standin.Options{}, 0)
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 429, Body: `{"reason":"cooldown","remainingSeconds":600}`, Times: -1})
	d, _ := s.run()
	s.until("requests wait", func() bool {
		c, closed := d.engine.uploader.Trouble()
		return closed && time.Until(c.Until) > 9*time.Minute
	}, func() string { return fmt.Sprint(d.engine.uploader.Trouble()) })
	if n := s.server.Account().Requests[standin.OpCreate]; n > 3 {
		t.Errorf("%d requests in the cooldown", n)
	}
}

// Making a collection goes at the rate of all requests, and its 429 slows them down.
func TestMakingCollectionsIsPaced(t *testing.T) {
	s := newStudio(t, standin.Options{Behavior: standin.Behavior{RatePerSecond: 20, RetryAfter: "seconds"}}, "Characters")
	s.config.Watches[0].SubfolderCollections = true
	var sums []string
	for i := range 30 {
		sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("Orcs %d", i), "orc.png"))
	}
	s.once()
	s.exactlyOnce(sums...)
	if n := len(s.server.Account().Collections); n != 30 {
		t.Errorf("%d collections", n)
	}
}
