package scenario

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// DefaultConnections is how many connections a Storage keeps by default.
const DefaultConnections = 8

// StorageOptions of a Storage. The zero value is usable.
type StorageOptions struct {
	// Connections to one host, at most; more parts wait for one. 0: DefaultConnections.
	Connections int

	// StallTimeout ends a part when no data has moved for so long, be it while sending
	// or while waiting for the answer. 0: DefaultStallTimeout. Data counts in pieces of
	// up to 16 KiB.
	StallTimeout time.Duration

	// Public says that the API is not on this machine (see Client.Public): parts then
	// go to no address of this machine either, whatever name leads there.
	Public bool

	Transport http.RoundTripper // nil: the Storage's own
	Log       *slog.Logger      // requests, at debug level, without their addresses; nil: none
}

// Storage puts the parts of files where their URLs say. It may be used from many
// goroutines.
//
// A request is what the URL was signed for and no more: Host, Content-Length and
// Content-Type. There is no User-Agent, no Accept-Encoding, no Expect, no cookie and
// no credential; a proxy's login goes to the proxy alone. No part is sent twice by
// itself: net/http repeats no request whose body it cannot read again.
type Storage struct {
	stall     time.Duration
	public    bool
	transport http.RoundTripper
	log       *slog.Logger
}

// NewStorage makes a Storage; it connects to nothing yet.
func NewStorage(o StorageOptions) *Storage {
	s := &Storage{stall: o.StallTimeout, public: o.Public, transport: o.Transport, log: o.Log}
	if s.stall <= 0 {
		s.stall = DefaultStallTimeout
	}
	if s.transport == nil {
		connections := o.Connections
		if connections <= 0 {
			connections = DefaultConnections
		}
		s.transport = storageTransport(connections, o.Public)
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// CloseIdleConnections closes what is not in use.
func (s *Storage) CloseIdleConnections() { closeIdle(s.transport) }

// PutPart is one part to send. However it is printed, the URL stays out.
type PutPart struct {
	URL         string    `json:"-"`
	Body        io.Reader `json:"-"` // read once; must end after Size bytes
	Size        int64     // bytes, at least 1
	ContentType string    // the upload's; "" sends none
}

// String leaves out the URL.
func (p PutPart) String() string { return "part of " + strconv.FormatInt(p.Size, 10) + " bytes" }

// GoString is String.
func (p PutPart) GoString() string { return p.String() }

// opPart is what PutPart is said to be doing.
const opPart = "sending a part"

// PutPart sends one part and returns its ETag, which may be "". Body is not used any
// more once PutPart has returned, so its Read must come back soon after ctx is done;
// the time it takes is not counted against the network.
//
// Besides an *Error, the error may be a *SizeError (Body is shorter or longer than
// Size; the storage did not get the part whole), a *ReadError (of Body), or ctx's.
// An answer that is not storage's own is an *Error of class Garbled, whatever its status.
func (s *Storage) PutPart(ctx context.Context, p PutPart) (etag string, err error) {
	start := time.Now()
	var status int
	var id string
	defer func() {
		attrs := []slog.Attr{
			slog.String("method", "PUT"), slog.Int64("bytes", p.Size), slog.Int("status", status),
			slog.Duration("took", time.Since(start)), slog.String("request_id", id),
		}
		if err != nil {
			attrs = append(attrs, slog.Any("error", err))
		}
		s.log.LogAttrs(ctx, slog.LevelDebug, "storage", attrs...)
	}()
	if p.Size < 1 {
		return "", &Error{Op: opPart, Class: Rejected, Message: "a part has at least one byte"}
	}
	u, err := parsePartAddress(p.URL, s.public)
	if err != nil {
		return "", &Error{Op: opPart, Class: Garbled, Message: "the address for it is not one to send a file to: " + err.Error()}
	}
	// The storage may quote the request in what it answers.
	scrub := scrubber(signatures(u.RawQuery)...)
	watched, dog := watch(ctx, s.stall)
	defer dog.stop()
	body := &partBody{r: p.Body, size: p.Size, dog: dog}
	defer body.detach()

	req := (&http.Request{
		Method: http.MethodPut, URL: u, Host: u.Host, Body: body, ContentLength: p.Size,
		Header: http.Header{"User-Agent": {""}}, // sends none
	}).WithContext(dog.trace(watched))
	if p.ContentType != "" {
		req.Header.Set("Content-Type", p.ContentType)
	}
	// By the transport itself: an http.Client would follow redirects.
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		if ctx.Err() == nil && body.failure() != nil {
			return "", body.failure()
		}
		return "", networkError(ctx, watched, opPart, err, scrub)
	}
	defer resp.Body.Close()
	status, id = resp.StatusCode, requestID(resp.Header)
	// Its few bytes come in one piece: that they trickle in is no progress.
	answerBody, readErr := io.ReadAll(io.LimitReader(resp.Body, maxErrorAnswer+1))
	a := answer{status: status, requestID: id, date: serverDate(resp.Header)}
	etag = strings.TrimSpace(resp.Header.Get("Etag"))
	// Storage acknowledges a part with an ETag. Should one come without, it has to look
	// like storage's in other ways: a portal's 200 stores nothing.
	acknowledged := !looksLikeHTML(resp.Header, answerBody) && (etag != "" || id != "" && len(bytes.TrimSpace(answerBody)) == 0)
	stored := success(status) && readErr == nil && body.sent() && acknowledged
	switch {
	case stored:
		if len(etag) > maxETag {
			return "", nil // it is only noted
		}
		return printable(etag), nil
	case ctx.Err() != nil:
		return "", contextError(ctx, opPart)
	case body.failure() != nil:
		return "", body.failure()
	case !success(status):
		return "", refusal(opPart, placeStorage, resp, answerBody, scrub)
	case readErr != nil:
		return "", networkError(ctx, watched, opPart, readErr, scrub)
	case !body.sent():
		return "", a.garbled(opPart, tooEarly)
	case looksLikeHTML(resp.Header, answerBody):
		return "", a.garbled(opPart, notScenario)
	default:
		return "", a.garbled(opPart, notStorage)
	}
}

// signatures are the values of a presigned URL that must not be seen elsewhere, as
// they are written in it and as they are meant.
func signatures(rawQuery string) []string {
	var found []string
	for pair := range strings.SplitSeq(rawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		// Shorter ones are numbers and names that every other text may hold.
		if len(value) < 12 {
			continue
		}
		found = append(found, value)
		if meant, err := url.QueryUnescape(value); err == nil {
			found = append(found, meant)
		}
	}
	return found
}
