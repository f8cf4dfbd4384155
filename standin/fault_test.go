package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestFaultsAtEveryMoment triggers create, part and complete with everything, and checks
// what the client sees and whether the work was done.
func TestFaultsAtEveryMoment(t *testing.T) {
	type outcome struct {
		status int  // 0: no usable answer
		done   bool // the work
	}
	for _, tc := range []struct {
		name  string
		fault Fault
		want  outcome
	}{
		{"status before", Fault{When: Before, Do: DoStatus, Status: 503}, outcome{503, false}},
		{"status after", Fault{When: After, Do: DoStatus, Status: 500}, outcome{500, true}},
		{"drop before", Fault{When: Before, Do: DoDrop}, outcome{0, false}},
		{"reset before", Fault{When: Before, Do: DoDrop, Reset: true}, outcome{0, false}},
		{"drop after", Fault{When: After, Do: DoDrop}, outcome{0, true}},
		{"garbage before", Fault{When: Before, Do: DoGarbage}, outcome{200, false}},
		{"garbage after", Fault{When: After, Do: DoGarbage}, outcome{200, true}},
		{"html", Fault{Do: DoHTML}, outcome{200, false}},
		{"delay before", Fault{When: Before, Do: DoDelay, Delay: time.Millisecond}, outcome{200, true}},
		{"delay middle", Fault{When: Middle, Do: DoDelay, Delay: time.Millisecond}, outcome{200, true}},
		{"delay after", Fault{When: After, Do: DoDelay, Delay: time.Millisecond}, outcome{200, true}},
		{"stall before", Fault{When: Before, Do: DoStall}, outcome{0, false}},
		{"stall after", Fault{When: After, Do: DoStall}, outcome{0, true}},
		{"drop in the middle", Fault{When: Middle, Do: DoDrop}, outcome{0, true}},
		{"stall in the middle", Fault{When: Middle, Do: DoStall}, outcome{0, true}},
	} {
		for _, op := range []string{OpCreate, OpPart, OpComplete} {
			t.Run(op+" "+tc.name, func(t *testing.T) {
				s := start(t, Options{ImportDelay: -1})
				c := newClient(t, s)
				hangs := tc.fault.Do == DoStall
				if hangs {
					c.http.Timeout = 100 * time.Millisecond
				}
				content := bytes.Repeat([]byte("x"), 1000)
				fault := tc.fault
				fault.Op = op
				var u uploadWire
				if op != OpCreate {
					u = c.create("image", "a.png", len(content), 1, nil)
				}
				if op == OpComplete {
					c.want(c.put(u.Parts[0].URL, content), 200, nil)
				}
				s.Inject(fault)
				work := map[string]func() reply{
					OpCreate:   func() reply { return c.do("POST", "/uploads", newUploadBody("image", "a.png", 1000, 1, nil)) },
					OpPart:     func() reply { return c.put(u.Parts[0].URL, content) },
					OpComplete: func() reply { return c.complete(u.ID) },
				}[op]
				r := work()
				status := r.status
				if r.err != nil {
					status = 0
				}
				if status != tc.want.status {
					t.Errorf("status %d %q %v, want %d", r.status, r.body, r.err, tc.want.status)
				}
				if hangs {
					// It was the client that gave up; the server may not have noticed yet.
					s.ClearFaults()
				}
				awaitIdle(t, s)
				a := s.Account()
				done := map[string]bool{
					OpCreate:   len(a.Uploads) == 1,
					OpPart:     len(a.Uploads) == 1 && len(a.Uploads[0].Parts) == 1,
					OpComplete: len(a.Assets) == 1,
				}[op]
				// Half a part is no part.
				want := tc.want.done && (op != OpPart || fault.When != Middle || fault.Do == DoDelay)
				if done != want {
					t.Errorf("work done: %v, want %v", done, want)
				}
				if a.Fired != 1 || a.Requests[op] != 1 {
					t.Errorf("fired %d, requests %v", a.Fired, a.Requests)
				}
				// The fault is used up, and the server none the worse.
				c.http.Timeout = patience
				if r := work(); r.status != 200 && (op != OpComplete || r.status != 400) {
					t.Errorf("afterwards: %d %s %v", r.status, r.body, r.err)
				}
			})
		}
	}
}

// awaitIdle waits until no request is inside the server.
func awaitIdle(t *testing.T, s *Server) {
	t.Helper()
	eventually(t, "all requests are over", func() bool {
		s.requests.mu.Lock()
		defer s.requests.mu.Unlock()
		return s.requests.inside == 0
	})
}

// TestClientGivesUp has the server notice by itself that nobody waits any more.
func TestClientGivesUp(t *testing.T) {
	for _, fault := range []Fault{{Op: OpCreate, Do: DoStall}, {Op: OpCreate, Do: DoDelay, Delay: time.Hour}} {
		s := start(t, Options{})
		c := newClient(t, s)
		c.http.Timeout = 50 * time.Millisecond
		s.Inject(fault)
		if r := c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, nil)); r.err == nil {
			t.Errorf("answer %d", r.status)
		}
		awaitIdle(t, s)
		if n := len(s.Account().Uploads); n != 0 {
			t.Errorf("%d uploads", n)
		}
	}
}

func TestHalfAnAnswer(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	s.Inject(Fault{Op: OpCreate, When: Middle, Do: DoDrop})
	r := c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, nil))
	if !errors.Is(r.err, io.ErrUnexpectedEOF) || len(r.body) == 0 || json.Valid(r.body) {
		t.Errorf("answer %d %q %v", r.status, r.body, r.err)
	}
}

func TestHalfAPart(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1000, 1, nil)
	s.Inject(Fault{Op: OpPart, When: Middle, Do: DoStatus, Status: 500})
	r := c.put(u.Parts[0].URL, make([]byte, 1000))
	c.want(r, 500, nil)
	if !strings.Contains(string(r.body), "<Code>InternalError</Code>") {
		t.Errorf("answer %s", r.body)
	}
	if got := s.Account().Uploads[0]; got.Received != 500 || len(got.Parts) != 0 {
		t.Errorf("upload %+v", got)
	}
}

func TestFaultCounters(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	statuses := func(n int) (got []int) {
		for range n {
			got = append(got, c.do("GET", "/collections", nil).status)
		}
		return got
	}
	equal := func(got []int, want ...int) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("statuses %v, want %v", got, want)
			}
		}
	}
	s.Inject(Fault{Op: OpCollections, Do: DoStatus, Status: 503, Skip: 1, Times: 2})
	equal(statuses(4), 200, 503, 503, 200)
	s.Inject(Fault{Do: DoStatus, Status: 500, Times: -1})
	s.Inject(Fault{Op: OpCollections, Do: DoStatus, Status: 503})
	equal(statuses(3), 500, 500, 500)
	s.ClearFaults()
	equal(statuses(1), 200)
	s.Inject(Fault{Op: OpCreate, Do: DoStatus, Status: 503})
	equal(statuses(1), 200)
}

func TestFaultForOnePart(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	u := c.create("image", "a.png", 2, 2, nil)
	s.Inject(Fault{Op: OpPart, Part: 2, Do: DoStatus, Status: 503, RetryAfter: "7"})
	c.want(c.put(u.Parts[0].URL, []byte("x")), 200, nil)
	r := c.put(u.Parts[1].URL, []byte("x"))
	c.want(r, 503, nil)
	if r.header.Get("Retry-After") != "7" {
		t.Errorf("headers %v", r.header)
	}
}

func TestRedirectTrap(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	s.Inject(Fault{Op: OpCollections, Do: DoStatus, Status: 307})
	r := c.do("GET", "/collections", nil)
	c.want(r, 307, nil)
	if len(s.Account().Violations) != 0 {
		t.Fatal("nothing was followed yet")
	}
	req, err := http.NewRequest("GET", r.header.Get("Location"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(DefaultKey, DefaultSecret)
	c.send(req)
	v := s.Account().Violations
	if len(v) != 1 || v[0].Kind != RedirectFollowed || !strings.Contains(v[0].Detail, "with credentials") {
		t.Errorf("violations %+v", v)
	}
}

func TestStallEndsWithRun(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	c := newClient(t, s)
	s.Inject(Fault{Op: OpCollections, Do: DoStall})
	stalled := make(chan reply, 1)
	go func() { stalled <- c.do("GET", "/collections", nil) }()
	eventually(t, "the stall begins", func() bool { return s.Account().Fired == 1 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if r := <-stalled; r.err == nil {
		t.Errorf("answer %d", r.status)
	}
}

func TestInjectRefusesNonsense(t *testing.T) {
	for _, f := range []Fault{
		{}, {Do: "explode"}, {Do: DoDrop, When: "later"}, {Do: DoDrop, Op: "uploads"}, {Do: DoStatus}, {Do: DoStatus, Status: 200},
		{Do: DoCall}, {Do: "kill"}, {Do: DoDelay}, {Do: DoDrop, Skip: -1}, {Do: DoDrop, Part: 1},
		{Do: DoHTML, When: Middle}, {Do: DoStatus, Status: 500, When: Middle, Op: OpCreate},
	} {
		if f.check() == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Inject took nonsense")
		}
	}()
	start(t, Options{}).Inject(Fault{Do: "explode"})
}

// killChild makes this test binary a client that is to be killed.
const killChild = "STANDIN_TEST_KILL_URL"

func TestCall(t *testing.T) {
	if base := os.Getenv(killChild); base != "" {
		req, err := http.NewRequest("POST", base+"/uploads",
			strings.NewReader(`{"fileName":"a.png","fileSize":1,"contentType":"image/png","kind":"image","parts":1}`))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(DefaultKey, DefaultSecret)
		if _, err := io.ReadAll(os.Stdin); err != nil { // wait for the fault to be armed
			t.Fatal(err)
		}
		r := newClient(t, nil).send(req)
		t.Fatalf("the killed client is alive: %+v", r)
	}
	for _, when := range []string{Before, Middle, After} {
		t.Run(when, func(t *testing.T) {
			s := start(t, Options{})
			cmd := exec.Command(os.Args[0], "-test.run=^TestCall$")
			cmd.Env = append(os.Environ(), killChild+"="+s.BaseURL())
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			gate, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			s.Inject(Fault{Op: OpCreate, When: when, Do: DoCall, Call: func() { cmd.Process.Kill() }})
			if err := gate.Close(); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			if _, killed := errors.AsType[*exec.ExitError](err); !killed || out.Len() > 0 {
				t.Errorf("child: %v %s", err, &out)
			}
			if got, want := len(s.Account().Uploads), map[bool]int{true: 0, false: 1}[when == Before]; got != want {
				t.Errorf("%d uploads, want %d", got, want)
			}
		})
	}
}
