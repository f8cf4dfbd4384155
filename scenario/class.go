package scenario

import "errors"

// Class is what an Error means for the caller.
type Class int

// The classes. The zero Class is no class: not an error of this package's servers.
const (
	// Network: no answer came, or it broke off: no route, no name, refused, reset,
	// stalled, a certificate that is not trusted, 407 and 408. Says nothing about the
	// file or the key.
	Network Class = iota + 1
	// RateLimited: 429.
	RateLimited
	// ServerFault: 5xx.
	ServerFault
	// Expired: storage does not take the part URL (any more): 401, 403, and S3's 400
	// ExpiredToken. Fresh URLs come from GetUpload.
	Expired
	// Refused: the API does not take the key, or not for this project: 401, and a 403
	// where no other call works either (see Client.Forbids).
	Refused
	// NotFound: 404.
	NotFound
	// Rejected: any other 4xx, or a request this package would not even send.
	Rejected
	// Garbled: an answer came, but not one of Scenario's: a login page, a redirect,
	// JSON that is cut short, a record without its essentials. What it was asked to do
	// may have been done.
	Garbled
	// Forbidden: the API takes the key, but not for this call, or not for this kind of
	// file: 403.
	Forbidden
	// PlanLimit: a limit of the plan is reached, which no waiting helps: 429 with the name
	// PlanLimitReachedError, or with details.actionLimit.
	PlanLimit
)

var classNames = [...]string{
	Network: "network", RateLimited: "rate-limited", ServerFault: "server-fault", Expired: "expired",
	Refused: "refused", NotFound: "not-found", Rejected: "rejected", Garbled: "garbled",
	Forbidden: "forbidden", PlanLimit: "plan-limit",
}

// String is the class in one lower-case word, "" for none; it is stable.
func (c Class) String() string {
	if c <= 0 || int(c) >= len(classNames) {
		return ""
	}
	return classNames[c]
}

// MarshalText is String.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Retryable reports whether the same work may well succeed later without anybody
// changing anything:
//
//	Network      yes  when the network is back
//	RateLimited  yes  after RetryAfter
//	ServerFault  yes  after RetryAfter, or a while
//	Expired      yes  with fresh part URLs, not with the same
//	Garbled      yes  after a while; look first at what was done
//	Refused      no   a person has to see to the key
//	NotFound     no   the thing is gone
//	Rejected     no   it would be refused again
//	Forbidden    no   the key's owner has to allow it
//	PlanLimit    no   the plan has to change, or something else to end
//	(none)       no
func (c Class) Retryable() bool {
	switch c {
	case Network, RateLimited, ServerFault, Expired, Garbled:
		return true
	default:
		return false
	}
}

// ClassOf finds the class in err's chain; 0 when there is none.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return 0
}
