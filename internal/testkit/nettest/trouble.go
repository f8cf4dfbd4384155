package nettest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// Page is a captive portal's.
const Page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>"

// Answer answers every request with a status, after its body has been read. Headers
// come in pairs.
func Answer(status int, contentType, body string, headers ...string) Trouble {
	return func(w http.ResponseWriter, r *http.Request) bool {
		io.Copy(io.Discard, r.Body)
		h := w.Header()
		h.Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

// Reset breaks the connection off, in the middle of the request's body if it has one.
func Reset(w http.ResponseWriter, r *http.Request) bool {
	if r.ContentLength > 0 {
		io.CopyN(io.Discard, r.Body, r.ContentLength/2)
	}
	Hangup(w, true)
	return true
}

// Deaf stops reading in the middle of a body, and goes on only to find the client gone.
func Deaf(d time.Duration) Trouble {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength > 0 {
			io.CopyN(io.Discard, r.Body, r.ContentLength/4)
		}
		wait(r, d)
		Hangup(w, false)
		return true
	}
}

// Mute reads all and never answers.
func Mute(d time.Duration) Trouble {
	return func(w http.ResponseWriter, r *http.Request) bool {
		io.Copy(io.Discard, r.Body)
		wait(r, d)
		Hangup(w, false)
		return true
	}
}

// Pause holds a request up in the middle of its body, and then lets it go on.
func Pause(d time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		at := max(1, r.ContentLength/2)
		r.Body = &pausing{ReadCloser: r.Body, left: at, pause: func() { wait(r, d) }}
	}
}

func wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

type pausing struct {
	io.ReadCloser
	left  int64
	pause func()
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.left == 0 {
		p.left = -1
		p.pause()
	}
	if p.left > 0 {
		b = b[:min(int64(len(b)), p.left)]
	}
	n, err := p.ReadCloser.Read(b)
	if p.left > 0 {
		p.left -= int64(n)
	}
	return n, err
}

// CutShort lets the server do its work and passes on half of its answer.
func (l *Line) CutShort(w http.ResponseWriter, r *http.Request) bool {
	rec := httptest.NewRecorder()
	l.proxy.ServeHTTP(rec, r)
	h := rec.Header()
	text := "HTTP/1.1 " + strconv.Itoa(rec.Code) + " OK\r\nContent-Type: " + h.Get("Content-Type") + "\r\nContent-Length: " +
		strconv.Itoa(max(rec.Body.Len(), 2)) + "\r\n\r\n"
	Raw(w, text+rec.Body.String()[:rec.Body.Len()/2])
	return true
}

// Some lets a trouble strike the first requests that fit, and tells how many it struck.
func Some(times int, fits func(*http.Request) bool, trouble Trouble) (limited Trouble, struck func() int) {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !fits(r) {
			return false
		}
		if n.Add(1) > int64(times) {
			n.Store(int64(times))
			return false
		}
		return trouble(w, r)
	}, func() int { return int(n.Load()) }
}
