package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Options are what a Server works with.
type Options struct {
	Daemon   Daemon
	DataDir  string // where the commands find how to reach the daemon
	Listen   string // host:port of the page; "": no page, and any free loopback port
	Password string // asked for on an address that is not loopback
	Log      *slog.Logger
}

// Server serves the page and the control API.
type Server struct {
	Options
	listener net.Listener
	access   Access
	page     bool
}

// NewServer listens. A port that is taken is no reason not to run: the server then
// takes a free one and says so.
func NewServer(o Options) (*Server, error) {
	s := &Server{Options: o, page: o.Listen != ""}
	address := o.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	if !loopbackHost(address) && o.Password == "" {
		return nil, fmt.Errorf("listen for the control of the daemon: %s can be reached by others and needs a password", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil && s.page {
		o.Log.Warn("the status page cannot have its address and takes a free port", "address", address, "why", err)
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen for the control of the daemon: %w", err)
	}
	s.listener = l
	s.access = Access{Address: l.Addr().String(), Token: newToken(), PID: os.Getpid()}
	return s, nil
}

// Address returns where the page is, with the key that lets a browser in; "" when the
// page is off.
func (s *Server) Address() string {
	if !s.page {
		return ""
	}
	return s.access.Page()
}

// Page returns the address that opens the page in a browser.
func (a Access) Page() string { return "http://" + a.Address + "/?token=" + a.Token }

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	if err := s.access.write(s.DataDir); err != nil {
		return errors.Join(fmt.Errorf("write how to reach the daemon: %w", err), s.listener.Close())
	}
	server := &http.Server{
		Handler:           &guard{token: s.access.Token, password: s.Password, loopback: loopbackHost(s.access.Address), next: s.routes()},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.listener) }()
	var err error
	select {
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(stop) != nil {
			err = server.Close()
		}
		<-ended
	case err = <-ended:
	}
	return errors.Join(err, removeAccess(s.DataDir))
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	if s.page {
		mux.HandleFunc("GET /{$}", s.showPage)
	}
	mux.HandleFunc("GET /api/status", func(w http.ResponseWriter, r *http.Request) {
		snapshot, err := s.Daemon.Snapshot(r.Context())
		s.answer(w, snapshot, err)
	})
	mux.HandleFunc("GET /api/awaited", func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Query().Get("path") // any bytes, escaped
		if path == "" {
			http.Error(w, "which file? awaited?path=…", http.StatusBadRequest)
			return
		}
		outlook, err := s.Daemon.Outlook(r.Context(), path)
		s.answer(w, outlook, err)
	})
	mux.HandleFunc("POST /api/pause", func(w http.ResponseWriter, r *http.Request) {
		var q pauseRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&q); err != nil {
			http.Error(w, "not a pause: "+err.Error(), http.StatusBadRequest)
			return
		}
		var until time.Time
		if q.Until != nil {
			until = *q.Until
		}
		s.answer(w, struct{}{}, s.Daemon.Pause(r.Context(), until))
	})
	mux.HandleFunc("POST /api/resume", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, struct{}{}, s.Daemon.Resume(r.Context()))
	})
	mux.HandleFunc("POST /api/retry", s.withPaths(func(ctx context.Context, paths []string) (any, error) {
		n, err := s.Daemon.Retry(ctx, paths)
		return retryAnswer{Items: n}, err
	}))
	mux.HandleFunc("POST /api/adopt", s.withPaths(func(ctx context.Context, paths []string) (any, error) {
		a, err := s.Daemon.Adopt(ctx, paths)
		return adoptAnswer(a), err
	}))
	return mux
}

// withPaths handles a call whose body names files.
func (s *Server) withPaths(do func(ctx context.Context, paths []string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q pathsRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&q); err != nil {
			http.Error(w, "not a list of paths: "+err.Error(), http.StatusBadRequest)
			return
		}
		paths := make([]string, len(q.Paths))
		for i, p := range q.Paths {
			paths[i] = string(p)
		}
		v, err := do(r.Context(), paths)
		s.answer(w, v, err)
	}
}

type pauseRequest struct {
	Until *time.Time `json:"until,omitempty"`
}

// pathsRequest carries paths as bytes (base64), since JSON text cannot hold every name.
type pathsRequest struct {
	Paths [][]byte `json:"paths,omitempty"`
}

type retryAnswer struct {
	Items int `json:"items"`
}

type adoptAnswer struct {
	Queued  int `json:"queued"`
	Unknown int `json:"unknown"`
}

func (s *Server) answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		s.Log.Warn("a request to the control API failed", "why", err)
		http.Error(w, strings.ToValidUTF8(err.Error(), "\uFFFD"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.Log.Debug("an answer of the control API could not be written", "why", err)
	}
}
