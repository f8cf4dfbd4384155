package standin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Paths of this server's own storage.
const (
	storagePath = "/_storage/"
	partPath    = storagePath + "parts/"
	objectPath  = storagePath + "objects/"
)

// object is where an entity's bytes are.
type object struct {
	size  int64
	files []string // in order, in this server's own storage
	key   string   // in a storage server of its own
}

// storage keeps parts and objects. There are two: this server's disk, and a storage server
// of its own.
type storage interface {
	// begin prepares for the parts of a new upload.
	begin(ctx context.Context, u *upload) error
	// partURL is a presigned URL for one part, good until expires.
	partURL(ctx context.Context, origin string, u *upload, number int, expires time.Time) (string, error)
	// received tells the last version of every part that has arrived.
	received(ctx context.Context, u *upload) (map[int]part, error)
	// assemble makes one object of all parts; nothing can be put to the upload after.
	assemble(ctx context.Context, u *upload, parts map[int]part) (object, error)
	// open reads an object from its start.
	open(ctx context.Context, o object) (io.ReadCloser, error)
	// close lets go of what is held, once nothing is asked any more.
	close()
}

func (s *Server) openStorage() error {
	if s.o.Objects != nil {
		s.storage = &objectStorage{s, s.o.Objects}
		return nil
	}
	s.storage = &diskStorage{s}
	for _, dir := range []string{s.uploadDir(""), s.objectFile("")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) uploadDir(id string) string  { return filepath.Join(s.dir, "uploads", id) }
func (s *Server) objectFile(id string) string { return filepath.Join(s.dir, "objects", id) }

// diskStorage keeps an upload's parts as files, and leaves them so when they become an
// object: a file of many gigabytes is not copied once more.
type diskStorage struct{ s *Server }

func (d *diskStorage) close() {}

func (d *diskStorage) begin(_ context.Context, u *upload) error {
	if d.s.o.Discard {
		return nil
	}
	return os.Mkdir(d.s.uploadDir(u.id), 0o700)
}

func (d *diskStorage) partURL(_ context.Context, origin string, u *upload, number int, expires time.Time) (string, error) {
	until := strconv.FormatInt(expires.UnixMilli(), 10)
	n := strconv.Itoa(number)
	q := url.Values{
		"partNumber": {n}, "uploadId": {u.id}, "X-Amz-Expires": {until},
		"X-Amz-Signature": {d.s.sign("PUT", u.id, n, until)},
	}
	return origin + partPath + url.PathEscape(u.id) + "/" + n + "?" + q.Encode(), nil
}

// sign is the signature of this server's own presigned URLs.
func (s *Server) sign(fields ...string) string {
	mac := hmac.New(sha256.New, s.signKey)
	for _, f := range fields {
		fmt.Fprintf(mac, "%d:%s,", len(f), f)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func (d *diskStorage) received(_ context.Context, u *upload) (map[int]part, error) {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	parts := make(map[int]part, len(u.parts))
	for n, p := range u.parts {
		parts[n] = *p
	}
	return parts, nil
}

func (d *diskStorage) assemble(_ context.Context, u *upload, parts map[int]part) (object, error) {
	var o object
	for n := 1; n <= u.count; n++ {
		o.size += parts[n].size
		if f := parts[n].file; f != "" {
			o.files = append(o.files, f)
		}
	}
	return o, nil
}

func (d *diskStorage) open(_ context.Context, o object) (io.ReadCloser, error) {
	return &fileChain{names: o.files}, nil
}

// fileChain reads files one after the other, with one open at a time.
type fileChain struct {
	names []string
	open  *os.File
}

func (c *fileChain) Read(p []byte) (int, error) {
	for {
		if c.open == nil {
			if len(c.names) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(c.names[0])
			if err != nil {
				return 0, err
			}
			c.open, c.names = f, c.names[1:]
		}
		n, err := c.open.Read(p)
		if errors.Is(err, io.EOF) {
			err = c.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *fileChain) Close() error {
	if c.open == nil {
		return nil
	}
	f := c.open
	c.open = nil
	return f.Close()
}
