package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// errTooSlow is the cause of a context that ended with the time for one call.
var errTooSlow = errors.New("the whole answer took too long")

// What is said of answers that somebody else gave in Scenario's name.
const (
	inBetween = "a proxy, a firewall or a login page of the network (hotel, guest Wi-Fi, VPN) stands in between; " +
		"open a web browser to log in, or ask whoever runs the network"
	notScenario = "a web page came in place of an answer of Scenario: " + inBetween
	notStorage  = "an answer came that is not the storage's: " + inBetween
	redirected  = "a redirect came in place of an answer of Scenario: " + inBetween
	tooEarly    = "an answer came before the part was sent: " + inBetween
)

// place is where an answer came from: the same status means different things.
type place int

const (
	placeAPI place = iota
	placeStorage
)

// classify tells what an answer that is no success means.
//
//	status        API            storage
//	3xx           Garbled        Garbled      redirects are no part of either
//	401           Refused        Expired
//	403           Forbidden      Expired
//	404           NotFound       NotFound
//	407 408       Network        Network      a proxy's login; the request came too slowly
//	429           RateLimited    RateLimited
//	511           Garbled        Garbled      "network authentication required": a login page
//	other 4xx     Rejected       Rejected     except S3's codes below
//	5xx           ServerFault    ServerFault
//
// A 4xx of the API that tells of a limit of the plan is PlanLimit, whatever its status.
// A web page as the body of a 4xx is Garbled: neither ever sends one, and a portal's
// 404 or 403 must not be taken for Scenario's word. A 4xx of storage without a code of
// S3's in its body is somebody else's and Garbled as well, but for 401 and 403, which
// are worth fresh URLs anyway. S3 answers 400 for what are no faults of the request:
// ExpiredToken is Expired, RequestTimeout and IncompleteBody (the bytes came too slowly,
// or not all of them) are Network.
func classify(at place, status int, said problem, html bool) Class {
	switch {
	case at == placeAPI && status >= 400 && status < 500 && said.planLimit:
		return PlanLimit
	case status < 400, status == http.StatusNetworkAuthenticationRequired:
		return Garbled
	case status == http.StatusProxyAuthRequired, status == http.StatusRequestTimeout:
		return Network
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500:
		return ServerFault
	case html:
		return Garbled
	case at == placeStorage && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return Expired
	case status == http.StatusUnauthorized:
		return Refused
	case status == http.StatusForbidden:
		return Forbidden
	case at == placeStorage && said.code == "":
		return Garbled
	case status == http.StatusNotFound:
		return NotFound
	case at == placeStorage && status == http.StatusBadRequest:
		switch said.code {
		case "ExpiredToken", "TokenRefreshRequired":
			return Expired
		case "RequestTimeout", "IncompleteBody":
			return Network
		}
	}
	return Rejected
}

// refusal makes the error of an answer that is no success.
func refusal(op string, at place, resp *http.Response, body []byte, scrub func(string) string) *Error {
	e := &Error{
		Op: op, Status: resp.StatusCode, RequestID: requestID(resp.Header), ServerDate: serverDate(resp.Header),
		RetryAfter: retryAfter(resp.Header, time.Now()),
	}
	html := looksLikeHTML(resp.Header, body)
	var said problem
	switch {
	case html:
	case at == placeStorage:
		said = xmlProblem(body)
	default:
		said = jsonProblem(body)
	}
	e.Code, e.Message = clip(scrub(said.code), 100), scrub(said.message)
	if e.RequestID == "" {
		e.RequestID = clip(scrub(said.requestID), 100)
	}
	e.Class = classify(at, resp.StatusCode, said, html)
	if e.RetryAfter == 0 {
		e.RetryAfter = bounded(said.remaining)
	}
	switch {
	case resp.StatusCode < 400:
		e.Message = redirected
	case e.Class == Garbled && !html:
		e.Message = notStorage
	case e.Class == Garbled:
		e.Message = notScenario
	case resp.StatusCode == http.StatusProxyAuthRequired:
		e.Message = "the proxy of this network asks for a login; set it in HTTPS_PROXY"
	}
	return e
}

// networkError makes the error of an exchange that broke off: of ctx (with what
// watches over the exchange), made from the caller's parent.
func networkError(parent, ctx context.Context, op string, err error, scrub func(string) string) error {
	if parent.Err() != nil {
		return contextError(parent, op)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = cause
	}
	return &Error{Op: op, Class: Network, Message: scrub(NetworkWords(err)), Err: newCause(err, scrub)}
}

func contextError(ctx context.Context, op string) error { return fmt.Errorf("%s: %w", op, ctx.Err()) }

// cause is an error of the transport whose text cannot hold a secret.
type cause struct {
	text string
	err  error
}

// newCause drops the layers that carry an address, and cleans the text of the rest.
func newCause(err error, scrub func(string) string) error {
	for {
		e, ok := errors.AsType[*url.Error](err)
		if !ok {
			return &cause{scrub(err.Error()), err}
		}
		err = e.Err
	}
}

func (c *cause) Error() string    { return c.text }
func (c *cause) GoString() string { return fmt.Sprintf("%q", c.text) }
func (c *cause) Unwrap() error    { return c.err }

// looksLikeHTML tells a web page by its type or its beginning.
func looksLikeHTML(h http.Header, body []byte) bool {
	if t, _, err := mime.ParseMediaType(h.Get("Content-Type")); err == nil && (t == "text/html" || t == "application/xhtml+xml") {
		return true
	}
	start := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), 512)], "\ufeff \t\r\n"))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<head"))
}

// problem is what a body says about why.
type problem struct {
	code, message, requestID string
	remaining                float64 // seconds that the API asks to wait; 0: it does not say
	planLimit                bool    // a limit of the plan is reached
}

// planLimitName is what the API calls the error of a plan whose limit is reached.
const planLimitName = "PlanLimitReachedError"

// jsonProblem reads the API's errors. Their form is promised nowhere; known ones are
// {"reason", "name", "details"}, {"reason", "trace_id"}, {"reason", "remainingSeconds"},
// {"error", "message"}, {"error", "reason"}, {"error": {"code", "message"}},
// {"message"} of the gateway, and plain text.
func jsonProblem(body []byte) problem {
	type fields struct {
		Message      lenient[string]  `json:"message"`
		Reason       lenient[string]  `json:"reason"`
		ErrorMessage lenient[string]  `json:"errorMessage"`
		Code         lenient[string]  `json:"code"`
		Title        lenient[string]  `json:"error"`
		Name         lenient[string]  `json:"name"`
		TraceID      lenient[string]  `json:"trace_id"`
		TraceID2     lenient[string]  `json:"traceId"`
		Remaining    lenient[float64] `json:"remainingSeconds"`
		Details      lenient[struct {
			ActionLimit json.RawMessage  `json:"actionLimit"`
			Remaining   lenient[float64] `json:"remainingSeconds"`
		}] `json:"details"`
	}
	var outer fields
	var inner struct {
		Error lenient[fields] `json:"error"`
	}
	if json.Unmarshal(body, &outer) != nil {
		// An object that cannot be read says nothing to anybody; text may.
		if text := bytes.TrimSpace(body); len(text) > 0 && text[0] != '{' && text[0] != '[' && text[0] != '<' {
			return problem{message: string(text)}
		}
		return problem{}
	}
	if json.Unmarshal(body, &inner) != nil {
		inner.Error.v = fields{}
	}
	in := inner.Error.v
	p := problem{
		code:      first(outer.Code.v, outer.Name.v, in.Code.v, in.Name.v),
		requestID: first(outer.TraceID.v, outer.TraceID2.v, in.TraceID.v, in.TraceID2.v),
		remaining: max(outer.Remaining.v, outer.Details.v.Remaining.v, in.Remaining.v, in.Details.v.Remaining.v),
		message:   first(outer.Message.v, outer.Reason.v, outer.ErrorMessage.v, in.Message.v, in.Reason.v),
	}
	p.planLimit = p.code == planLimitName || len(outer.Details.v.ActionLimit) > 0 || len(in.Details.v.ActionLimit) > 0
	switch {
	case p.message == "":
		p.message = outer.Title.v
	case p.code == "":
		p.code = outer.Title.v
	}
	return p
}

// xmlProblem reads S3's errors.
func xmlProblem(body []byte) problem {
	var e struct {
		Code      string `xml:"Code"`
		Message   string `xml:"Message"`
		RequestID string `xml:"RequestId"`
	}
	if xml.Unmarshal(body, &e) != nil {
		return problem{}
	}
	return problem{code: e.Code, message: e.Message, requestID: e.RequestID}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
