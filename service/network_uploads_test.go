package service

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// Part URLs that live for a moment are fetched anew while a file of many parts is on its
// way: before they expire where that can be known, after a refusal where not. No part
// that was received is sent again.
func TestPartURLsExpireOnTheWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lifetime time.Duration
		expires  string
		refused  bool // some parts are refused first
	}{
		"told":     {lifetime: 17 * time.Second}, // two seconds more than they must be good for
		"not told": {lifetime: 2 * time.Second, expires: "none", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{PartURLLifetime: c.lifetime, Behavior: standin.Behavior{Expires: c.expires}}, nettest.Options{}, "Characters")
			s.config.Upload.PartSize, s.config.Upload.Connections = partSize, 2
			const parts = 8
			s.server.Inject(standin.Fault{Op: standin.OpPart, When: standin.After, Do: standin.DoDelay, Delay: 700 * time.Millisecond, Times: -1})
			sum := s.save(noise(parts*partSize, 1), "Characters", "orc.png")
			s.runEngine(clients{})
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(sum)
			s.neverFailed()
			account := s.server.Account()
			if len(account.Uploads) != 1 {
				t.Fatalf("there are %d uploads, want 1", len(account.Uploads))
			}
			for _, p := range account.Uploads[0].Parts {
				if p.Puts != 1 {
					t.Errorf("part %d was stored %d times", p.Number, p.Puts)
				}
			}
			asked, put := account.Requests[standin.OpGet], account.Requests[standin.OpPart]
			if asked < 2 {
				t.Errorf("URLs were fetched anew %d times at most", asked)
			}
			if refused := put - parts; (refused > 0) != c.refused {
				t.Errorf("%d parts were refused", refused)
			}
		})
	}
}

// The clock of this computer is a day ahead or behind: part URLs expire by the server's
// clock, and so does a date to try again at.
func TestClockOffByADay(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"server ahead": 24 * time.Hour, "server behind": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{}, nettest.Options{Answer: shiftClock(ahead)}, "Characters")
			s.config.Upload.PartSize = partSize
			limited, _ := nettest.Some(1, toAPI, nettest.Answer(429, "application/json", "{}",
				"Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat),
				"Retry-After", time.Now().Add(ahead+time.Second).UTC().Format(http.TimeFormat)))
			s.line.Set(limited)
			sum := s.save(noise(3*partSize, 1), "Characters", "orc.png")
			s.runEngine(clients{})
			// A Retry-After date taken by our clock would be a wait of an hour.
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(sum)
			account := s.server.Account()
			if put := account.Requests[standin.OpPart]; put != 3 {
				t.Errorf("three parts took %d requests", put)
			}
			// One check the import at least; none for fresh URLs.
			if asked := account.Requests[standin.OpGet]; asked > 3 {
				t.Errorf("the record was asked for %d times", asked)
			}
		})
	}
}

// The clock was a day ahead, and is put right while a file is being imported: what was
// to be checked in a moment is not left for a day.
func TestClockPutRight(t *testing.T) {
	t.Parallel()
	s := newFarStudio(t, standin.Options{ImportDelay: 3 * time.Second}, nettest.Options{}, "Characters")
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	_, stop := s.runEngine(clients{now: func() time.Time { return time.Now().Add(24 * time.Hour) }})
	s.await(drop.Importing, "Characters", "orc.png")
	stop()
	start := time.Now()
	s.runEngine(clients{})
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

// An upload that the server forgot is begun anew, at whatever stage it was forgotten,
// and makes one asset. When it may have been completed that takes minutes of being told
// that it is not known, so that no second asset is made for a moment's confusion: time
// runs sixty times as fast here.
func TestForgottenUpload(t *testing.T) {
	t.Parallel()
	for stage, c := range map[string]struct {
		method  string
		patient bool
	}{
		"pending":    {http.MethodPut, false},
		"completing": {http.MethodPost, true},
		"importing":  {http.MethodGet, true},
	} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{ImportDelay: 4 * time.Second}, nettest.Options{}, "Characters")
			var forgotten sync.Once
			s.line.Set(func(_ http.ResponseWriter, r *http.Request) bool {
				if id := uploadOf(r); id != "" && r.Method == c.method {
					forgotten.Do(func() { s.server.Delete(id) })
				}
				return false
			})
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			start := time.Now()
			e, _ := s.runEngine(clients{now: func() time.Time { return start.Add(60 * time.Since(start)) }})
			s.until("it is imported", func() bool {
				e.uploader.Wake() // for the real time of its timers
				it, err := s.item("Characters", "orc.png")
				return err == nil && it.State == drop.Imported
			}, func() string {
				it, err := s.item("Characters", "orc.png")
				return fmt.Sprint(it.State, it.Reason, it.Detail, err)
			})
			s.exactlyOnce(sum)
			s.neverFailed()
			creates := s.server.Account().Requests[standin.OpCreate]
			if creates != 2 {
				t.Errorf("%d uploads were begun, want the forgotten one and another", creates)
			}
			if polls := s.server.Account().Requests[standin.OpGet]; c.patient && polls < 8 {
				t.Errorf("it was looked for %d times before the file was sent again", polls)
			}
		})
	}
}

// A record that is not there for a moment while the upload may have been completed makes
// no second asset.
func TestRecordMissingForAMoment(t *testing.T) {
	t.Parallel()
	for stage, complete := range map[string]bool{"completing": true, "importing": false} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{ImportDelay: 100 * time.Millisecond}, nettest.Options{}, "Characters")
			if complete { // its answer is lost
				s.server.Inject(standin.Fault{Op: standin.OpComplete, When: standin.After, Do: standin.DoDrop})
			}
			s.server.Inject(standin.Fault{Op: standin.OpGet, Do: standin.DoStatus, Status: 404, Times: 3})
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			s.runEngine(clients{})
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(sum)
			if n := s.server.Account().Requests[standin.OpCreate]; n != 1 {
				t.Errorf("%d uploads were begun, want 1", n)
			}
		})
	}
}
