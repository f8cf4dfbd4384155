package service

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"scenario-drop/drop"
	"scenario-drop/scenario"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// What a server says about a file gets to a person short, and without what would play
// tricks on a terminal.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Request-Id", strings.Repeat("\x9b2J", 1000))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"code":"\u001b]0;owned\u0007","message":"`+strings.Repeat(`\u001b[2J\u202e\u0007no. `, 2_000)+`"}`)
	}))
	defer srv.Close()
	s.config.Scenario.BaseURL = srv.URL + "/v1"
	s.save(noise(1000, 1), "Characters", "a.png")
	s.once()
	it, err := s.item("Characters", "a.png")
	if err != nil || it.State != drop.Failed {
		t.Fatalf("%+v, %v", it, err)
	}
	sentence := status.Sentence(it, time.Now())
	if len(sentence) > 2000 || strings.ContainsFunc(sentence, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%d bytes: %q", len(sentence), sentence)
	}
}

// A server that asks for a wait of decades gets an hour, and the daemon says that it waits.
func TestHostileRetryAfter(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{"seconds": "1000000000", "date": "Fri, 31 Dec 9999 23:59:59 GMT", "overflow": "9223372036854775807"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 429, RetryAfter: after, Times: -1})
			s.save(noise(1000, 1), "Characters", "a.png")
			d, _ := s.run()
			s.until("the daemon says that it waits", func() bool {
				c, closed := d.engine.sender().Trouble()
				if !closed {
					return false
				}
				if wait := time.Until(c.Until); c.Class != scenario.RateLimited || wait > time.Hour || wait < 50*time.Minute {
					t.Errorf("it waits %v for %v", wait, c.Class)
				}
				return true
			}, func() string { return "it says nothing" })
			snapshot, err := d.Snapshot(t.Context())
			if err != nil || !strings.Contains(snapshot.Trouble, "slow down") {
				t.Errorf("%q, %v", snapshot.Trouble, err)
			}
		})
	}
}
