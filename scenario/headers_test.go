package scenario

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		name                string
		after, millis, date string
		want                time.Duration
	}{
		{name: "none"},
		{name: "seconds", after: "7", want: 7 * time.Second},
		{name: "seconds with a fraction", after: " 1.5 ", want: 1500 * time.Millisecond},
		{name: "milliseconds first", after: "7", millis: "250", want: 250 * time.Millisecond},
		{name: "bounded", after: "1e300", want: time.Hour},
		{name: "infinite", after: "Inf", want: time.Hour},
		{name: "negative", after: "-5"},
		{name: "no number", after: "NaN"},
		{name: "nonsense", after: "soon"},
		{name: "date by our clock", after: at(30 * time.Second), want: 30 * time.Second},
		{name: "date by the server's", after: at(time.Hour + 30*time.Second), date: at(time.Hour), want: 30 * time.Second},
		{name: "date gone by", after: at(-time.Minute)},
		{name: "date far off", after: at(48 * time.Hour), want: time.Hour},
	} {
		h := http.Header{}
		for k, v := range map[string]string{"Retry-After": c.after, "Retry-After-Ms": c.millis, "Date": c.date} {
			if v != "" {
				h.Set(k, v)
			}
		}
		if got := retryAfter(h, now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRequestID(t *testing.T) {
	h := http.Header{}
	h.Set("X-Amz-Request-Id", "storage-1\x1b[31m")
	if got := requestID(h); got != "storage-1 [31m" {
		t.Errorf("%q", got)
	}
	h.Set("X-Amzn-Requestid", "api-1")
	if got := requestID(h); got != "api-1" {
		t.Errorf("%q", got)
	}
}
