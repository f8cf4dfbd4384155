package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/events"
)

// Options are what a Server works with.
type Options struct {
	Daemon  Daemon
	Events  *events.Hub // what happens; nil: nobody is told
	DataDir string      // where the commands find how to reach the daemon
	Listen  string      // host:port of the page; "": no page, and any free loopback port
	Access  PageAccess
	Log     *slog.Logger
}

// Server serves the page and the control API, each on a listener of its own: whatever
// happens to the page, the commands reach the daemon.
type Server struct {
	Options
	control net.Listener // any free port of the loopback interface
	access  Access
	page    net.Listener // nil when the page is off
	token   string       // of the page

	pageAccess atomic.Pointer[PageAccess]
}

// NewServer listens. A port that is taken is no reason not to run: the page then
// takes a free one and says so.
func NewServer(o Options) (*Server, error) {
	s := &Server{Options: o, token: newToken()}
	s.SetPageAccess(o.Access)
	if err := removeAccess(o.DataDir); err != nil { // of one that was killed
		return nil, fmt.Errorf("listen for the control of the daemon: %w", err)
	}
	var err error
	if s.control, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for the control of the daemon: %w", err)
	}
	s.control = newBoundedListener(s.control, maxConnections)
	s.access = Access{Address: s.control.Addr().String(), Secret: newToken(), PID: os.Getpid()}
	if o.Listen == "" {
		return s, nil
	}
	if s.page, err = listenForPage(o); err != nil {
		return nil, errors.Join(err, s.control.Close())
	}
	s.page = s.withTLS(newBoundedListener(s.page, maxConnections))
	return s, nil
}

func listenForPage(o Options) (net.Listener, error) {
	if o.Access.beyond(o.Listen) && (o.Access.Password == "" || len(o.Access.Hosts) == 0) {
		return nil, fmt.Errorf("listen for the status page: %s can be reached by others and needs a password, and hosts it answers to", o.Listen)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		o.Log.Warn("the status page cannot have its address and takes a free port", "address", o.Listen, "why", err)
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen for the status page: %w", err)
	}
	return l, nil
}

// Bounds that keep whoever reaches a port from taking the daemon's memory, descriptors or
// time. The page and the control API have them each for itself.
const (
	maxConnections = 32      // open at a time
	maxHeader      = 8 << 10 // bytes, of a request or an answer
	headerSlack    = 4 << 10 // bytes that net/http reads beyond what it is told
	maxBody        = 8 << 20 // bytes

	headerWithin = 5 * time.Second // for the headers of a request
	readWithin   = 20 * time.Second
	answerWithin = 30 * time.Second // to whoever reads slowly
	idleWithin   = 30 * time.Second // between two requests
)

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	listeners := []net.Listener{s.control}
	servers := []*http.Server{s.serverFor(&proofGuard{access: s.access, next: s.controlRoutes(ctx)})}
	servers[0].ConnContext = withCaller
	if s.page != nil {
		listeners = append(listeners, s.page)
		servers = append(servers, s.serverFor(&guard{token: s.token, access: s.pageAccess.Load, guesses: newGuesses(time.Now), loopback: loopbackHost(s.page.Addr().String()), next: s.pageRoutes(ctx)}))
	}
	if err := s.access.write(s.DataDir); err != nil {
		err = fmt.Errorf("write how to reach the daemon: %w", err)
		for _, l := range listeners {
			err = errors.Join(err, l.Close())
		}
		return err
	}
	g, serving := errgroup.WithContext(ctx)
	for i, server := range servers {
		g.Go(func() error {
			if err := server.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		g.Go(func() error {
			<-serving.Done()
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if server.Shutdown(stop) != nil {
				return server.Close()
			}
			return nil
		})
	}
	return errors.Join(g.Wait(), removeAccess(s.DataDir))
}

func (s *Server) serverFor(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           http.MaxBytesHandler(h, maxBody),
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       readWithin,
		WriteTimeout:      answerWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    maxHeader - headerSlack,
		ConnContext:       withConn,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// pageRoutes are what a browser may ask. Streams end with ending.
func (s *Server) pageRoutes(ending context.Context) http.Handler {
	mux := s.routes(ending, func() any { return s.pageAccess.Load() })
	mux.HandleFunc("GET /{$}", s.showPage)
	return mux
}

// controlRoutes are what a command may ask. Streams end with ending.
func (s *Server) controlRoutes(ending context.Context) http.Handler {
	mux := s.routes(ending, func() any { return nil })
	mux.HandleFunc("GET /api/page", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, pageAnswer{Address: s.Address()}, nil)
	})
	return mux
}

func (s *Server) routes(ending context.Context, access func() any) *http.ServeMux {
	mux := http.NewServeMux()
	if s.Events != nil {
		mux.Handle("GET "+eventsPath, newEventStreams(ending, s.Events, access))
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
		found, err := s.Daemon.PathStatus(r.Context(), path)
		s.answer(w, found, err)
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
	mux.HandleFunc("POST /api/force", func(w http.ResponseWriter, r *http.Request) {
		var q forceRequest
		s.takePaths(w, r, &q, &q.pathsRequest, func(ctx context.Context, paths []string) (any, error) {
			files, err := s.Daemon.Force(ctx, paths, q.DryRun)
			return forceAnswer{Files: files}, err
		})
	})
	mux.HandleFunc("POST /api/link_existing", s.withPaths(func(ctx context.Context, paths []string) (any, error) {
		a, err := s.Daemon.LinkExisting(ctx, paths)
		return linkExistingAnswer(a), err
	}))
	return mux
}

// withPaths handles a call whose body names files.
func (s *Server) withPaths(do func(ctx context.Context, paths []string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q pathsRequest
		s.takePaths(w, r, &q, &q, do)
	}
}

// takePaths reads a body into q, of which named are the files, and answers what do comes to.
func (s *Server) takePaths(w http.ResponseWriter, r *http.Request, q any, named *pathsRequest, do func(ctx context.Context, paths []string) (any, error)) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(q); err != nil {
		http.Error(w, "not a list of paths: "+err.Error(), http.StatusBadRequest)
		return
	}
	paths := make([]string, len(named.Paths))
	for i, p := range named.Paths {
		paths[i] = string(p)
	}
	v, err := do(r.Context(), paths)
	s.answer(w, v, err)
}

type pauseRequest struct {
	Until *time.Time `json:"until,omitempty"`
}

// pathsRequest carries paths as bytes (base64), since JSON text cannot hold every name.
type pathsRequest struct {
	Paths [][]byte `json:"paths,omitempty"`
}

// forceRequest has paths; without one nothing is done.
type forceRequest struct {
	pathsRequest
	DryRun bool `json:"dry_run,omitempty"`
}

type forceAnswer struct {
	Files []Forced `json:"files"`
}

type pageAnswer struct {
	Address string `json:"address"` // "" when the page is off
}

type retryAnswer struct {
	Items int `json:"items"`
}

type linkExistingAnswer struct {
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
	var b strings.Builder
	err = json.NewEncoder(&b).Encode(v)
	if err == nil {
		_, err = io.WriteString(w, EscapeJSON(b.String()))
	}
	if err != nil {
		s.Log.Debug("an answer of the control API could not be written", "why", err)
	}
}
