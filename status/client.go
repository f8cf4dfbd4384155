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
	"time"

	"scenario-drop/ledger"
)

// ErrNotRunning means that no daemon runs on the data directory.
var ErrNotRunning = errors.New("no scenario-drop is running; start it with: scenario-drop start (or: scenario-drop run)")

// Client controls a running daemon. It is safe for concurrent use.
type Client struct {
	access Access
	http   *http.Client
}

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
	return &Client{access: access, http: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{}}}, nil
}

// Page returns the address that opens the page in a browser.
func (c *Client) Page() string { return c.access.Page() }

// Snapshot asks what the daemon is doing.
func (c *Client) Snapshot(ctx context.Context) (s Snapshot, err error) {
	err = c.call(ctx, http.MethodGet, "/api/status", nil, &s)
	return s, err
}

// Outlook asks what a path waits for that was not taken yet.
func (c *Client) Outlook(ctx context.Context, path string) (o Outlook, err error) {
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

// Adopt has the files that may have been sent before, of the paths or all of them, taken
// as what Scenario holds.
func (c *Client) Adopt(ctx context.Context, paths []string) (ledger.Adopted, error) {
	var q pathsRequest
	for _, p := range paths {
		q.Paths = append(q.Paths, []byte(p))
	}
	var a adoptAnswer
	err := c.call(ctx, http.MethodPost, "/api/adopt", q, &a)
	return ledger.Adopted(a), err
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.access.Address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.access.Token)
	res, err := c.http.Do(req)
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return ErrNotRunning // it died without tidying up
	}
	if err != nil {
		return fmt.Errorf("reach the daemon: %w", err)
	}
	defer res.Body.Close()
	defer c.http.CloseIdleConnections()
	if res.StatusCode == http.StatusUnauthorized {
		return ErrNotRunning // somebody else took the port of one that died
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
		return fmt.Errorf("the daemon answered: %s", strings.TrimSpace(string(text)))
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	return nil
}
