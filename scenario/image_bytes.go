package scenario

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
)

// AssetURL returns where an asset's bytes can be had, which is presigned and must not be
// seen; class NotFound when the asset was deleted, Rejected when it tells no address.
func (c *Client) AssetURL(ctx context.Context, id string) (string, error) {
	var got struct {
		Asset struct {
			ID  string        `json:"id"`
			URL loose[string] `json:"url"`
		} `json:"asset"`
	}
	r := request{op: "looking up the asset", template: "/assets/{id}", id: id}
	if err := c.get(ctx, r, &got, &got.Asset.ID); err != nil {
		return "", err
	}
	if got.Asset.URL.v == "" {
		return "", &Error{Op: r.op, Class: Rejected, Message: "it does not say where the asset's bytes are"}
	}
	return got.Asset.URL.v, nil
}

// Sum reads what a presigned URL hands out, of which at most limit bytes, and returns its
// size and SHA-256. If there is more, the size is above limit and the hash of no use. The
// errors are those of PutPart.
func (s *Storage) Sum(ctx context.Context, url string, limit int64) (sum [sha256.Size]byte, size int64, err error) {
	const op = "reading an asset"
	u, err := parsePartAddress(url, s.public)
	if err != nil {
		return sum, 0, &Error{Op: op, Class: Garbled, Message: "its address is not one to read from: " + err.Error()}
	}
	scrub := scrubber(signatures(u.RawQuery)...)
	watched, dog := watch(ctx, s.stall)
	defer dog.stop()
	dog.progress()
	req := (&http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host,
		Header: http.Header{"User-Agent": {""}}, // sends none
	}).WithContext(dog.trace(watched))
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return sum, 0, networkError(ctx, watched, op, err, scrub)
	}
	defer resp.Body.Close()
	body := dog.reader(resp.Body)
	if !success(resp.StatusCode) {
		text, _ := io.ReadAll(io.LimitReader(body, maxErrorAnswer+1)) // what could be read will do
		return sum, 0, refusal(op, placeStorage, resp, text, scrub)
	}
	h := sha256.New()
	size, err = io.Copy(h, io.LimitReader(body, limit+1))
	if err != nil {
		return sum, size, networkError(ctx, watched, op, err, scrub)
	}
	return [sha256.Size]byte(h.Sum(nil)), size, nil
}
