package standin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	s3Region        = "us-east-1"
	defaultS3Bucket = "scenario"
	s3SetupTime     = 30 * time.Second
	listPage        = 1000 // parts a server tells at once
)

// s3Storage keeps everything in a real S3 server, with real multipart uploads.
type s3Storage struct {
	s      *Server
	core   *minio.Core
	idle   *http.Transport // whose kept connections are closed at the end
	bucket string
}

func newS3Storage(s *Server, o S3) (*s3Storage, error) {
	at, err := url.Parse(o.Endpoint)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		return nil, fmt.Errorf("S3 endpoint %q is no http or https URL", o.Endpoint)
	}
	transport, err := minio.DefaultTransport(at.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("S3 client: %w", err)
	}
	core, err := minio.NewCore(at.Host, &minio.Options{
		Creds:     credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure:    at.Scheme == "https",
		Transport: transport,
		Region:    s3Region, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("S3 client: %w", err)
	}
	st := &s3Storage{s: s, core: core, idle: transport, bucket: o.Bucket}
	if st.bucket == "" {
		st.bucket = defaultS3Bucket
	}
	ctx, cancel := context.WithTimeout(context.Background(), s3SetupTime)
	defer cancel()
	there, err := core.BucketExists(ctx, st.bucket)
	if err == nil && !there {
		err = core.MakeBucket(ctx, st.bucket, minio.MakeBucketOptions{Region: s3Region})
	}
	if err != nil {
		return nil, fmt.Errorf("S3 bucket %q: %w", st.bucket, err)
	}
	return st, nil
}

func (st *s3Storage) close() { st.idle.CloseIdleConnections() }

// begin makes no multipart upload for a single part, which is put as the object itself.
func (st *s3Storage) begin(ctx context.Context, u *upload) error {
	if u.count == 1 {
		return nil
	}
	id, err := st.core.NewMultipartUpload(ctx, st.bucket, uploadKey(u), minio.PutObjectOptions{ContentType: u.mime})
	if err != nil {
		return fmt.Errorf("S3 new multipart upload: %w", err)
	}
	u.s3Upload = id
	return nil
}

func uploadKey(u *upload) string { return "uploads/" + u.id }

func (st *s3Storage) partURL(ctx context.Context, _ string, u *upload, number int, expires time.Time) (string, error) {
	q := url.Values{}
	if u.count > 1 {
		q = url.Values{"partNumber": {strconv.Itoa(number)}, "uploadId": {u.s3Upload}}
	}
	// Signatures count whole seconds.
	life := max(time.Second, time.Until(expires).Round(time.Second))
	link, err := st.core.Presign(ctx, "PUT", st.bucket, uploadKey(u), life, q)
	if err != nil {
		return "", err
	}
	return link.String(), nil
}

// received also brings the account up to date, since the parts went past this server.
func (st *s3Storage) received(ctx context.Context, u *upload) (map[int]part, error) {
	parts, err := st.arrived(ctx, u)
	if err != nil {
		return nil, err
	}
	st.s.mu.Lock()
	defer st.s.mu.Unlock()
	u.bytes = 0
	for n, p := range parts {
		u.parts[n] = &p
		u.bytes += p.size
	}
	return parts, nil
}

func (st *s3Storage) arrived(ctx context.Context, u *upload) (map[int]part, error) {
	parts := map[int]part{}
	if u.count == 1 {
		info, err := st.core.StatObject(ctx, st.bucket, uploadKey(u), minio.StatObjectOptions{})
		switch {
		case err == nil:
			parts[1] = part{size: info.Size, puts: 1, etag: info.ETag}
		case minio.ToErrorResponse(err).StatusCode != http.StatusNotFound:
			return nil, fmt.Errorf("S3 look at object: %w", err)
		}
		return parts, nil
	}
	for marker := 0; ; {
		page, err := st.core.ListObjectParts(ctx, st.bucket, uploadKey(u), u.s3Upload, marker, listPage)
		if err != nil {
			return nil, fmt.Errorf("S3 list parts: %w", err)
		}
		for _, p := range page.ObjectParts {
			parts[p.PartNumber] = part{size: p.Size, puts: 1, etag: p.ETag}
		}
		if !page.IsTruncated {
			return parts, nil
		}
		marker = page.NextPartNumberMarker
	}
}

func (st *s3Storage) assemble(ctx context.Context, u *upload, parts map[int]part) (object, error) {
	o := object{key: uploadKey(u)}
	if u.count == 1 {
		o.size = parts[1].size
		return o, nil
	}
	list := make([]minio.CompletePart, 0, len(parts))
	for n, p := range parts {
		if n <= u.count {
			list = append(list, minio.CompletePart{PartNumber: n, ETag: p.etag})
			o.size += p.size
		}
	}
	slices.SortFunc(list, func(a, b minio.CompletePart) int { return a.PartNumber - b.PartNumber })
	if _, err := st.core.CompleteMultipartUpload(ctx, st.bucket, o.key, u.s3Upload, list, minio.PutObjectOptions{}); err != nil {
		return object{}, fmt.Errorf("S3 complete multipart upload: %w", err)
	}
	return o, nil
}

func (st *s3Storage) put(ctx context.Context, id string, data []byte) (object, error) {
	o := object{key: "assets/" + id, size: int64(len(data))}
	if _, err := st.core.PutObject(ctx, st.bucket, o.key, bytes.NewReader(data), o.size, "", "", minio.PutObjectOptions{}); err != nil {
		return object{}, fmt.Errorf("S3 put object: %w", err)
	}
	return o, nil
}

func (st *s3Storage) open(ctx context.Context, o object) (io.ReadCloser, error) {
	body, info, _, err := st.core.GetObject(ctx, st.bucket, o.key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("S3 get object: %w", err)
	}
	if info.Size != o.size {
		err := fmt.Errorf("the S3 object has %d bytes, not %d", info.Size, o.size)
		return nil, errors.Join(err, body.Close())
	}
	return body, nil
}
