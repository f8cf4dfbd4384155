package scenario

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"
)

func FuzzDecodeUpload(f *testing.F) {
	f.Add([]byte(`{"upload":{"id":"u1","status":"pending","parts":[{"number":1.0,"url":"https://s3.example.com/?x=1","expires":"2030-01-01T00:00:00Z"}]}}`))
	f.Add([]byte(`{"upload":{"id":"u1","status":"imported","entityId":"a1","fileSize":1e3,"partsCount":1e99}}`))
	f.Add([]byte(`{"upload":{"id":"u1","status":"pending","parts":[{"number":2e0,"url":"http://[::1]/"},{"number":1,"url":"http://127.0.0.1/","expires":1e12}]}}`))
	f.Add([]byte(`{"upload":{"id":1}}`))
	scrub := scrubber(canarySecret)
	f.Fuzz(func(t *testing.T, body []byte) {
		var got uploadAnswer
		if err := json.Unmarshal(body, &got); err != nil {
			if strings.Contains(describeJSON(err), "://") {
				t.Error("an address in an error")
			}
			return
		}
		u, problem := got.Upload.upload(scrub, false)
		if (u == nil) == (problem == "") {
			t.Fatalf("upload %v and problem %q", u, problem)
		}
		if u == nil {
			return
		}
		if u.ID == "" || u.Status == "" || u.FileSize < 0 || u.PartsCount < 0 || len(u.ErrorMessage) > maxMessage {
			t.Errorf("%+v", u)
		}
		for i, p := range u.Parts {
			if p.Number < 1 || p.Number > MaxParts || i > 0 && p.Number <= u.Parts[i-1].Number {
				t.Errorf("part numbers %v", u.Parts)
			}
			if a, err := parseAddress(p.URL); err != nil || a.Scheme != "https" && !isLoopback(a.Hostname()) {
				t.Errorf("address %q: %v", p.URL, err)
			}
		}
		for n := range 3 {
			if u.complete(n+1) == "" && len(u.Parts) != n+1 {
				t.Errorf("%d parts are taken for %d", len(u.Parts), n+1)
			}
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"error":"Bad Request","message":"no"}`, `{"error":{"code":"x","message":"y"}}`, `{"message":"` + canarySecret + `"}`, "plain\x00text",
		`<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>m</Message></Error>`, "<html>", "",
		"https://s3.example.com/?X-Amz-Signature=" + canarySignature,
	} {
		f.Add([]byte(body), 400, "application/json", "5", true)
		f.Add([]byte(body), 403, "application/xml", "Thu, 01 May 2025 12:00:00 GMT", false)
	}
	scrub := scrubber(canarySecret, canarySignature)
	f.Fuzz(func(t *testing.T, body []byte, status int, contentType, after string, api bool) {
		if success(status) || status < 200 {
			return
		}
		at := placeStorage
		if api {
			at = placeAPI
		}
		resp := &http.Response{StatusCode: status, Header: http.Header{
			"Content-Type": {contentType}, "Retry-After": {after}, "X-Request-Id": {after}, "Date": {after},
		}}
		e := refusal("op", at, resp, body, scrub)
		if e.Class == 0 || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Errorf("%#v", *e)
		}
		text := e.Error()
		if len(text) > 2*maxMessage || strings.Contains(text, canarySecret) || strings.Contains(text, canarySignature) {
			t.Errorf("text of %d bytes: %q", len(text), text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("unprintable: %q", text)
		}
	})
}
