// Package s3store lets the stand-in keep what is uploaded in a real S3 server, with real
// multipart uploads and presigned URLs, for tests and measurements.
package s3store

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"scenario-drop/standin/objectstore"
)

const (
	region        = "us-east-1"
	defaultBucket = "scenario"
	setupTime     = 30 * time.Second
	listPage      = 1000 // parts a server tells at once
)

// Options name a real S3 server. The bucket is made when missing.
type Options struct {
	Endpoint             string // such as http://127.0.0.1:7070
	Bucket               string // "" is "scenario"
	AccessKey, SecretKey string
}

// Store is a bucket of a real S3 server. It is safe for concurrent use.
type Store struct {
	core   *minio.Core
	idle   *http.Transport // whose kept connections are closed at the end
	bucket string
}

// New connects to the server.
func New(o Options) (*Store, error) {
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
		Region:    region, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("S3 client: %w", err)
	}
	st := &Store{core: core, idle: transport, bucket: o.Bucket}
	if st.bucket == "" {
		st.bucket = defaultBucket
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTime)
	defer cancel()
	there, err := core.BucketExists(ctx, st.bucket)
	if err == nil && !there {
		err = core.MakeBucket(ctx, st.bucket, minio.MakeBucketOptions{Region: region})
	}
	if err != nil {
		return nil, fmt.Errorf("S3 bucket %q: %w", st.bucket, err)
	}
	return st, nil
}

// Close implements objectstore.Store, as the methods below do.
func (st *Store) Close() { st.idle.CloseIdleConnections() }

// Begin begins a multipart upload.
func (st *Store) Begin(ctx context.Context, key, mime string) (string, error) {
	id, err := st.core.NewMultipartUpload(ctx, st.bucket, key, minio.PutObjectOptions{ContentType: mime})
	if err != nil {
		return "", fmt.Errorf("S3 new multipart upload: %w", err)
	}
	return id, nil
}

// PartURL presigns the PUT of a part.
func (st *Store) PartURL(ctx context.Context, key, id string, number int, lifetime time.Duration) (string, error) {
	q := url.Values{}
	if id != "" {
		q = url.Values{"partNumber": {strconv.Itoa(number)}, "uploadId": {id}}
	}
	link, err := st.core.Presign(ctx, "PUT", st.bucket, key, lifetime, q)
	if err != nil {
		return "", err
	}
	return link.String(), nil
}

// Parts lists the parts of a multipart upload, or stats the object.
func (st *Store) Parts(ctx context.Context, key, id string) (parts []objectstore.Part, err error) {
	if id == "" {
		info, err := st.core.StatObject(ctx, st.bucket, key, minio.StatObjectOptions{})
		switch {
		case err == nil:
			parts = append(parts, objectstore.Part{Number: 1, Size: info.Size, ETag: info.ETag})
		case minio.ToErrorResponse(err).StatusCode != http.StatusNotFound:
			return nil, fmt.Errorf("S3 stat object: %w", err)
		}
		return parts, nil
	}
	for marker := 0; ; {
		page, err := st.core.ListObjectParts(ctx, st.bucket, key, id, marker, listPage)
		if err != nil {
			return nil, fmt.Errorf("S3 list parts: %w", err)
		}
		for _, p := range page.ObjectParts {
			parts = append(parts, objectstore.Part{Number: p.PartNumber, Size: p.Size, ETag: p.ETag})
		}
		if !page.IsTruncated {
			return parts, nil
		}
		marker = page.NextPartNumberMarker
	}
}

// Complete completes a multipart upload.
func (st *Store) Complete(ctx context.Context, key, id string, parts []objectstore.Part) error {
	list := make([]minio.CompletePart, 0, len(parts))
	for _, p := range parts {
		list = append(list, minio.CompletePart{PartNumber: p.Number, ETag: p.ETag})
	}
	if _, err := st.core.CompleteMultipartUpload(ctx, st.bucket, key, id, list, minio.PutObjectOptions{}); err != nil {
		return fmt.Errorf("S3 complete multipart upload: %w", err)
	}
	return nil
}

// Open gets an object.
func (st *Store) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	body, info, _, err := st.core.GetObject(ctx, st.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("S3 get object: %w", err)
	}
	return body, info.Size, nil
}
