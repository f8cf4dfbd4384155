package standin

import (
	"context"
	"fmt"
	"io"
	"time"

	"scenario-drop/standin/objectstore"
)

// objectStorage keeps everything in a storage server of its own.
type objectStorage struct {
	s     *Server
	store objectstore.Store
}

func (st *objectStorage) close() { st.store.Close() }

// begin makes no upload of several parts for a single one, which is put as the object itself.
func (st *objectStorage) begin(ctx context.Context, u *upload) (err error) {
	if u.count > 1 {
		u.storeID, err = st.store.Begin(ctx, uploadKey(u), u.mime)
	}
	return err
}

func uploadKey(u *upload) string { return "uploads/" + u.id }

func (st *objectStorage) partURL(ctx context.Context, _ string, u *upload, number int, expires time.Time) (string, error) {
	// Signatures count whole seconds.
	return st.store.PartURL(ctx, uploadKey(u), u.storeID, number, max(time.Second, time.Until(expires).Round(time.Second)))
}

// received also brings the account up to date, since the parts went past this server.
func (st *objectStorage) received(ctx context.Context, u *upload) (map[int]part, error) {
	stored, err := st.store.Parts(ctx, uploadKey(u), u.storeID)
	if err != nil {
		return nil, err
	}
	parts := map[int]part{}
	st.s.mu.Lock()
	defer st.s.mu.Unlock()
	u.bytes = 0
	for _, p := range stored {
		have := part{size: p.Size, puts: 1, etag: p.ETag}
		parts[p.Number], u.parts[p.Number] = have, &have
		u.bytes += p.Size
	}
	return parts, nil
}

func (st *objectStorage) assemble(ctx context.Context, u *upload, parts map[int]part) (object, error) {
	o := object{key: uploadKey(u)}
	var list []objectstore.Part
	for n := 1; n <= u.count; n++ {
		if p, ok := parts[n]; ok {
			list = append(list, objectstore.Part{Number: n, Size: p.size, ETag: p.etag})
			o.size += p.size
		}
	}
	if u.count == 1 {
		return o, nil
	}
	return o, st.store.Complete(ctx, o.key, u.storeID, list)
}

func (st *objectStorage) open(ctx context.Context, o object) (io.ReadCloser, error) {
	body, size, err := st.store.Open(ctx, o.key)
	if err != nil {
		return nil, err
	}
	if size != o.size {
		body.Close()
		return nil, fmt.Errorf("the stored object has %d bytes, not %d", size, o.size)
	}
	return body, nil
}
