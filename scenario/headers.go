package scenario

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds the wait a server may ask for.
const maxRetryAfter = time.Hour

// serverDate is the server's clock; zero when it does not tell.
func serverDate(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// retryAfter reads the wait a server asks for: retry-after-ms (which the official
// client obeys), else Retry-After in seconds or as a date, taken by the server's own
// clock, or by now where it tells none. 0 when there is none, or none to understand.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, ok := number(h.Get("Retry-After-Ms")); ok {
		return bounded(ms / 1000)
	}
	text := h.Get("Retry-After")
	if s, ok := number(text); ok {
		return bounded(s)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date := serverDate(h); !date.IsZero() {
		now = date
	}
	return bounded(at.Sub(now).Seconds())
}

func number(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return f, err == nil && !math.IsNaN(f)
}

func bounded(seconds float64) time.Duration {
	return time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
}

// requestID is what the server calls the request: the API's gateway and the storage
// use different headers.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Request-Id", "X-Amz-Request-Id", "Apigw-Requestid"} {
		if id := clip(printable(h.Get(name)), 100); id != "" {
			return id
		}
	}
	return ""
}
