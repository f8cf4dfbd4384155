// Package standin is a server that stands in for Scenario's API and the storage behind
// it: for the demo, for the tests, and for trying other clients against.
//
// It is faithful where the API's behaviour is known, can be switched either way where it
// is not (Behavior), and breaks on demand (Fault). What it holds is told by its Account, by
// SHA-256, so that a test can say "every content exactly once".
//
// Bytes are on disk, or in a real S3 server ([Options].Objects); records live as long as the process, or
// with Options.Keep as long as the folder.
// docs/api.md describes the wire.
package standin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"scenario-drop/standin/objectstore"
)

// Defaults of Options.
const (
	DefaultKey             = "standin-key"
	DefaultSecret          = "standin-secret"
	DefaultProject         = "proj_standin"
	DefaultPartURLLifetime = time.Hour
	DefaultMinPartSize     = 5 << 20 // S3's rule for every part but the last
)

// Options of a Server. The zero value is usable.
type Options struct {
	Addr string // address to listen on; "" is 127.0.0.1:0

	// Dir holds the parts and objects; it is made when missing. "" is a temporary
	// directory, removed at the end of Run.
	Dir string

	// Keep keeps the records in Dir, too, so that a server made later with the same Dir
	// goes on where this one ended. Not together with Discard, Objects or an empty Dir.
	Keep bool

	Key, Secret string // the one API key; "" are DefaultKey and DefaultSecret

	// AdminToken is what calls of /_standin/ must bring in the header AdminHeader;
	// "" lets everybody in who can connect.
	AdminToken string

	// OwnAccount refuses the connections of other accounts of this computer, but root's,
	// before anything is read. Only where CanTellAccounts says so.
	OwnAccount bool

	// Projects that the key may use; the first is the one used without a projectId.
	// Empty: any projectId is accepted, and DefaultProject is the default.
	Projects []string

	PartURLLifetime time.Duration // 0 is DefaultPartURLLifetime; below zero: expired at birth

	// ImportDelay is the time from the call that completes an upload to its import,
	// spread evenly over Behavior.Statuses. 0: as fast as possible, in the background.
	// Below zero: imported before the call is answered.
	ImportDelay time.Duration

	// MinPartSize in bytes is demanded of every part but the last; 0 is
	// DefaultMinPartSize, 1 lets tests use tiny parts.
	MinPartSize int64

	// Discard drops the bytes of parts and keeps only their sizes and hashes. Assets
	// then have no SHA-256 and cannot be downloaded. Not together with Objects.
	Discard bool

	// NoHash spares reading what was uploaded once more for its SHA-256, which assets
	// then do not have: for measuring clients.
	NoHash bool

	// Objects is a storage server that parts go to; nil: this server is its own storage.
	Objects objectstore.Store

	Behavior Behavior // how to act where the API's behaviour is not known

	Log *slog.Logger // nil: discarded. Part URLs and secrets are never logged
}

// Behavior says how to act on each point that the API's reference leaves open. The zero
// value is the friendliest reading.
type Behavior struct {
	RatePerSecond float64 // API requests a second before 429; 0: no limit
	Burst         int     // requests at once before the rate counts; 0: the rate rounded up
	RetryAfter    string  // on those 429: "" no Retry-After, "seconds", or "date"

	ShuffleParts  bool   // parts in no order
	Expires       string // form of parts[].expires: "" RFC 3339 in ms, "offset", "http", "unix", "unix-ms", "none" (an empty string)
	OpaqueETag    bool   // ETags that are no MD5
	AddTwice      string // adding to a collection what it holds: "" fine, "error" 400
	EarlyEntityID bool   // entityId is shown before the import
	StaysComplete bool   // an upload stays "complete" with its entityId, and is never "imported"
	UnknownParent int    // status for a parent that is not there: 0 is 400, which names it; 404; 422
	NoPartsOnGet  bool   // GET of a pending upload shows no parts
	JobID         bool   // uploads have a jobId once completed
	Unknown       bool   // unknown fields everywhere, and enum values nobody knows
	NoAssetList   bool   // GET /assets is no call (404)
	NoAssetSize   bool   // assets do not tell their size
	NoAssetBulk   bool   // POST /assets/get-bulk is no call (404)
	NoModelTags   bool   // PUT /models/{id}/tags is no call (404)
	Converted     bool   // what an asset's url hands out, and its size, are of a converted form
	Originals     bool   // with Converted: originalFileUrl, and originalAssets=true, tell of what was sent
	Recomplete    int    // status for completing again: 0 is 400; 409; 200 answers the record

	// RedirectDownloads answers a download with 302, to where the bytes are.
	RedirectDownloads bool

	// MaxBulkAnswer is the size in bytes of the largest answer of POST /assets/get-bulk;
	// 0 is 6 MB. A larger one is refused (413).
	MaxBulkAnswer int

	// ListedAfter is how long an asset is missing in GET /assets at first.
	ListedAfter time.Duration

	// Statuses shown between completing and imported; nil is validating, validated.
	Statuses []string

	// IncompleteFails makes completing an upload with missing or too small parts end
	// the upload as failed. Otherwise the call is refused (400) and the upload goes on.
	IncompleteFails bool

	// ErrorShape of API errors: "" {"error","message"}, "reason" {"error","reason"},
	// "nested" {"error":{"message"}}, "message" as API Gateway's own, "text", "empty".
	ErrorShape string
}

// Server is the stand-in. Its methods may be called from any goroutine.
type Server struct {
	o        Options
	log      *slog.Logger
	listener net.Listener
	dir      string
	id       string   // of the account that is kept; "" without Keep
	journal  *journal // nil without Keep
	tempDir  bool     // dir is ours to remove
	signKey  []byte
	storage  storage
	limiter  *rate.Limiter // nil: no limit
	faults   *faults
	buffers  sync.Pool       // *[]byte of copyBuffer bytes
	ctx      context.Context // of Run, for work that outlives its request

	requests  requests
	importers sync.WaitGroup

	mu    sync.Mutex
	state state
}

// New makes a server that already listens, so that BaseURL is known; nobody is
// answered before Run. Errors are those of listening, of the directory, and of the
// options.
func New(o Options) (*Server, error) {
	o = withDefaults(o)
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("test server: %w", err)
	}
	s := &Server{
		o: o, log: o.Log, dir: o.Dir, signKey: []byte(rand.Text()),
		faults: newFaults(), state: newState(),
		buffers:  sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }},
		requests: newRequests(),
	}
	if o.Behavior.RatePerSecond > 0 {
		s.limiter = rate.NewLimiter(rate.Limit(o.Behavior.RatePerSecond), o.Behavior.burst())
	}
	if err := s.makeDir(); err != nil {
		return nil, fmt.Errorf("test server: %w", err)
	}
	if err := s.openStorage(); err != nil {
		s.removeTempDir()
		return nil, fmt.Errorf("test server: %w", err)
	}
	if o.Keep {
		if err := s.openRecords(); err != nil {
			s.storage.close()
			return nil, fmt.Errorf("test server: %w", err)
		}
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		s.closeRecords()
		s.storage.close()
		s.removeTempDir()
		return nil, fmt.Errorf("test server: %w", err)
	}
	s.listener = l
	if o.OwnAccount {
		s.listener = ownListener{l, s.log}
	}
	return s, nil
}

// BaseURL is the API's base as clients are configured with it, such as
// http://127.0.0.1:40123/v1.
func (s *Server) BaseURL() string { return s.root() + apiPrefix }

// root is the server's own URL, reachable from this machine.
func (s *Server) root() string {
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return "http://" + s.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// ID tells the account that is kept from others: it is the same after a restart in the
// same Dir, and of no other. It is "" without Options.Keep.
func (s *Server) ID() string { return s.id }

// Key is the API key the server accepts.
func (s *Server) Key() string { return s.o.Key }

// Secret is the API secret the server accepts.
func (s *Server) Secret() string { return s.o.Secret }

// shutdownGrace is how long requests in flight may go on once Run is to end. They are
// already told by their context; this only covers those that are writing an answer.
const shutdownGrace = 500 * time.Millisecond

// Run serves until ctx is done, waits for everything it started, removes the temporary
// directory, and returns nil; or the error that stopped it from serving. It is called
// once.
func (s *Server) Run(ctx context.Context) error {
	s.ctx = ctx
	defer s.removeTempDir()
	srv := &http.Server{
		Handler:           s.handler(),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.resumeImports()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(s.listener) }()
	s.log.Info("stand-in for Scenario is up", "base_url", s.BaseURL(), "dir", s.dir)

	var err error
	stopped := false
	select {
	case <-ctx.Done():
	case err = <-failed:
		stopped = true
	}
	// The grace must outlive ctx, which is done already.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		err = errors.Join(err, srv.Close())
	}
	if !stopped {
		<-failed // http.ErrServerClosed
	}
	s.requests.closeAndWait()
	s.importers.Wait()
	s.closeRecords()
	s.storage.close()
	if err != nil {
		return fmt.Errorf("test server: serving: %w", err)
	}
	return nil
}

func withDefaults(o Options) Options {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Key == "" {
		o.Key = DefaultKey
	}
	if o.Secret == "" {
		o.Secret = DefaultSecret
	}
	if o.PartURLLifetime == 0 {
		o.PartURLLifetime = DefaultPartURLLifetime
	}
	if o.MinPartSize == 0 {
		o.MinPartSize = DefaultMinPartSize
	}
	if o.Behavior.Statuses == nil {
		o.Behavior.Statuses = []string{"validating", "validated"}
		if o.Behavior.Unknown {
			o.Behavior.Statuses = []string{"validating", "scanning", "validated"}
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) check() error {
	if o.Discard && o.Objects != nil {
		return errors.New("options Discard and Objects exclude each other")
	}
	if o.Objects != nil && o.PartURLLifetime < time.Second {
		return errors.New("part URLs of a storage server of its own live a second at least")
	}
	if o.Keep && (o.Discard || o.Objects != nil || o.Dir == "") {
		return errors.New("option Keep needs a Dir, and goes with neither Discard nor Objects")
	}
	if o.OwnAccount && !CanTellAccounts(o.Addr) {
		return errors.New("option OwnAccount: nobody tells here whose a connection is")
	}
	return o.Behavior.check()
}

func (p Behavior) check() error {
	for _, c := range []struct {
		name, value string
		allowed     []string
	}{
		{"RetryAfter", p.RetryAfter, []string{"", "seconds", "date"}},
		{"Expires", p.Expires, []string{"", "offset", "http", "unix", "unix-ms", "none"}},
		{"AddTwice", p.AddTwice, []string{"", "error"}},
		{"ErrorShape", p.ErrorShape, []string{"", "reason", "nested", "message", "text", "empty"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			return fmt.Errorf("option Play.%s: %q is none of %q", c.name, c.value, c.allowed)
		}
	}
	switch p.Recomplete {
	case 0, http.StatusBadRequest, http.StatusConflict, http.StatusOK:
	default:
		return fmt.Errorf("option Play.Recomplete: %d is none of 400, 409, 200", p.Recomplete)
	}
	switch p.UnknownParent {
	case 0, http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
	default:
		return fmt.Errorf("option Play.UnknownParent: %d is none of 400, 404, 422", p.UnknownParent)
	}
	return nil
}

func (p Behavior) burst() int {
	if p.Burst > 0 {
		return p.Burst
	}
	return max(1, int(p.RatePerSecond+0.5))
}

func (s *Server) makeDir() error {
	if s.dir == "" {
		d, err := os.MkdirTemp("", "scenario-standin-")
		if err != nil {
			return err
		}
		s.dir, s.tempDir = d, true
		return nil
	}
	abs, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	s.dir = abs
	return os.MkdirAll(abs, 0o700)
}

func (s *Server) removeTempDir() {
	if !s.tempDir {
		return
	}
	if err := os.RemoveAll(s.dir); err != nil {
		s.log.Warn("the stand-in's temporary directory could not be removed", "dir", s.dir, "error", err)
	}
}
