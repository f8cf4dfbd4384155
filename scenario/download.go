package scenario

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// AssetURL returns where the bytes can be had that an asset was made of: the original, where
// Scenario converted it. The address is presigned and must not be seen. Class NotFound when
// the asset was deleted, Rejected when it tells no address.
func (c *Client) AssetURL(ctx context.Context, id string) (string, error) {
	var got struct {
		Asset struct {
			ID          string          `json:"id"`
			URL         lenient[string] `json:"url"`
			OriginalURL lenient[string] `json:"originalFileUrl"`
		} `json:"asset"`
	}
	r := request{op: "looking up the asset", template: "/assets/{id}", id: id, query: url.Values{"originalAssets": {"true"}}}
	if err := c.get(ctx, r, &got, &got.Asset.ID); err != nil {
		return "", err
	}
	address := cmp.Or(got.Asset.OriginalURL.v, got.Asset.URL.v)
	if address == "" {
		return "", &Error{Op: r.op, Class: Rejected, Message: "it does not say where the asset's bytes are"}
	}
	return address, nil
}

// Download is an asset to read. However it is printed, the URL stays out.
type Download struct {
	URL   string `json:"-"`
	Limit int64  // bytes that are read at most
	// Throttle holds the bytes to the bandwidth that is allowed. nil: nothing does.
	Throttle func(context.Context, io.Reader) io.Reader `json:"-"`
}

// String leaves out the URL.
func (d Download) String() string { return "download" }

// GoString is String.
func (d Download) GoString() string { return d.String() }

// maxRedirects bounds how often a download is sent elsewhere.
const maxRedirects = 5

const opDownload = "reading an asset"

// Sum reads what a presigned URL hands out, and returns its size and SHA-256. If there is
// more than the limit, the size is above it and the hash of no use. Redirects, which the
// hosts of assets use, are followed to where bytes may come from at all; nothing that could
// tell who asks goes along. The errors are those of PutPart.
func (s *Storage) Sum(ctx context.Context, d Download) (sum [sha256.Size]byte, size int64, err error) {
	watched, dog := watch(ctx, s.stall)
	defer dog.stop()
	dog.progress()
	scrub := func(text string) string { return text }
	address := d.URL
	for redirects := 0; ; redirects++ {
		u, err := parsePartAddress(address, s.public)
		if err != nil {
			return sum, 0, &Error{Op: opDownload, Class: Garbled, Message: "its address is not one to read from: " + err.Error()}
		}
		before, more := scrub, scrubber(signatures(u.RawQuery)...)
		scrub = func(text string) string { return before(more(text)) }
		resp, err := s.get(dog.trace(watched), u)
		if err != nil {
			return sum, 0, networkError(ctx, watched, opDownload, err, scrub)
		}
		if to := redirect(u, resp); to != "" && redirects < maxRedirects {
			resp.Body.Close() // nothing of it is needed
			address = to
			continue
		}
		return s.sum(ctx, watched, dog, d, resp, scrub)
	}
}

// get makes the barest of requests.
func (s *Storage) get(ctx context.Context, u *url.URL) (*http.Response, error) {
	req := (&http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host,
		Header: http.Header{"User-Agent": {""}}, // sends none
	}).WithContext(ctx)
	return s.transport.RoundTrip(req)
}

// redirect is where an answer sends whoever asked; "" if nowhere. The address is taken as
// it is: its query is signed.
func redirect(from *url.URL, resp *http.Response) string {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, err := from.Parse(resp.Header.Get("Location"))
		if err == nil && resp.Header.Get("Location") != "" {
			return to.String()
		}
	}
	return ""
}

func (s *Storage) sum(ctx, watched context.Context, dog *watchdog, d Download, resp *http.Response, scrub func(string) string) (sum [sha256.Size]byte, size int64, err error) {
	defer resp.Body.Close()
	body := dog.reader(resp.Body)
	if !success(resp.StatusCode) {
		text, _ := io.ReadAll(io.LimitReader(body, maxErrorAnswer+1)) // what could be read will do
		return sum, 0, refusal(opDownload, placeStorage, resp, text, scrub)
	}
	if resp.ContentLength > d.Limit {
		return sum, resp.ContentLength, nil
	}
	if d.Throttle != nil {
		body = d.Throttle(ctx, throttled{body, dog})
	}
	h := sha256.New()
	size, err = io.Copy(h, io.LimitReader(body, d.Limit+1))
	if err != nil && errors.Is(err, ctx.Err()) {
		return sum, size, contextError(ctx, opDownload)
	}
	if err != nil {
		return sum, size, networkError(ctx, watched, opDownload, err, scrub)
	}
	return [sha256.Size]byte(h.Sum(nil)), size, nil
}

// throttled lets no time count as silence in which whoever reads is held back.
type throttled struct {
	r   io.Reader
	dog *watchdog
}

func (t throttled) Read(p []byte) (int, error) {
	t.dog.progress()
	n, err := t.r.Read(p)
	t.dog.pause()
	return n, err
}
