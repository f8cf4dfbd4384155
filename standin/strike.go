package standin

import (
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// callGrace bounds the wait for the connection of a client that Call ended to be closed
// by its operating system, so that the client never sees the drop that follows.
const callGrace = 2 * time.Second

// trigger lets the fault happen and reports whether that was the end of the request. The
// channel is closed when faults are cleared.
func (s *Server) trigger(w http.ResponseWriter, r *http.Request, f *Fault, cleared <-chan struct{}) (over bool) {
	s.log.Debug("stand-in fault", "do", f.Do, "when", f.When, "path", r.URL.Path)
	switch f.Do {
	case DoDelay:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
			return false
		case <-cleared:
			return false
		case <-r.Context().Done():
		}
		s.drop(w, false)
	case DoStall:
		// The context ends with the client only where the body was read to its end;
		// with an unread body, the hold lasts until faults are cleared or Run ends.
		select {
		case <-cleared:
		case <-r.Context().Done():
		}
		s.drop(w, false)
	case DoDrop:
		s.drop(w, f.Reset)
	case DoCall:
		s.call(w, f.Call)
	case DoStatus:
		s.strikeStatus(w, r, f)
	case DoGarbage:
		s.finish(w, http.StatusOK, "application/json; charset=utf-8", []byte(`{"upload": {"id": "upload_`))
	case DoHTML:
		s.finish(w, http.StatusOK, "text/html; charset=utf-8",
			[]byte("<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>"))
	}
	return true
}

func (s *Server) strikeStatus(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Status < 400 {
		w.Header().Set("Location", s.root()+trapPath)
		s.finish(w, f.Status, "", nil)
		return
	}
	if strings.HasPrefix(r.URL.Path, storagePath) {
		code := map[int]string{403: "AccessDenied", 404: "NoSuchUpload", 500: "InternalError", 503: "SlowDown"}[f.Status]
		if code == "" {
			code = f.statusText()
		}
		s.storageError(w, f.Status, code, "A fault was asked for.")
		return
	}
	b := s.errorBody(w, &apiError{f.Status, f.statusText()})
	if f.Body != "" {
		b = []byte(f.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	s.finish(w, f.Status, w.Header().Get("Content-Type"), b)
}

// finish answers and closes the connection, since the request's body may be half read.
func (s *Server) finish(w http.ResponseWriter, status int, contentType string, body []byte) {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
	s.write(w, body)
}

// storageError answers as S3 does.
func (s *Server) storageError(w http.ResponseWriter, status int, code, message string) {
	b, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
	}{Code: code, Message: message, RequestID: w.Header().Get("X-Amz-Request-Id")})
	if err != nil {
		s.log.Error("the stand-in could not write an error", "error", err)
	}
	s.finish(w, status, "application/xml", append([]byte(xml.Header), b...))
}

// take over the connection; nil when it is gone already.
func (s *Server) hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.log.Debug("the connection was gone already", "error", err)
		return nil
	}
	return conn
}

// drop closes the connection without an answer, or in the midst of one.
func (s *Server) drop(w http.ResponseWriter, reset bool) {
	conn := s.hijack(w)
	if conn == nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		if err := tcp.SetLinger(0); err != nil {
			s.log.Debug("no reset possible", "error", err)
		}
	}
	s.closeConn(conn)
}

// call calls, and drops the connection when the client no longer holds it.
func (s *Server) call(w http.ResponseWriter, f func()) {
	conn := s.hijack(w)
	if conn != nil {
		defer s.closeConn(conn)
	}
	f()
	if conn == nil || conn.SetReadDeadline(time.Now().Add(callGrace)) != nil {
		return
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		s.log.Debug("the connection of a client that is gone", "error", err)
	}
}

func (s *Server) closeConn(c net.Conn) {
	if err := c.Close(); err != nil {
		s.log.Debug("closing a connection", "error", err)
	}
}
