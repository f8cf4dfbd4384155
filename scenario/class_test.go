package scenario

import (
	"errors"
	"fmt"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		at     place
		status int
		code   string
		html   bool
		want   Class
	}{
		{placeAPI, 301, "", false, Garbled},
		{placeAPI, 302, "", true, Garbled},
		{placeStorage, 307, "TemporaryRedirect", false, Garbled},
		{placeAPI, 400, "", false, Rejected},
		{placeAPI, 400, "", true, Garbled},
		{placeAPI, 400, "ExpiredToken", false, Rejected},
		{placeAPI, 401, "", false, Refused},
		{placeAPI, 403, "", false, Forbidden},
		{placeAPI, 403, "", true, Garbled},
		{placeStorage, 401, "", false, Expired},
		{placeStorage, 403, "AccessDenied", false, Expired},
		{placeStorage, 403, "", true, Garbled},
		{placeStorage, 400, "ExpiredToken", false, Expired},
		{placeStorage, 400, "RequestTimeout", false, Network},
		{placeStorage, 400, "IncompleteBody", false, Network},
		{placeStorage, 400, "BadDigest", false, Rejected},
		{placeAPI, 404, "", false, NotFound},
		{placeAPI, 404, "", true, Garbled}, // a portal must not make an upload seem gone
		{placeStorage, 404, "NoSuchUpload", false, NotFound},
		{placeAPI, 407, "", true, Network},
		{placeStorage, 407, "", false, Network},
		{placeAPI, 408, "", false, Network},
		{placeAPI, 409, "", false, Rejected},
		{placeStorage, 404, "", false, Garbled},
		{placeStorage, 411, "", false, Garbled}, // who said that?
		{placeStorage, 411, "MissingContentLength", false, Rejected},
		{placeAPI, 429, "", false, RateLimited},
		{placeAPI, 429, "", true, RateLimited},
		{placeAPI, 500, "", false, ServerFault},
		{placeAPI, 502, "", true, ServerFault},
		{placeStorage, 503, "SlowDown", false, ServerFault},
		{placeAPI, 511, "", true, Garbled},
		{placeAPI, 999, "", false, ServerFault},
	} {
		if got := classify(c.at, c.status, problem{code: c.code}, c.html); got != c.want {
			t.Errorf("place %d, %d %q, html %v: %v, want %v", c.at, c.status, c.code, c.html, got, c.want)
		}
	}
}

func TestClass(t *testing.T) {
	for class, want := range map[Class]struct {
		name  string
		retry bool
	}{
		0: {"", false}, 99: {"", false},
		Network: {"network", true}, RateLimited: {"rate-limited", true}, ServerFault: {"server-fault", true},
		Expired: {"expired", true}, Garbled: {"garbled", true},
		Refused: {"refused", false}, NotFound: {"not-found", false}, Rejected: {"rejected", false},
		Forbidden: {"forbidden", false}, PlanLimit: {"plan-limit", false},
	} {
		if class.String() != want.name || class.Retryable() != want.retry {
			t.Errorf("class %d: %q, retryable %v", class, class, class.Retryable())
		}
	}
	err := fmt.Errorf("outside: %w", &Error{Op: "op", Class: Expired})
	if got := ClassOf(err); got != Expired {
		t.Errorf("ClassOf through a wrap: %v", got)
	}
	for _, err := range []error{nil, errors.New("other"), &SizeError{}, &ReadError{errors.New("x")}} {
		if got := ClassOf(err); got != 0 {
			t.Errorf("ClassOf(%v): %v", err, got)
		}
	}
}
