package service

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// shortStall stands for the product's minute without any data.
const shortStall = 3 * time.Second

// Every way that a network or a server can fail, met twice in a row by the API or
// by storage while a file is on its way, ends with the file imported exactly once, by
// way of one upload, with no more requests than the troubles cost.
func TestTroublesOnTheLine(t *testing.T) {
	t.Parallel()
	const triggers = 2
	long := time.Minute // longer than any test: the client gives up first
	date := time.Now().Add(time.Second).UTC().Format(http.TimeFormat)
	json := "application/json"
	for name, trouble := range map[string]nettest.Trouble{
		"429":                     nettest.Answer(429, json, `{"message":"Too Many Requests"}`),
		"429 Retry-After seconds": nettest.Answer(429, json, `{"message":"Too Many Requests"}`, "Retry-After", "1"),
		"429 Retry-After date":    nettest.Answer(429, json, `{"message":"Too Many Requests"}`, "Retry-After", date),
		"500":                     nettest.Answer(500, json, `{"message":"Internal server error"}`),
		"502 page":                nettest.Answer(502, "text/html", "<html><h1>Bad Gateway</h1></html>"),
		"503":                     nettest.Answer(503, "text/plain", "no healthy upstream"),
		"503 Retry-After":         nettest.Answer(503, json, "", "Retry-After", "1"),
		"504":                     nettest.Answer(504, json, `{"message":"Endpoint request timed out"}`),
		"reset in a body":         nettest.Reset,
		"stops reading":           nettest.Deaf(long),
		"never answers":           nettest.Mute(long),
		"no HTTP": func(w http.ResponseWriter, _ *http.Request) bool {
			nettest.Raw(w, "220 mail.example.com ESMTP\r\n")
			return true
		},
		"closes at once": func(w http.ResponseWriter, _ *http.Request) bool { nettest.Hangup(w, false); return true },
		"half a header": func(w http.ResponseWriter, _ *http.Request) bool {
			nettest.Raw(w, "HTTP/1.1 200 OK\r\nContent-Le")
			return true
		},
		"JSON cut short":      nettest.Answer(200, json, `{"upload": {"id": "upload_`),
		"other JSON":          nettest.Answer(200, json, `{"ok": true}`),
		"empty success":       nettest.Answer(200, "", "", "Etag", ""),
		"portal page":         nettest.Answer(200, "text/html; charset=utf-8", nettest.Page),
		"portal page untyped": nettest.Answer(200, "application/octet-stream", nettest.Page),
		"portal 302":          nettest.Answer(302, "text/html", "", "Location", "/trap"),
		"portal 307":          nettest.Answer(307, "", "", "Location", "/trap"),
		"portal 511":          nettest.Answer(511, "text/html", nettest.Page),
		"portal 404 page":     nettest.Answer(404, "text/html", nettest.Page),
		"proxy 403 page":      nettest.Answer(403, "text/html", "<html>blocked by policy</html>"),
		"proxy 407":           nettest.Answer(407, "text/html", "<html>log in</html>"),
		"408":                 nettest.Answer(408, "", ""),
	} {
		for to, fits := range map[string]func(*http.Request) bool{"API": toAPI, "storage": toStorage} {
			if to == "storage" && name == "empty success" {
				continue // see TestSuccessOfSomebodyElse
			}
			t.Run(to+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
				s.config.Upload.PartSize = partSize
				limited, triggered := nettest.Some(triggers, fits, trouble)
				s.line.Set(limited)
				sum := s.save(noise(partSize+1000, 1), "Characters", "orc.png")
				var c clients
				stalls := name == "stops reading" || name == "never answers"
				switch {
				case stalls && to == "API":
					c.apiStall = shortStall
				case stalls:
					c.stall = shortStall
				}
				s.runEngine(c)
				s.await(drop.Imported, "Characters", "orc.png")
				s.exactlyOnce(sum)
				s.neverFailed()
				if triggered() < triggers {
					t.Errorf("the trouble was met %d times, want %d", triggered(), triggers)
				}
				// A machine that is busy for as long as the short stall makes an orphan.
				if n := len(s.server.Account().Uploads); n != 1 && c.apiStall == 0 {
					t.Errorf("there are %d uploads, want 1", n)
				}
				// Without trouble: create, two parts, complete, and a few checks the import.
				if n := len(s.line.Requests()); n > triggers+12 {
					t.Errorf("there were %d requests", n)
				}
				for _, r := range s.line.Requests() {
					if r.Path == "/trap" {
						t.Error("a redirect was followed")
					}
				}
			})
		}
	}
}

// Answers that are cut short tell nothing of what was done; the record does.
func TestAnswersCutShort(t *testing.T) {
	t.Parallel()
	for to, fits := range map[string]func(*http.Request) bool{"API": toAPI, "storage": toStorage} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
			s.config.Upload.PartSize = partSize
			limited, triggered := first(fits, s.line.CutShort) // the same call again is answered
			s.line.Set(limited)
			sum := s.save(noise(partSize+1000, 1), "Characters", "orc.png")
			s.runEngine(clients{})
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(sum)
			s.neverFailed()
			if n := triggered(); n < 2 {
				t.Errorf("%d answers were cut short", n)
			}
		})
	}
}

// A success that storage did not send (no ETag, and a body) stores nothing: were it
// taken for one, the part would be missing when the upload is completed.
func TestSuccessOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]nettest.Trouble{
		"empty": nettest.Answer(200, "", ""),
		"text":  nettest.Answer(200, "text/plain", "Welcome to our network"),
		"JSON":  nettest.Answer(200, "application/json", `{"login": "/portal"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
			limited, triggered := nettest.Some(3, toStorage, trouble)
			s.line.Set(limited)
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			s.runEngine(clients{})
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(sum)
			s.neverFailed()
			if triggered() != 3 {
				t.Errorf("it was met %d times, want 3", triggered())
			}
		})
	}
}

// A part that takes many times the stall limit in all, but always moves, is not cut.
func TestSlowPartIsNotCut(t *testing.T) {
	t.Parallel()
	s := newFarStudio(t, standin.Options{}, nettest.Options{Listener: narrow(t)}, "Characters")
	var took atomic.Int64
	s.line.Set(func(_ http.ResponseWriter, r *http.Request) bool {
		if nettest.IsPart(r) {
			r.Body = &slowBody{ReadCloser: r.Body, took: &took}
		}
		return false
	})
	sum := s.save(noise(5<<19, 1), "Characters", "orc.png")
	s.runEngine(clients{stall: shortStall})
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
	parts := 0
	for _, r := range s.line.Requests() {
		if r.Part {
			parts++
		}
	}
	if parts != 1 {
		t.Errorf("the part was sent %d times, want once", parts)
	}
	if took := time.Duration(took.Load()); took < 2*shortStall {
		t.Errorf("the part took %v only; this proves nothing", took)
	}
}

// A line that stalls in the middle of a part for longer than the limit costs that part
// and no other.
func TestStalledLineRecovers(t *testing.T) {
	t.Parallel()
	s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
	s.config.Upload.PartSize, s.config.Upload.Connections = partSize, 1
	const parts = 3
	pause := nettest.Pause(2 * shortStall)
	var begun atomic.Int64
	s.line.Set(func(_ http.ResponseWriter, r *http.Request) bool {
		if nettest.IsPart(r) && begun.Add(1) == 2 {
			pause(r)
		}
		return false
	})
	sum := s.save(noise(parts*partSize, 1), "Characters", "orc.png")
	s.runEngine(clients{stall: shortStall})
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
	s.neverFailed()
	account := s.server.Account()
	if len(account.Uploads) != 1 {
		t.Fatalf("there are %d uploads, want 1", len(account.Uploads))
	}
	puts := 0
	for _, p := range account.Uploads[0].Parts {
		puts += p.Puts
	}
	// What is on the line when it stalls may arrive after all, too late to be believed.
	if n := begun.Load(); n != parts+1 || puts > parts+1 {
		t.Errorf("%d parts were begun and %d stored, want %d and no more than that", n, puts, parts+1)
	}
}

// An outage of any length is one line in the log when it begins and one when it ends,
// however many files wait.
func TestOutageIsTwoLines(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]nettest.Trouble{
		"reset": nettest.Reset, "503": nettest.Answer(503, "text/plain", ""), "portal": nettest.Answer(200, "text/html", nettest.Page),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
			s.line.Set(trouble)
			var sums []string
			for i := range 50 {
				sums = append(sums, s.save(noise(100+i, uint64(i)), "Characters", "orc-"+string(rune('a'+i/26))+string(rune('a'+i%26))+".png"))
			}
			log, lines := foldedLines()
			e, _ := s.runEngine(clients{log: log})
			s.until("the outage has lasted", func() bool {
				c, ok := e.uploader.Trouble()
				return ok && time.Since(c.Since) > 4*time.Second
			}, func() string { return "it has not" })
			during := lines.String()
			s.line.Set(nil)
			s.until("all is imported", func() bool { return len(s.server.Account().Assets) == len(sums) }, func() string { return "it is not" })
			s.exactlyOnce(sums...)
			if n := strings.Count(during, "cannot be used for now"); n != 1 {
				t.Errorf("the outage begins in %d lines:\n%s", n, during)
			}
			if n := strings.Count(during, "level=WARN") + strings.Count(during, "level=ERROR"); n > 2 {
				t.Errorf("there are %d warnings during the outage:\n%s", n, during)
			}
			if n := strings.Count(lines.String(), "can be reached again"); n != 1 {
				t.Errorf("the outage ends in %d lines:\n%s", n, lines.String())
			}
		})
	}
}

// A file waits through an outage of the whole line, and goes on when the line is back at
// the same address.
func TestLineCutAndMended(t *testing.T) {
	t.Parallel()
	s := newFarStudio(t, standin.Options{}, nettest.Options{}, "Characters")
	s.config.Upload.PartSize = partSize
	s.server.Inject(standin.Fault{Op: standin.OpPart, When: standin.After, Do: standin.DoDelay, Delay: 200 * time.Millisecond, Times: -1})
	sum := s.save(noise(6*partSize, 1), "Characters", "orc.png")
	e, _ := s.runEngine(clients{})
	for range 2 {
		sent := s.server.Account().Requests[standin.OpPart]
		s.until("parts are on their way", func() bool { return s.server.Account().Requests[standin.OpPart] > sent || s.done() }, func() string { return "none is" })
		s.line.Cut()
		s.until("the outage is noticed", func() bool { _, ok := e.uploader.Trouble(); return ok || s.done() }, func() string { return "it is not" })
		s.line.Mend()
	}
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
	s.neverFailed()
	if n := len(s.server.Account().Uploads); n != 1 {
		t.Errorf("there are %d uploads, want 1", n)
	}
}

func (s *farStudio) done() bool { return len(s.server.Account().Assets) > 0 }
