package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"scenario-drop/ledger"
)

// Errors of a client; test with errors.Is.
var (
	// ErrNotRunning means that no daemon runs on the data directory.
	ErrNotRunning = errors.New("no scenario-drop is running")
	// ErrNoAnswer means that a daemon runs and does not answer.
	ErrNoAnswer = errors.New("scenario-drop does not answer")
	// ErrOtherVersion means that the daemon is of another version, whose answers may mean something else.
	ErrOtherVersion = errors.New("the running scenario-drop is of another version")
)

var (
	errLost = errors.New("the connection to scenario-drop was lost; try again")
)

// A daemon that works proves itself in milliseconds; what it is asked may take longer.
const (
	helloWithin = 5 * time.Second
	callWithin  = 15 * time.Second

	greetTries = 5

	maxHello = 4 << 10 // bytes, of an answer that nobody vouches for yet
)

// Client controls a running daemon. It is safe for concurrent use.
type Client struct{ access Access }

// Dial returns a client for the daemon of a data directory; ErrNotRunning if there is
// none.
func Dial(dataDir string) (*Client, error) {
	access, err := ReadAccess(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	if access.Secret == "" {
		return nil, ErrOtherVersion
	}
	return &Client{access: access}, nil
}

// Page asks for the address that opens the page in a browser; "" when it is off.
func (c *Client) Page(ctx context.Context) (string, error) {
	var a pageAnswer
	err := c.call(ctx, http.MethodGet, "/api/page", nil, &a)
	return a.Address, err
}

// Snapshot asks what the daemon is doing.
func (c *Client) Snapshot(ctx context.Context) (s Snapshot, err error) {
	err = c.call(ctx, http.MethodGet, "/api/status", nil, &s)
	return s, err
}

// PathStatus asks what a path waits for that was not taken yet.
func (c *Client) PathStatus(ctx context.Context, path string) (o PathStatus, err error) {
	err = c.call(ctx, http.MethodGet, "/api/awaited?path="+url.QueryEscape(path), nil, &o)
	return o, err
}

// Pause holds back files until the time given; zero: until Resume.
func (c *Client) Pause(ctx context.Context, until time.Time) error {
	var q pauseRequest
	if !until.IsZero() {
		q.Until = &until
	}
	return c.call(ctx, http.MethodPost, "/api/pause", q, nil)
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/api/resume", nil, nil)
}

// Retry lets failed files be tried again: those of the paths, or all. It returns how
// many items that concerns.
func (c *Client) Retry(ctx context.Context, paths []string) (int, error) {
	var q pathsRequest
	for _, p := range paths {
		q.Paths = append(q.Paths, []byte(p))
	}
	var a retryAnswer
	err := c.call(ctx, http.MethodPost, "/api/retry", q, &a)
	return a.Items, err
}

// Force uploads the held files of the paths as they are, or, with dryRun, tells what that would
// do. There is one answer for each path.
func (c *Client) Force(ctx context.Context, paths []string, dryRun bool) ([]Forced, error) {
	q := forceRequest{DryRun: dryRun}
	for _, p := range paths {
		q.Paths = append(q.Paths, []byte(p))
	}
	var a forceAnswer
	err := c.call(ctx, http.MethodPost, "/api/force", q, &a)
	return a.Files, err
}

// LinkExisting has the files that may have been sent before, of the paths or all of them, taken
// as what Scenario holds.
func (c *Client) LinkExisting(ctx context.Context, paths []string) (ledger.LinkedExisting, error) {
	var q pathsRequest
	for _, p := range paths {
		q.Paths = append(q.Paths, []byte(p))
	}
	var a linkExistingAnswer
	err := c.call(ctx, http.MethodPost, "/api/link_existing", q, &a)
	return ledger.LinkedExisting(a), err
}

// call asks the daemon something.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	res, end, err := c.request(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer end()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	return nil
}

// request asks the daemon something on a connection of its own, once the other side has
// proved to be the daemon. It is ErrNotRunning where nobody or somebody else answers. Whoever
// has read the answer calls end.
func (c *Client) request(ctx context.Context, method, path string, in any) (res *http.Response, end func(), err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, nil, err
	}
	line := oneConnection()
	defer func() {
		if err != nil {
			line.CloseIdleConnections()
		}
	}()
	authorization, err := c.greet(ctx, line)
	for tries := 1; errors.Is(err, errLost) && tries < greetTries; tries++ { // cut in favour of a newer one
		line.CloseIdleConnections()
		line = oneConnection()
		authorization, err = c.greet(ctx, line)
	}
	if errors.Is(err, errLost) {
		return nil, nil, ErrNoAnswer
	}
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.access.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", authorization)
	res, err = line.RoundTrip(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, nil, ErrNoAnswer
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reach the daemon: %w", err)
	}
	end = func() {
		_ = res.Body.Close() // it was read
		line.CloseIdleConnections()
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
		end()
		return nil, nil, fmt.Errorf("the daemon answered: %s", strings.TrimSpace(string(text)))
	}
	return res, end, nil
}

// greet has the other side prove that it is the daemon, and returns what proves that we
// are one of its commands, on this connection alone.
func (c *Client) greet(ctx context.Context, line *http.Transport) (authorization string, err error) {
	ctx, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.access.Address+helloPath, nil)
	if err != nil {
		return "", ErrNotRunning // no daemon wrote such an address
	}
	nonce := newNonce()
	req.Header.Set(nonceHeader, nonce)
	res, err := line.RoundTrip(req)
	var text []byte
	if err == nil {
		defer res.Body.Close()
		text, err = io.ReadAll(io.LimitReader(res.Body, maxHello))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "", err
	case errors.Is(err, context.DeadlineExceeded):
		return "", ErrNoAnswer
	case isDial(err):
		return "", ErrNotRunning // it died without removing its address
	case err != nil:
		return "", errLost
	}
	var h hello
	if json.Unmarshal(text, &h) != nil || len(h.Nonce) > maxNonce || strings.Contains(h.Nonce, "\n") ||
		!equal(h.Proof, proof(c.access.Secret, byDaemon, c.access.Address, nonce, h.Nonce)) {
		return "", ErrNotRunning // another program took the port of one that died
	}
	return proofScheme + proof(c.access.Secret, byCommand, c.access.Address, nonce, h.Nonce), nil
}

// isDial reports whether there was nobody to connect to.
func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// oneConnection returns a transport that connects once: what was proved on a connection
// says nothing of another.
func oneConnection() *http.Transport {
	var connected atomic.Bool
	return &http.Transport{
		MaxConnsPerHost: 1, MaxResponseHeaderBytes: maxHeader,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if connected.Swap(true) {
				return nil, errLost
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}
