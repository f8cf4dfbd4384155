package standin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/s3store"
)

func TestCredentials(t *testing.T) {
	s := start(t, Options{Key: "the-key", Secret: "the-secret"})
	for _, tc := range []struct {
		key, secret string
		status      int
	}{{"the-key", "the-secret", 200}, {"the-key", "wrong", 401}, {"wrong", "the-secret", 401}, {"", "", 401}} {
		c := newClient(t, s)
		c.key, c.secret = tc.key, tc.secret
		c.want(c.do("GET", "/collections", nil), tc.status, nil)
	}
	c := newClient(t, s)
	for _, header := range []string{"", "Bearer the-key:the-secret"} {
		req, err := http.NewRequest("GET", s.BaseURL()+"/collections", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		c.want(c.send(req), 401, nil)
	}
}

func TestProjects(t *testing.T) {
	s := start(t, Options{Projects: []string{"proj_a", "proj_b"}})
	c := newClient(t, s)
	u := c.upload("image", "a.png", []byte("x"), nil)
	coll := s.AddCollection("A")
	if u.OwnerID != "proj_a" {
		t.Errorf("default project %s", u.OwnerID)
	}
	paths := []string{"/uploads/" + u.ID, "/assets/" + u.EntityID, "/collections/" + coll}
	for project, status := range map[string]int{"": 200, "proj_a": 200, "proj_b": 404, "proj_c": 403} {
		c.project = project
		for _, p := range paths {
			c.want(c.do("GET", p, nil), status, nil)
		}
	}
	c.project = "proj_b"
	c.want(c.complete(u.ID), 404, nil)
	c.want(c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, &assetOptions{ParentID: u.EntityID})), 400, nil)
	c.want(c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, &assetOptions{CollectionIDs: []string{coll}})), 400, nil)
}

func TestCreateValidation(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	for _, tc := range []struct {
		field   string
		value   any // nil: left out
		message string
	}{
		{"fileName", nil, "fileName"}, {"fileName", "a/b.png", "without a path"}, {"fileName", `a\b.png`, "without a path"},
		{"fileSize", nil, "fileSize"}, {"fileSize", -1, "fileSize"}, {"fileSize", 1.5, "whole"},
		{"contentType", nil, "contentType"}, {"contentType", "text/plain; charset=utf-8", "bare"}, {"contentType", "png", "bare"},
		{"kind", nil, "kind"}, {"kind", "painting", "kind"},
		{"parts", nil, "parts"}, {"parts", 0, "parts"}, {"parts", 10001, "parts"}, {"parts", "1", "JSON"},
		{"url", "https://example.com/x.png", "elsewhere"},
		{"assetOptions", map[string]any{"collectionIds": []string{"none"}}, "collection"},
		{"assetOptions", map[string]any{"parentId": "none"}, "parent"},
	} {
		body := newUploadBody("image", "a.png", 1, 1, nil)
		if tc.value == nil {
			delete(body, tc.field)
		} else {
			body[tc.field] = tc.value
		}
		r := c.do("POST", "/uploads", body)
		c.want(r, 400, nil)
		if !strings.Contains(string(r.body), tc.message) {
			t.Errorf("%s %v: %s", tc.field, tc.value, r.body)
		}
	}
	r := c.do("POST", "/uploads", newUploadBody("model", "a.zip", 1, 1, &assetOptions{Hide: true}))
	c.want(r, 400, nil)
	for _, kind := range uploadKinds() {
		c.create(kind, "a", 1, maxParts, nil)
	}
	if n := len(s.Account().Uploads); n != len(uploadKinds()) {
		t.Errorf("%d uploads", n)
	}
}

func TestBodyLimit(t *testing.T) {
	c := newClient(t, start(t, Options{}))
	at := func(size int) reply {
		return c.do("POST", "/collections", []byte(`{"name":"`+strings.Repeat("x", size-len(`{"name":""}`))+`"}`))
	}
	c.want(at(maxBody), 200, nil)
	if r := at(maxBody + 1); r.err == nil && r.status != 413 {
		t.Errorf("status %d", r.status)
	}
}

func TestUnknownCallsAndBodies(t *testing.T) {
	c := newClient(t, start(t, Options{}))
	c.want(c.do("GET", "/nothing", nil), 404, nil)
	c.want(c.do("POST", "/uploads", []byte("{")), 400, nil)
	c.want(c.do("POST", "/uploads", nil), 400, nil)
	c.want(c.do("GET", "/uploads/none", nil), 404, nil)
	c.want(c.complete("none"), 404, nil)
	u := c.create("image", "a.png", 1, 1, nil)
	c.want(c.do("POST", "/uploads/"+u.ID+"/action", map[string]string{"action": "abort"}), 400, nil)
	c.want(c.do("GET", "/jobs/none", nil), 404, nil)
}

func TestRateLimit(t *testing.T) {
	for played, valid := range map[string]func(string) bool{
		"":        func(v string) bool { return v == "" },
		"seconds": func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n == 10 },
		"date": func(v string) bool {
			at, err := http.ParseTime(v)
			return err == nil && at.After(time.Now()) && at.Before(time.Now().Add(20*time.Second))
		},
	} {
		s := start(t, Options{Behavior: Behavior{RatePerSecond: 0.1, Burst: 2, RetryAfter: played}})
		c := newClient(t, s)
		c.want(c.do("GET", "/collections", nil), 200, nil)
		c.want(c.do("GET", "/collections", nil), 200, nil)
		r := c.do("GET", "/collections", nil)
		c.want(r, 429, nil)
		if got := r.header.Get("Retry-After"); !valid(got) {
			t.Errorf("%q: Retry-After %q", played, got)
		}
		if s.Account().RateLimited != 1 {
			t.Error("not accounted for")
		}
	}
}

func TestErrorShapes(t *testing.T) {
	for played, want := range map[string]string{
		"":        `{"error":"Not Found","message":"upload \"none\" not found"}`,
		"reason":  `{"error":"Not Found","reason":"upload \"none\" not found"}`,
		"nested":  `{"error":{"code":"Not Found","message":"upload \"none\" not found"}}`,
		"message": `{"message":"upload \"none\" not found"}`,
		"text":    `upload "none" not found`,
		"empty":   ``,
	} {
		c := newClient(t, start(t, Options{Behavior: Behavior{ErrorShape: played}}))
		r := c.do("GET", "/uploads/none", nil)
		c.want(r, 404, nil)
		if string(r.body) != want {
			t.Errorf("%q: %s", played, r.body)
		}
		if r.header.Get("X-Amzn-Requestid") == "" {
			t.Error("no request id")
		}
	}
}

func TestPlayOnUploads(t *testing.T) {
	t.Run("expires", func(t *testing.T) {
		now := time.Now()
		near := func(at time.Time, err error) bool {
			return err == nil && at.Sub(now) > 58*time.Minute && at.Sub(now) < 62*time.Minute
		}
		for form, ok := range map[string]func(string) bool{
			"":        func(v string) bool { return near(time.Parse("2006-01-02T15:04:05.000Z", v)) },
			"offset":  func(v string) bool { return near(time.Parse(time.RFC3339, v)) && strings.HasSuffix(v, "+02:00") },
			"http":    func(v string) bool { return near(http.ParseTime(v)) },
			"unix":    func(v string) bool { n, err := strconv.ParseInt(v, 10, 64); return near(time.Unix(n, 0), err) },
			"unix-ms": func(v string) bool { n, err := strconv.ParseInt(v, 10, 64); return near(time.UnixMilli(n), err) },
			"none":    func(v string) bool { return v == "" },
		} {
			c := newClient(t, start(t, Options{Behavior: Behavior{Expires: form}}))
			if got := c.create("image", "a", 1, 1, nil).Parts[0].Expires; !ok(got) {
				t.Errorf("%q: %q", form, got)
			}
		}
	})
	t.Run("shuffled parts", func(t *testing.T) {
		c := newClient(t, start(t, Options{Behavior: Behavior{ShuffleParts: true}}))
		parts := c.create("image", "a", 1000, 1000, nil).Parts
		inOrder, seen := true, map[int]bool{}
		for i, p := range parts {
			inOrder = inOrder && p.Number == i+1
			seen[p.Number] = true
		}
		if inOrder || len(seen) != 1000 {
			t.Errorf("in order %v, %d parts", inOrder, len(seen))
		}
	})
	t.Run("no parts on get", func(t *testing.T) {
		c := newClient(t, start(t, Options{Behavior: Behavior{NoPartsOnGet: true}}))
		if u := c.get(c.create("image", "a", 1, 1, nil).ID); u.Parts != nil || u.Status != statusPending {
			t.Errorf("upload %+v", u)
		}
	})
	t.Run("opaque ETag", func(t *testing.T) {
		c := newClient(t, start(t, Options{Behavior: Behavior{OpaqueETag: true}}))
		r := c.put(c.create("image", "a", 1, 1, nil).Parts[0].URL, []byte("x"))
		c.want(r, 200, nil)
		if tag := r.header.Get("ETag"); !strings.HasSuffix(tag, `-1"`) {
			t.Errorf("ETag %s", tag)
		}
	})
	t.Run("early entityId", func(t *testing.T) {
		s := start(t, Options{ImportDelay: time.Hour, Behavior: Behavior{EarlyEntityID: true}})
		c := newClient(t, s)
		u := c.create("image", "a", 1, 1, nil)
		c.want(c.put(u.Parts[0].URL, []byte("x")), 200, nil)
		c.want(c.complete(u.ID), 200, nil)
		eventually(t, "the id is there", func() bool { u = c.get(u.ID); return u.EntityID != "" })
		if u.Status == statusImported {
			t.Errorf("status %s", u.Status)
		}
		c.want(c.do("GET", "/assets/"+u.EntityID, nil), 200, nil)
	})
	t.Run("unknown", func(t *testing.T) {
		c := newClient(t, start(t, Options{ImportDelay: 300 * time.Millisecond, Behavior: Behavior{Unknown: true}}))
		r := c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, nil))
		var tree map[string]map[string]any
		c.want(r, 200, &tree)
		if tree["somethingNew"] == nil || tree["upload"]["somethingNew"] == nil || tree["upload"]["fileSize"] != 1.0 {
			t.Errorf("answer %s", r.body)
		}
		u := c.upload("image", "a.png", []byte("x"), nil)
		var asset struct{ Asset assetWire }
		c.want(c.do("GET", "/assets/"+u.EntityID, nil), 200, &asset)
		if asset.Asset.Kind != "hologram" {
			t.Errorf("kind %s", asset.Asset.Kind)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{
		{Behavior: Behavior{RetryAfter: "soon"}}, {Behavior: Behavior{Expires: "never"}}, {Behavior: Behavior{AddTwice: "yes"}},
		{Behavior: Behavior{ErrorShape: "xml"}}, {Behavior: Behavior{Recomplete: 500}}, {Discard: true, Objects: &s3store.Store{}},
		{Addr: "127.0.0.1:x"},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestAdmin(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	admin := func(method, path, body string, header map[string]string) reply {
		req, err := http.NewRequest(method, s.root()+adminPath+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		req.Host = header["Host"] // "" leaves what the address says
		return c.send(req)
	}
	const fault = `{"op":"collections","do":"status","status":503,"times":-1}`
	c.want(admin("POST", "faults", fault, map[string]string{"Origin": "https://example.com"}), 403, nil)
	c.want(admin("GET", "account", "", map[string]string{"Host": "rebound.example.com"}), 403, nil)
	c.want(admin("GET", "account", "", map[string]string{"Host": "localhost:8491"}), 200, nil)
	c.want(admin("POST", "faults", fault, map[string]string{"Content-Type": "text/plain"}), 415, nil)
	c.want(admin("POST", "faults", `{"do":"explode"}`, nil), 400, nil)
	c.want(admin("POST", "faults", `{"do":"drop","tims":2}`, nil), 400, nil)
	c.want(c.do("GET", "/collections", nil), 200, nil)
	c.want(admin("POST", "faults", fault, nil), 204, nil)
	c.want(c.do("GET", "/collections", nil), 503, nil)
	c.want(admin("DELETE", "faults", "", nil), 204, nil)
	c.want(c.do("GET", "/collections", nil), 200, nil)

	u := c.upload("image", "a.png", []byte("x"), nil)
	var a Account
	c.want(admin("GET", "account", "", nil), 200, &a)
	want, err := json.Marshal(s.Account())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(a); err != nil || !bytes.Equal(got, want) {
		t.Errorf("over HTTP %s, %v; directly %s", got, err, want)
	}
	for _, id := range []string{u.EntityID, u.ID} {
		c.want(admin("DELETE", "entities/"+id, "", nil), 204, nil)
		c.want(admin("DELETE", "entities/"+id, "", nil), 404, nil)
	}
	c.want(c.do("GET", "/assets/"+u.EntityID, nil), 404, nil)
	c.want(c.do("GET", "/uploads/"+u.ID, nil), 404, nil)
}
