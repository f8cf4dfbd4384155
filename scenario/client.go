package scenario

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults and bounds of a Client.
const (
	DefaultBaseURL      = "https://api.cloud.scenario.com/v1"
	DefaultUserAgent    = "scenario-drop"
	DefaultTimeout      = 5 * time.Minute
	DefaultStallTimeout = time.Minute

	maxAnswer      = 32 << 20 // bytes: 10 000 part URLs are some 15 MB
	maxErrorAnswer = 64 << 10 // bytes read of an answer that is no success
)

// Options of a Client. BaseURL, Key and Secret are required. However it is printed,
// Key and Secret stay out.
type Options struct {
	BaseURL   string // https, or http to a loopback address
	Key       string `json:"-"` // holds no colon
	Secret    string `json:"-"`
	ProjectID string // "": the key's own default project
	UserAgent string // "": DefaultUserAgent

	Timeout      time.Duration // of one request with its answer; 0: DefaultTimeout
	StallTimeout time.Duration // without any progress in a request; 0: DefaultStallTimeout

	Transport http.RoundTripper // nil: the Client's own
	Log       *slog.Logger      // requests, at debug level; nil: none
}

// String leaves out what is secret.
func (o Options) String() string {
	return fmt.Sprintf("scenario.Options{BaseURL: %q, ProjectID: %q}", o.BaseURL, o.ProjectID)
}

// GoString is String.
func (o Options) GoString() string { return o.String() }

// Client calls Scenario's API. It may be used from many goroutines. It tries nothing
// twice: net/http sends a request again by itself only where nothing of it had been
// written, or where it is a GET that a reused connection lost.
type Client struct {
	base      *url.URL
	projectID string
	userAgent string
	timeout   time.Duration
	stall     time.Duration
	transport http.RoundTripper
	log       *slog.Logger

	// Functions, so that printing a Client cannot show what they know.
	authorize func(*http.Request)
	scrub     func(string) string
}

// New makes a Client; it connects to nothing yet. Its errors say what is wrong with
// the options, without repeating the secret ones.
func New(o Options) (*Client, error) {
	base, err := parseAddress(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("scenario: the API's base address: %w", err)
	}
	if base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("scenario: the API's base address must end with its path, such as …/v1")
	}
	switch {
	case o.Key == "" || o.Secret == "":
		return nil, errors.New("scenario: the API key and its secret are both needed")
	case strings.Contains(o.Key, ":"):
		return nil, errors.New("scenario: an API key holds no colon; is it key and secret in one?")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	c := &Client{
		base: base, projectID: o.ProjectID,
		userAgent: cmp.Or(o.UserAgent, DefaultUserAgent),
		timeout:   cmp.Or(o.Timeout, DefaultTimeout),
		stall:     cmp.Or(o.StallTimeout, DefaultStallTimeout),
		transport: o.Transport, log: o.Log,
		authorize: func(r *http.Request) { r.SetBasicAuth(o.Key, o.Secret) },
		scrub:     scrubber(o.Key, o.Secret, basicAuth(o.Key, o.Secret)),
	}
	if c.transport == nil {
		c.transport = apiTransport()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Public reports whether the API is not on this machine. What such an API says leads to
// no address of this machine.
func (c *Client) Public() bool { return !isLoopback(c.base.Hostname()) }

// CloseIdleConnections closes what is not in use.
func (c *Client) CloseIdleConnections() { closeIdle(c.transport) }

func closeIdle(t http.RoundTripper) {
	if t, ok := t.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// request is one call of the API.
type request struct {
	op       string     // what is being done, for errors
	method   string     // HTTP method
	template string     // path with {id} for the id, as it is logged
	id       string     // put in place of {id}
	query    url.Values // besides projectId
	anywhere bool       // it is about no project: projectId stays out
	body     any        // sent as JSON; nil: none
	stream   io.Reader  // the body, where it is not to be in memory: length bytes of JSON; nil: none
	length   int64
	emptyOK  bool // an answer without a body is a success too
}

// answer is what came with a success, besides its body.
type answer struct {
	status    int
	requestID string
	date      time.Time // the server's clock; zero when unknown
	received  time.Time // ours
}

// call sends a request and decodes the JSON of its answer into out.
func (c *Client) call(ctx context.Context, r request, out any) (answer, error) {
	req, err := c.newRequest(r)
	if err != nil {
		return answer{}, err
	}
	start := time.Now()
	a, size, err := c.exchange(ctx, r, req, out)
	attrs := []slog.Attr{
		slog.String("method", r.method), slog.String("path", r.template), slog.Int("status", a.status),
		slog.Duration("took", time.Since(start)), slog.Int("bytes", size), slog.String("request_id", a.requestID),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "scenario API", attrs...)
	return a, err
}

func (c *Client) newRequest(r request) (*http.Request, error) {
	refuse := func(message string) (*http.Request, error) {
		return nil, &Error{Op: r.op, Class: Rejected, Message: message}
	}
	u := *c.base
	path := r.template
	if strings.Contains(path, "{id}") {
		// The two dots would lead to another call.
		if r.id == "" || r.id == "." || r.id == ".." {
			return refuse(fmt.Sprintf("%q is no id", r.id))
		}
		path = strings.Replace(path, "{id}", url.PathEscape(r.id), 1)
	}
	u.RawPath = u.EscapedPath() + path
	unescaped, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return refuse("its address cannot be formed")
	}
	u.Path = unescaped

	query := url.Values{}
	for k, v := range r.query {
		query[k] = v
	}
	if c.projectID != "" && !r.anywhere {
		query.Set("projectId", c.projectID)
	}
	u.RawQuery = query.Encode()

	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return refuse("its JSON cannot be formed")
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(r.method, "", body)
	if err != nil {
		return refuse("its HTTP request cannot be formed")
	}
	req.URL, req.Host = &u, u.Host
	if r.body != nil || r.stream != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	c.authorize(req)
	return req, nil
}

// exchange sends req by the transport itself: an http.Client would follow redirects.
func (c *Client) exchange(parent context.Context, r request, req *http.Request, out any) (answer, int, error) {
	ctx := parent
	if r.stream == nil { // a long body takes its time
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(parent, c.timeout, errTooSlow)
		defer cancel()
	}
	ctx, dog := watch(ctx, c.stall)
	defer dog.stop()
	dog.progress()
	body := &partBody{r: r.stream, size: r.length, dog: dog}
	if r.stream != nil {
		req.Body, req.ContentLength = body, r.length
		defer body.detach()
	}

	resp, err := c.transport.RoundTrip(req.WithContext(dog.trace(ctx)))
	if err != nil && parent.Err() == nil && body.failure() != nil {
		return answer{}, 0, body.failure()
	}
	if err != nil {
		return answer{}, 0, networkError(parent, ctx, r.op, err, c.scrub)
	}
	defer resp.Body.Close()
	a := answer{
		status: resp.StatusCode, requestID: requestID(resp.Header),
		date: serverDate(resp.Header), received: time.Now(),
	}
	limit := int64(maxAnswer)
	if !success(resp.StatusCode) {
		limit = maxErrorAnswer
	}
	text, err := io.ReadAll(io.LimitReader(dog.reader(resp.Body), limit+1))
	if !success(resp.StatusCode) {
		// What could be read of it will do.
		if parent.Err() != nil {
			return a, len(text), contextError(parent, r.op)
		}
		return a, len(text), refusal(r.op, placeAPI, resp, text, c.scrub)
	}
	if err != nil {
		return a, len(text), networkError(parent, ctx, r.op, err, c.scrub)
	}
	garbled := func(message string) error {
		return &Error{
			Op: r.op, Class: Garbled, Status: a.status, Message: message,
			RequestID: a.requestID, ServerDate: a.date,
		}
	}
	switch {
	case int64(len(text)) > limit:
		return a, len(text), garbled(fmt.Sprintf("it is longer than %d MiB", limit>>20))
	case r.stream != nil && !body.sent():
		return a, len(text), garbled(tooEarly)
	case looksLikeHTML(resp.Header, text):
		return a, len(text), garbled(notScenario)
	case r.emptyOK && len(bytes.TrimSpace(text)) == 0:
		return a, len(text), nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return a, len(text), garbled(describeJSON(err))
	}
	return a, len(text), nil
}

// describeJSON never repeats bytes of the answer, which may hold part URLs.
func describeJSON(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is no JSON, or cut short (at byte %d)", e.Offset)
	}
	return "its JSON is not of the form expected"
}

func success(status int) bool { return status >= 200 && status <= 299 }
