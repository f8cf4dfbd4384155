package scenario

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
)

// MaxImage is the size of the largest image that CreateImage is for, in bytes. Scenario's
// reference says "under 6 MB" and not whether that is of the image or of its base64 text,
// which is a third longer, nor which megabyte is meant. This is the smallest reading: the
// text, with what announces it, stays below six million bytes. A server that takes less
// answers 413.
const MaxImage = (6_000_000 - maxAnnounced) / 4 * 3

// maxAnnounced bounds "data:image/svg+xml;base64," and its like, in bytes.
const maxAnnounced = 100

// NewImage is a small image that is to become an asset with a single request.
type NewImage struct {
	Name        string // the original file name, without a path; valid UTF-8
	ContentType string // bare MIME type
	Options     *AssetOptions
	Body        io.Reader `json:"-"` // the image; read once, must end after Size bytes
	Size        int64     // bytes, 1 … MaxImage

	// BeforeLast is called once the whole Body was read and all but the last bytes of the
	// request were handed out. Unless it returns nil, those never leave, and Scenario has
	// nothing that it could make an asset of. It runs in another goroutine, but only while
	// CreateImage does.
	BeforeLast func() error `json:"-"`

	// Pace wraps what leaves, which is longer than Body, to hold it back. nil: nothing.
	Pace func(io.Reader) io.Reader `json:"-"`
}

// CreateImage makes an asset of an image. Nothing in it sends the request a second time.
//
// Besides an *Error, the error may be BeforeLast's own, a *SizeError (Body is shorter or
// longer than Size), a *ReadError (of Body or Pace), or ctx's. If BeforeLast was not called,
// or returned an error, there is no asset. After it returned nil there may be one, whatever
// the error, but for an answer of Scenario's own that says no: an *Error of class
// RateLimited, Refused, NotFound or Rejected.
//
// There is no limit on the whole time it takes, since a slow line is no failure; it ends
// when nothing moves any more.
func (c *Client) CreateImage(ctx context.Context, img NewImage) (*Asset, error) {
	r := request{op: "sending the image", method: "POST", template: "/assets"}
	refuse := func(message string) (*Asset, error) {
		return nil, &Error{Op: r.op, Class: Rejected, Message: message}
	}
	if img.Size < 1 || img.Size > MaxImage {
		return refuse("its size is not one of a small image")
	}
	o := AssetOptions{}
	if img.Options != nil {
		o = *img.Options
	}
	head, err := json.Marshal(struct {
		Name string `json:"name"`
		AssetOptions
	}{img.Name, o})
	if err != nil {
		return refuse("its JSON cannot be formed")
	}
	kind, err := json.Marshal("data:" + img.ContentType + ";base64,")
	if err != nil || len(kind) > maxAnnounced {
		return refuse("its content type cannot be one")
	}
	body := &imageBody{
		head: append(append(head[:len(head)-1], `,"image":`...), kind[:len(kind)-1]...),
		src:  img.Body, size: img.Size, before: img.BeforeLast, tail: []byte(`"}`),
	}
	r.length = int64(len(body.head)) + int64(base64.StdEncoding.EncodedLen(int(img.Size))) + int64(len(body.tail))
	r.stream = body
	if img.Pace != nil {
		r.stream = img.Pace(body)
	}
	var got struct {
		Asset assetWire `json:"asset"`
	}
	a, err := c.call(ctx, r, &got)
	switch {
	case body.err != nil && ctx.Err() == nil:
		return nil, body.err
	case err != nil:
		return nil, err
	case !isID(got.Asset.ID):
		return nil, a.garbled(r.op, "there is no asset in it")
	}
	made := got.Asset.asset()
	return &made, nil
}

// imageBody is the JSON of a request with an image in base64, which is encoded as it is
// read. It is used by one goroutine at a time.
type imageBody struct {
	head   []byte // what is left of the JSON up to the image's text
	src    io.Reader
	size   int64  // of src
	read   int64  // of src
	left   []byte // encoded, and not handed out yet
	raw    [3 << 10]byte
	text   [4]byte
	before func() error // called before the tail; nil: was called, or is not needed
	tail   []byte
	err    error // why the body will not be whole
}

// Read never hands out the tail together with anything before it.
func (b *imageBody) Read(p []byte) (n int, err error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case len(p) == 0:
		return 0, nil
	case len(b.head) > 0:
		n = copy(p, b.head)
		b.head = b.head[n:]
		return n, nil
	}
	for n < len(p) && (len(b.left) > 0 || b.read < b.size) {
		if len(b.left) > 0 {
			k := copy(p[n:], b.left)
			b.left = b.left[k:]
			n += k
			continue
		}
		k, err := b.encode(p[n:])
		if n += k; err != nil {
			b.err = err
			return n, err
		}
	}
	if n > 0 {
		return n, nil
	}
	if b.err = b.finish(); b.err != nil {
		return 0, b.err
	}
	if len(b.tail) == 0 {
		return 0, io.EOF
	}
	n = copy(p, b.tail)
	b.tail = b.tail[n:]
	return n, nil
}

// encode puts the text of the next bytes of the source into p, or what does not fit into
// left.
func (b *imageBody) encode(p []byte) (int, error) {
	want := min(int64(len(b.raw)), int64(max(len(p)/4, 1)*3), b.size-b.read)
	raw := b.raw[:want]
	got, err := io.ReadFull(b.src, raw)
	b.read += int64(got)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return 0, &SizeError{Want: b.size, Got: b.read}
	case err != nil:
		return 0, &ReadError{err}
	}
	if len(p) < 4 {
		base64.StdEncoding.Encode(b.text[:], raw)
		b.left = b.text[:]
		return 0, nil
	}
	base64.StdEncoding.Encode(p, raw)
	return base64.StdEncoding.EncodedLen(got), nil
}

// finish sees, once, that the source has ended, and asks whether the tail may go.
func (b *imageBody) finish() error {
	if b.src == nil {
		return nil
	}
	var more [1]byte
	switch n, err := io.ReadFull(b.src, more[:]); {
	case n > 0:
		return &SizeError{Want: b.size, Got: b.size + 1}
	case err != io.EOF:
		return &ReadError{err}
	}
	b.src = nil
	if b.before == nil {
		return nil
	}
	return b.before()
}
