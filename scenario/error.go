package scenario

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Error is what came of a request that did not succeed. All its texts are bounded, of
// printable characters, and free of keys, part URLs and query strings.
type Error struct {
	Op         string        // what was being done, such as "creating the upload"
	Class      Class         // what it means
	Status     int           // HTTP status; 0 when no answer came
	Code       string        // the server's short name for it, such as "SlowDown"; may be ""
	Message    string        // the server's words, or ours where it had none; may be ""
	RequestID  string        // the server's name for the request, to quote to its support; may be ""
	RetryAfter time.Duration // how long the server asks to wait, at most maxRetryAfter; 0: it did not say
	ServerDate time.Time     // the server's clock when it answered; zero when unknown
	Err        error         `json:"-"` // what the network did; nil when an answer came
}

// Error is one sentence: "creating the upload: Scenario refused it (400 Bad Request):
// fileSize is too large [request 1a2b]".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	b.WriteString(e.meaning())
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%s)", strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if detail := e.detail(); detail != "" {
		b.WriteString(": ")
		b.WriteString(detail)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [request %s]", e.RequestID)
	}
	return b.String()
}

func (e *Error) meaning() string {
	switch e.Class {
	case Network:
		return "the network or the server did not answer"
	case RateLimited:
		return "too many requests; Scenario asks to slow down"
	case ServerFault:
		return "the server has a problem of its own"
	case Expired:
		return "the storage does not accept this upload address (any more)"
	case Refused:
		return "Scenario refuses the API key, or its use for this project"
	case Forbidden:
		return "the API key may not do this"
	case PlanLimit:
		return "a limit of the plan is reached"
	case NotFound:
		return "it does not exist (any more)"
	case Rejected:
		return "it was rejected"
	case Garbled:
		return "the answer cannot be used"
	default:
		return "it failed"
	}
}

func (e *Error) detail() string {
	parts := make([]string, 0, 2)
	// A code that only repeats the status tells nothing more.
	if e.Code != "" && e.Code != http.StatusText(e.Status) {
		parts = append(parts, e.Code)
	}
	switch {
	case e.Message != "":
		parts = append(parts, e.Message)
	case e.Err != nil:
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// GoString is Error, so that no way of printing reaches into Err.
func (e *Error) GoString() string { return fmt.Sprintf("scenario.Error(%q)", e.Error()) }

// LogValue gives log records the fields apart.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("text", e.Error()), slog.String("class", e.Class.String())}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Unwrap gives the network's error, for errors.Is and errors.AsType.
func (e *Error) Unwrap() error { return e.Err }

// SizeError says that a part's body was not as long as it was when the upload was
// planned: the file changed. The part did not become whole at the storage.
type SizeError struct {
	Want int64 // bytes
	Got  int64 // bytes; when it is more than Want, the body was not read to its end
}

func (e *SizeError) Error() string {
	if e.Got > e.Want {
		return fmt.Sprintf("the file changed while it was being sent: more than the %d bytes expected", e.Want)
	}
	return fmt.Sprintf("the file changed while it was being sent: %d bytes in place of %d", e.Got, e.Want)
}

// ReadError says that a part's body could not be read: the file's or the disk's
// trouble, not the network's.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return "reading the file while sending it: " + e.Err.Error() }

// Unwrap gives the reader's own error.
func (e *ReadError) Unwrap() error { return e.Err }
