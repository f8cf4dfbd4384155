package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/scenario"
)

// holder is a server that lists assets and hands out their bytes.
type holder struct {
	shelf
	bytes   map[string][]byte
	address string
	fetched atomic.Int64
}

func (h *holder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, id := r.URL.Path, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case strings.HasPrefix(path, "/bytes/"):
		h.fetched.Add(1)
		if h.bytes[id] == nil {
			w.WriteHeader(403)
			return
		}
		w.Write(h.bytes[id])
	case strings.HasPrefix(path, "/assets/"):
		json.NewEncoder(w).Encode(map[string]any{"asset": map[string]any{"id": id, "url": h.address + "/bytes/" + id}})
	default:
		h.shelf.ServeHTTP(w, r)
	}
}

// running returns a catalog that runs, and a func that checks until it is ready.
func running(t *testing.T, h *holder) (*Catalog, func(q Query) Found) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.address = server.URL
	api, err := scenario.New(scenario.Options{BaseURL: server.URL, Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	storage := scenario.NewStorage(scenario.StorageOptions{})
	changed := make(chan struct{}, 1)
	c := New(Options{API: api, Storage: storage, Now: time.Now, Ledger: &assets{}, Log: slog.New(slog.DiscardHandler),
		Ask: func(ctx context.Context, request func(context.Context) error) error { return request(ctx) },
		Changed: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		api.CloseIdleConnections()
		storage.CloseIdleConnections()
	})
	return c, func(q Query) Found {
		t.Helper()
		for {
			found, ready, err := c.Check(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if ready {
				return found
			}
			select {
			case <-changed:
			case <-time.After(time.Minute):
				t.Fatal("it never became ready")
			}
		}
	}
}

// Candidates are told by their bytes; what cannot be had, or is not what is listed, is a
// possible duplicate.
func TestCandidatesAreProved(t *testing.T) {
	h := &holder{bytes: map[string][]byte{"one": []byte("aaaa"), "two": []byte("bbbb"), "shrunk": []byte("c"), "unsized": []byte("dddd")}}
	h.assets = map[string][]map[string]any{"": {asset("one", "a.png", 4), asset("two", "a.png", 4),
		asset("denied", "b.png", 4), asset("shrunk", "c.png", 4), asset("unsized", "d.png", 0)}}
	_, check := running(t, h)
	match := func(found Found, content string) string {
		sum := sha256.Sum256([]byte(content))
		return found.Match(sum[:])
	}
	for range 2 {
		a := check(Query{Name: "a.png", Size: 4})
		if !a.Bytes() || match(a, "aaaa") != "one" || match(a, "bbbb") != "two" || match(a, "cccc") != "" || a.Asks(true) {
			t.Errorf("%+v", a)
		}
	}
	if n := h.fetched.Load(); n != 2 {
		t.Errorf("fetched %d times, want each asset once", n)
	}
	for _, name := range []string{"b.png", "c.png"} {
		if found := check(Query{Name: name, Size: 4}); !found.Asks(false) || found.Bytes() || found.Detail(false).Value("why") == "" {
			t.Errorf("%s: %+v %s", name, found, found.Detail(false))
		}
	}
	if d := check(Query{Name: "d.png", Size: 4, Lost: true}); match(d, "dddd") != "unsized" || match(d, "aaaa") != "one" {
		t.Errorf("after a loss: %+v", d)
	}
}

// What is too large or too much is not fetched.
func TestFetchIsBounded(t *testing.T) {
	h := &holder{}
	var all []map[string]any
	for i := range maxOfOne + 5 {
		all = append(all, asset(fmt.Sprint("many", i), "many.png", 1))
	}
	all = append(all, asset("large", "large.mp4", maxFetch+1), asset("late", "late.png", 7))
	h.assets = map[string][]map[string]any{"": all}
	c, check := running(t, h)
	large := check(Query{Name: "large.mp4", Size: maxFetch + 1})
	if !large.Asks(false) || !strings.Contains(large.Why, "too large") || h.fetched.Load() != 0 {
		t.Errorf("%+v", large)
	}
	c.mu.Lock()
	found, s := Found{}, c.lists[""].set(setKey{"many.png", 1})
	s.asked = maxOfOne
	if settled, err := c.compare(t.Context(), c.lists[""], Query{Name: "many.png", Size: 1}, &found); err != nil || !settled || !strings.Contains(found.Why, "too many") {
		t.Errorf("%v, %+v, %v", settled, found, err)
	}
	c.fetched.bytes = maxFetchedBytes
	c.mu.Unlock()
	if late := check(Query{Name: "late.png", Size: 7}); !late.Asks(false) || !strings.Contains(late.Why, "too much") || h.fetched.Load() != 0 {
		t.Errorf("%+v", late)
	}
}

// A check that was ready stays usable while others find out more of the same name and size.
func TestFoundWhileMoreIsFound(t *testing.T) {
	h := &holder{bytes: map[string][]byte{}}
	h.pageSize = 1000
	var all []map[string]any
	for i := range 200 {
		id := fmt.Sprint("id", i)
		h.bytes[id] = []byte{byte(i)}
		all = append(all, asset(id, "a.png", 1, "createdAt", time.Now().Add(-time.Duration(i)*time.Second).UTC().Format(time.RFC3339)))
	}
	h.assets = map[string][]map[string]any{"": all[100:]}
	c, check := running(t, h)
	first := check(Query{Name: "a.png", Size: 1})
	sum := sha256.Sum256([]byte{150})
	ended, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				if first.Match(sum[:]) != "id150" {
					t.Error("a match got lost")
					return
				}
			}
		}
	}()
	c.mu.Lock()
	c.Now = func() time.Time { return time.Now().Add(time.Minute) }
	h.assets[""] = all
	c.mu.Unlock()
	again := check(Query{Name: "a.png", Size: 1, Fresh: true})
	close(stop)
	<-ended
	sum = sha256.Sum256([]byte{50})
	if again.Match(sum[:]) != "id50" {
		t.Error("what was found later is no match")
	}
	if n := h.fetched.Load(); n != 200 {
		t.Errorf("fetched %d times, want 200", n)
	}
}
