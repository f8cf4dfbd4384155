package scenario

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The class, and all else there is to know, of answers that are no success.
func TestErrorAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    Error
		text    string
	}{
		{"message", answers(400, "application/json", `{"error":"Bad Request","message":"fileSize is too large"}`, "X-Amzn-Requestid", "r1"),
			Error{Class: Rejected, Status: 400, Code: "Bad Request", Message: "fileSize is too large", RequestID: "r1"},
			"asking for the upload: it was rejected (400 Bad Request): fileSize is too large [request r1]"},
		{"reason", answers(409, "application/json", `{"error":"Conflict","reason":"already completed"}`),
			Error{Class: Rejected, Status: 409, Code: "Conflict", Message: "already completed"}, ""},
		{"nested", answers(400, "application/json", `{"error":{"code":"E17","message":"no"}}`),
			Error{Class: Rejected, Status: 400, Code: "E17", Message: "no"},
			"asking for the upload: it was rejected (400 Bad Request): E17: no"},
		{"only a title", answers(401, "application/json", `{"error":"Unauthorized"}`),
			Error{Class: Refused, Status: 401, Message: "Unauthorized"}, ""},
		{"gateway", answers(403, "application/json", `{"message":"Forbidden"}`), Error{Class: Forbidden, Status: 403, Message: "Forbidden"}, ""},
		{"gateway's own", answers(403, "application/json", `{"message":"API Keys cannot access protected resources"}`),
			Error{Class: Forbidden, Status: 403, Message: "API Keys cannot access protected resources"},
			"asking for the upload: the API key may not do this (403 Forbidden): API Keys cannot access protected resources"},
		{"traced", answers(400, "application/json", `{"reason":"no","trace_id":"t1"}`), Error{Class: Rejected, Status: 400, Message: "no", RequestID: "t1"}, ""},
		{"cooldown", answers(429, "application/json", `{"reason":"cooldown","remainingSeconds":900}`),
			Error{Class: RateLimited, Status: 429, Message: "cooldown", RetryAfter: 15 * time.Minute}, ""},
		{"cooldown of a server", answers(503, "application/json", `{"reason":"cooldown","remainingSeconds":20}`),
			Error{Class: ServerFault, Status: 503, Message: "cooldown", RetryAfter: 20 * time.Second}, ""},
		{"endless cooldown", answers(429, "application/json", `{"remainingSeconds":1e300}`),
			Error{Class: RateLimited, Status: 429, RetryAfter: maxRetryAfter}, ""},
		{"the header counts", answers(429, "application/json", `{"remainingSeconds":900}`, "Retry-After", "3"),
			Error{Class: RateLimited, Status: 429, RetryAfter: 3 * time.Second}, ""},
		{"plan", answers(429, "application/json", `{"reason":"You have reached your plan's limit. Upgrade.","name":"PlanLimitReachedError","details":{"actionLimit":0,"actionName":"parallel-training","actionValue":0,"limitScope":"team"}}`),
			Error{Class: PlanLimit, Status: 429, Code: "PlanLimitReachedError", Message: "You have reached your plan's limit. Upgrade."}, ""},
		{"plan by its details", answers(429, "application/json", `{"reason":"Too much.","details":{"actionLimit":5,"actionName":"uploads"}}`),
			Error{Class: PlanLimit, Status: 429, Message: "Too much."}, ""},
		{"no plan", answers(429, "application/json", `{"reason":"Too much.","details":{"x":5}}`), Error{Class: RateLimited, Status: 429, Message: "Too much."}, ""},
		{"text", answers(404, "text/plain", "no such upload\n"), Error{Class: NotFound, Status: 404, Message: "no such upload"}, ""},
		{"empty", answers(500, "", ""), Error{Class: ServerFault, Status: 500},
			"asking for the upload: the server has a problem of its own (500 Internal Server Error)"},
		{"odd JSON", answers(422, "application/json", `{"message":{"x":1},"error":[1]}`), Error{Class: Rejected, Status: 422}, ""},
		{"JSON list", answers(422, "application/json", `["x"]`), Error{Class: Rejected, Status: 422}, ""},
		{"cut JSON", answers(422, "application/json", `{"mess`), Error{Class: Rejected, Status: 422}, ""},
		{"limited", answers(429, "application/json", `{}`, "Retry-After", "3"),
			Error{Class: RateLimited, Status: 429, RetryAfter: 3 * time.Second}, ""},
		{"unavailable", answers(503, "text/html", "<html>oops</html>", "Retry-After", "120"),
			Error{Class: ServerFault, Status: 503, RetryAfter: 2 * time.Minute}, ""},
		{"timeout", answers(408, "", ""), Error{Class: Network, Status: 408}, ""},
		{"portal", answers(403, "text/html", "<h1>Log in</h1>"), Error{Class: Garbled, Status: 403, Message: notScenario}, ""},
		{"portal's 404", answers(404, "", " \n<!DOCTYPE HTML>"), Error{Class: Garbled, Status: 404, Message: notScenario}, ""},
		{"login", answers(511, "text/html", "<html>"), Error{Class: Garbled, Status: 511, Message: notScenario}, ""},
		{"huge", answers(400, "text/plain", strings.Repeat("x", 10<<20)),
			Error{Class: Rejected, Status: 400, Message: strings.Repeat("x", maxMessage-len("…")) + "…"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := apiClient(t, c.handler)
			_, err := client.GetUpload(t.Context(), "u1")
			e := mustError(t, err, c.want.Class)
			if e.ServerDate.IsZero() || time.Since(e.ServerDate) > time.Minute {
				t.Errorf("server's date %v", e.ServerDate)
			}
			got := *e
			got.ServerDate = time.Time{}
			c.want.Op = "asking for the upload"
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.text != "" && e.Error() != c.text {
				t.Errorf("text %q, want %q", e.Error(), c.text)
			}
		})
	}
}

// Answers that look like a success and are none.
func TestGarbledAnswers(t *testing.T) {
	part := func(n int, address string) string { return fmt.Sprintf(`{"number":%d,"url":%q}`, n, address) }
	upload := func(parts ...string) string {
		return `{"upload":{"id":"u1","status":"pending","parts":[` + strings.Join(parts, ",") + `]}}`
	}
	one, two := part(1, "https://s3.example.com/1"), part(2, "https://s3.example.com/2")
	for name, h := range map[string]http.HandlerFunc{
		"captive portal":    answers(200, "text/html; charset=utf-8", "<!DOCTYPE html><html>Sign in"),
		"untyped portal":    answers(200, "application/json", "\ufeff<html>Sign in"),
		"no body":           answers(204, "", ""),
		"cut short":         jsonAnswer(`{"upload": {"id": "u`),
		"twice":             jsonAnswer(upload(one, two) + `{}`),
		"no upload":         jsonAnswer(`{"upload":null}`),
		"something else":    jsonAnswer(`{"asset":{"id":"u1"}}`),
		"not an object":     jsonAnswer(`[]`),
		"no id":             jsonAnswer(`{"upload":{"status":"pending"}}`),
		"id of odd type":    jsonAnswer(`{"upload":{"id":1,"status":"pending"}}`),
		"no status":         jsonAnswer(`{"upload":{"id":"u1"}}`),
		"no parts":          jsonAnswer(upload()),
		"too few parts":     jsonAnswer(upload(one)),
		"too many parts":    jsonAnswer(upload(one, two, part(3, "https://s3.example.com/3"))),
		"a part twice":      jsonAnswer(upload(one, one)),
		"a gap":             jsonAnswer(upload(one, part(3, "https://s3.example.com/3"))),
		"part 0":            jsonAnswer(upload(part(0, "https://s3.example.com/0"), one)),
		"half a part":       jsonAnswer(upload(one, `{"number":1.5,"url":"https://s3.example.com/0"}`)),
		"part without URL":  jsonAnswer(upload(one, `{"number":2}`)),
		"http elsewhere":    jsonAnswer(upload(one, part(2, "http://s3.example.com/2"))),
		"user in address":   jsonAnswer(upload(one, part(2, "https://me:pw@s3.example.com/2"))),
		"no address at all": jsonAnswer(upload(one, part(2, "file:///etc/passwd"))),
		"parts of odd type": jsonAnswer(`{"upload":{"id":"u1","status":"pending","parts":"2"}}`),
		"not waiting":       jsonAnswer(`{"upload":{"id":"u1","status":"failed"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			c := apiClient(t, h)
			_, err := c.CreateUpload(t.Context(), NewUpload{FileName: "x", FileSize: 1, ContentType: "a/b", Kind: "image", Parts: 2})
			e := mustError(t, err, Garbled)
			if e.Message == "" || strings.Contains(e.Error(), "example.com") {
				t.Errorf("%v", e)
			}
		})
	}
	t.Run("another record", func(t *testing.T) {
		c := apiClient(t, jsonAnswer(`{"upload":{"id":"u2","status":"imported"},"asset":{"id":"a2"}}`))
		_, err := c.GetUpload(t.Context(), "u1")
		mustError(t, err, Garbled)
		_, err = c.GetAsset(t.Context(), "a1")
		mustError(t, err, Garbled)
	})
	t.Run("portal while linking", func(t *testing.T) {
		c := apiClient(t, answers(200, "text/html", "<html>"))
		mustError(t, c.AddAssets(t.Context(), "c1", []string{"a1"}), Garbled)
	})
}

func TestAnswerTooLong(t *testing.T) {
	var sent atomic.Int64
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		piece := []byte(strings.Repeat(" ", 64<<10))
		for sent.Load() < 4*maxAnswer {
			n, err := w.Write(piece)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	_, err := c.GetUpload(t.Context(), "u1")
	mustError(t, err, Garbled)
	if sent.Load() >= 4*maxAnswer {
		t.Error("all of it was read")
	}
}

func TestTenThousandParts(t *testing.T) {
	type part struct {
		Number  int    `json:"number"`
		URL     string `json:"url"`
		Expires string `json:"expires"`
	}
	parts := make([]part, MaxParts)
	for i := range parts {
		parts[i] = part{MaxParts - i, "https://bucket.s3.amazonaws.com/x?sig=" + strings.Repeat("s", 1500), "2030-01-01T00:00:00Z"}
	}
	body, err := json.Marshal(map[string]any{"upload": map[string]any{"id": "u1", "status": "pending", "parts": parts}})
	if err != nil {
		t.Fatal(err)
	}
	c := apiClient(t, jsonAnswer(string(body)))
	u, err := c.CreateUpload(t.Context(), NewUpload{FileName: "x", FileSize: 1, ContentType: "a/b", Kind: "video", Parts: MaxParts})
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Parts) != MaxParts || u.Parts[0].Number != 1 || u.Parts[MaxParts-1].Number != MaxParts {
		t.Errorf("%d parts", len(u.Parts))
	}
}
