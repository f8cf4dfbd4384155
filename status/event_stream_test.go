package status

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/events"
)

// following reads events in the background.
type following struct {
	heard chan Heard
	ended chan error
	stop  context.CancelFunc
}

func follow(t *testing.T, dataDir string, since int64) *following {
	t.Helper()
	c, err := Dial(dataDir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &following{heard: make(chan Heard, 100), ended: make(chan error, 1), stop: cancel}
	t.Cleanup(cancel)
	go func() {
		f.ended <- c.Follow(ctx, since, func(h Heard) error {
			f.heard <- h
			return nil
		})
	}()
	return f
}

func (f *following) next(t *testing.T) Heard {
	t.Helper()
	select {
	case h := <-f.heard:
		return h
	case err := <-f.ended:
		t.Fatalf("the stream ended: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("nothing was heard")
	}
	return Heard{}
}

// A command hears what happens from any point on, is told when that is lost, and that the
// daemon ended.
func TestFollow(t *testing.T) {
	hub := events.New(4, nil)
	ctx, cancel := context.WithCancel(context.Background())
	s := serveUntil(t, ctx, Options{Daemon: &told{}, Events: hub})
	f := follow(t, s.DataDir, 0)
	begin := f.next(t)
	if begin.ID != hub.Last() || begin.Lost || begin.Event.Data != nil {
		t.Errorf("the first: %+v", begin)
	}
	moved := drop.ItemMoved{Item: 7, Path: hostile, To: drop.Queued}
	hub.Publish(moved, drop.PauseChanged{Paused: true})
	if h := f.next(t); h.ID != begin.ID+1 || h.Event.ID != h.ID || h.Event.Data.(drop.ItemMoved).Item != 7 || h.Lost {
		t.Errorf("%+v", h)
	}
	if h := f.next(t); h.ID != begin.ID+2 || h.Event.Data != (drop.PauseChanged{Paused: true}) {
		t.Errorf("%+v", h)
	}
	again := follow(t, s.DataDir, begin.ID+1)
	again.next(t)
	if h := again.next(t); h.ID != begin.ID+2 || h.Lost {
		t.Errorf("read on from a number: %+v", h)
	}
	late := follow(t, s.DataDir, 5) // of another run
	late.next(t)
	if h := late.next(t); !h.Lost || h.ID != begin.ID {
		t.Errorf("from another run: %+v", h)
	}
	if h := late.next(t); h.Lost || h.ID != begin.ID+1 {
		t.Errorf("after what was lost: %+v", h)
	}
	cancel()
	for _, f := range []*following{f, again, late} {
		if err := <-f.ended; !errors.Is(err, errEnded) {
			t.Errorf("the daemon ended: %v", err)
		}
	}
}

// So many read at a time, and no more; one that ends makes room.
func TestStreamsAreBounded(t *testing.T) {
	s := serve(t, Options{Daemon: &told{}, Events: events.New(4, nil)})
	var all []*following
	for range maxStreams {
		f := follow(t, s.DataDir, 0)
		f.next(t)
		all = append(all, f)
	}
	if err := <-follow(t, s.DataDir, 0).ended; err == nil || !strings.Contains(err.Error(), "read the events already") {
		t.Errorf("one more: %v", err)
	}
	c, err := Dial(s.DataDir)
	if err == nil {
		_, err = c.Snapshot(t.Context())
	}
	if err != nil {
		t.Errorf("the daemon is not reached any more: %v", err)
	}
	all[0].stop()
	if err := <-all[0].ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // the daemon has to notice
		f := follow(t, s.DataDir, 0)
		select {
		case <-f.heard:
			return
		case err := <-f.ended:
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
	}
}

// Only those who may ask for the status hear what happens: a browser with the page's key, from the
// last event that it had. One whose access changed has to come again.
func TestEventsNeedAccess(t *testing.T) {
	hub := events.New(4, nil)
	s := serve(t, Options{Daemon: &told{}, Events: hub, Listen: "127.0.0.1:0"})
	get := func(address net.Addr, change func(*http.Request)) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address.String()+eventsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		line := &http.Transport{}
		t.Cleanup(line.CloseIdleConnections)
		res, err := line.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for _, a := range []net.Addr{s.control.Addr(), s.page.Addr()} {
		if res := get(a, func(*http.Request) {}); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("without a key: %s", res.Status)
		}
	}
	key := &http.Cookie{Name: cookieName, Value: s.token}
	res := get(s.page.Addr(), func(r *http.Request) {
		r.AddCookie(key)
		r.Header.Set("Origin", "http://elsewhere.example")
	})
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("for another web page: %s", res.Status)
	}
	hub.Publish(drop.ItemsChanged{Count: 1}, drop.ItemMoved{Item: 2, Path: "/w/\u202egnp.png"})
	res = get(s.page.Addr(), func(r *http.Request) {
		r.AddCookie(key)
		r.Header.Set("Last-Event-ID", fmt.Sprint(hub.Last()-1))
	})
	lines := bufio.NewReader(res.Body)
	var text strings.Builder
	for !strings.Contains(text.String(), "item_moved") || !strings.HasSuffix(text.String(), "\n\n") {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %s", err, text.String())
		}
		text.WriteString(line)
	}
	if got := text.String(); res.Header.Get("Content-Type") != "text/event-stream" || !strings.Contains(got, fmt.Sprintf("id: %d\nevent: item_moved\ndata: {", hub.Last())) ||
		!strings.Contains(got, `\u202e`) || strings.Contains(got, "items_changed") {
		t.Errorf("%s:\n%s", res.Header.Get("Content-Type"), got)
	}
	s.SetPageAccess(PageAccess{})
	hub.Publish(drop.ItemsChanged{})
	if rest, err := io.ReadAll(lines); err != nil || strings.Contains(string(rest), "items_changed") {
		t.Errorf("after another password: %q, %v", rest, err)
	}
}

// One who does not read is cut, and holds nobody up who publishes; one who has nothing to read gets a
// sign of life.
func TestSlowReaderIsCut(t *testing.T) {
	hub := events.New(64, nil)
	streams := newEventStreams(t.Context(), hub, func() any { return nil })
	streams.heartbeat, streams.writeWithin = time.Millisecond, 20*time.Millisecond
	server := httptest.NewServer(streams)
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	lines := bufio.NewReader(c)
	for line := ""; line != ":\n"; { // a sign of life
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	long := drop.ItemMoved{Detail: drop.Detail(strings.Repeat("x", 1<<16))}
	for deadline := time.Now().Add(time.Minute); len(streams.places) > 0; time.Sleep(time.Millisecond) {
		hub.Publish(long)
		if time.Now().After(deadline) {
			t.Fatal("it was not cut")
		}
	}
}

// A number that is none is refused.
func TestSinceIsANumber(t *testing.T) {
	w := httptest.NewRecorder()
	newEventStreams(t.Context(), events.New(4, nil), func() any { return nil }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, eventsPath+"?since=yesterday", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
