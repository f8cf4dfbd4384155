package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// floor is the least that any client of this protocol has to do: create, put the
// parts, complete, follow. It keeps no record and retries nothing.
type floor struct {
	base, key, secret string
	hash              bool // SHA-256 of every file, before it is sent
	client            *http.Client
	parts             chan struct{} // a token for each part in flight
}

const (
	floorWorkers  = 8
	floorPartSize = 8 << 20
)

func runFloor(ctx context.Context, base, key, secret, dir string, hash bool) error {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 2 * floorWorkers
	f := &floor{base: base, key: key, secret: secret, hash: hash, client: &http.Client{Transport: t}, parts: make(chan struct{}, floorWorkers)}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(floorWorkers)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			g.Go(func() error { return f.send(ctx, path) })
		}
		return err
	})
	return errors.Join(err, g.Wait())
}

// upload is what the floor reads of an upload's record.
type upload struct {
	ID, Status, EntityID string
	Parts                []struct {
		Number int
		URL    string
	}
}

func (f *floor) send(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if f.hash {
		if err := hashFile(path); err != nil {
			return err
		}
	}
	size := info.Size()
	u, err := f.call(ctx, "POST", "/uploads", map[string]any{
		"fileName": filepath.Base(path), "fileSize": size, "contentType": "application/octet-stream", "kind": "asset",
		"parts": (size + floorPartSize - 1) / floorPartSize,
	})
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, p := range u.Parts {
		select {
		case f.parts <- struct{}{}:
		case <-gctx.Done():
			return g.Wait()
		}
		g.Go(func() error {
			defer func() { <-f.parts }()
			offset := int64(p.Number-1) * floorPartSize
			return f.put(gctx, path, p.URL, offset, min(floorPartSize, size-offset))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	u, err = f.call(ctx, "POST", "/uploads/"+u.ID+"/action", map[string]any{"action": "complete"})
	for wait := 10 * time.Millisecond; err == nil && u.Status != "imported"; wait = min(2*wait, time.Second) {
		time.Sleep(wait)
		u, err = f.call(ctx, "GET", "/uploads/"+u.ID, nil)
	}
	return err
}

func hashFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.CopyBuffer(sha256.New(), struct{ io.Reader }{file}, make([]byte, 256<<10))
	return err
}

func (f *floor) call(ctx context.Context, method, path string, body any) (upload, error) {
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return upload{}, err
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, in)
	if err != nil {
		return upload{}, err
	}
	req.SetBasicAuth(f.key, f.secret)
	resp, err := f.client.Do(req)
	if err != nil {
		return upload{}, err
	}
	defer resp.Body.Close()
	var out struct{ Upload upload }
	if resp.StatusCode != http.StatusOK {
		return upload{}, fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return out.Upload, json.NewDecoder(resp.Body).Decode(&out)
}

// put sends a range of a file as net/http likes it best: from the file itself, which
// lets the kernel carry the bytes where the line is plain.
func (f *floor) put(ctx context.Context, path, url string, offset, length int64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, io.LimitReader(file, length))
	if err != nil {
		return err
	}
	req.ContentLength = length
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("PUT of a part: %s", resp.Status)
	}
	return nil
}
