package main

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// discard is as much of an S3 server as the clients need. It checks no signature,
// counts what comes and keeps only the sizes, so that a client is measured and not the
// server's hashing and disk. Its ETags are no MD5, which S3 allows.
type discard struct {
	requests atomic.Int64
	came     atomic.Int64   // bytes of bodies, as they come
	arrived  chan time.Time // when the bytes of an object began to come; nobody has to listen
	buffers  sync.Pool

	mu      sync.Mutex
	objects map[string]int64
	uploads map[string]map[int]int64
}

func newDiscard() *discard {
	return &discard{arrived: make(chan time.Time, 1), buffers: sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }},
		objects: map[string]int64{}, uploads: map[string]map[int]int64{}}
}

const discardETag = `"d15ca4d-1"`

func (d *discard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.requests.Add(1)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	switch {
	case key == "":
		d.bucket(w, r, bucket)
	case r.Method == http.MethodPut && q.Has("partNumber"):
		d.part(w, r, q.Get("uploadId"), q.Get("partNumber"))
	case r.Method == http.MethodPut:
		size, err := d.swallow(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		d.mu.Lock()
		d.objects[key] = size
		d.mu.Unlock()
		w.Header().Set("ETag", discardETag)
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := rand.Text()
		d.mu.Lock()
		d.uploads[id] = map[int]int64{}
		d.mu.Unlock()
		answer(w, struct {
			XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
			Bucket, Key, UploadId string
		}{Bucket: bucket, Key: key, UploadId: id})
	case r.Method == http.MethodPost && q.Has("uploadId"):
		d.complete(w, r, bucket, key, q.Get("uploadId"))
	case r.Method == http.MethodGet && q.Has("uploadId"):
		d.parts(w, bucket, key, q.Get("uploadId"))
	case r.Method == http.MethodHead:
		d.head(w, key)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Write swallows and counts.
func (d *discard) Write(p []byte) (int, error) {
	d.came.Add(int64(len(p)))
	return len(p), nil
}

// swallow reads a body to its end and returns the size of what it carries.
func (d *discard) swallow(r *http.Request) (int64, error) {
	select {
	case d.arrived <- time.Now():
	default:
	}
	buf := d.buffers.Get().(*[]byte)
	defer d.buffers.Put(buf)
	n, err := io.CopyBuffer(d, r.Body, *buf)
	if err != nil {
		return 0, err
	}
	// A body in signed pieces is longer than what it carries.
	if decoded, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
		n = decoded
	}
	return n, nil
}

func (d *discard) bucket(w http.ResponseWriter, r *http.Request, bucket string) {
	if r.URL.Query().Has("location") {
		answer(w, struct {
			XMLName xml.Name `xml:"LocationConstraint"`
		}{})
		return
	}
	if r.Method != http.MethodGet || bucket == "" {
		return
	}
	answer(w, struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		KeyCount    int
		MaxKeys     int
		IsTruncated bool
	}{Name: bucket, MaxKeys: 1000})
}

func (d *discard) part(w http.ResponseWriter, r *http.Request, id, number string) {
	n, err := strconv.Atoi(number)
	var size int64
	if err == nil {
		size, err = d.swallow(r)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.uploads[id] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	d.uploads[id][n] = size
	w.Header().Set("ETag", discardETag)
}

func (d *discard) parts(w http.ResponseWriter, bucket, key, id string) {
	type part struct {
		PartNumber int
		ETag       string
		Size       int64
	}
	out := struct {
		XMLName               xml.Name `xml:"ListPartsResult"`
		Bucket, Key, UploadId string
		IsTruncated           bool
		Part                  []part
	}{Bucket: bucket, Key: key, UploadId: id}
	d.mu.Lock()
	for n, size := range d.uploads[id] {
		out.Part = append(out.Part, part{n, discardETag, size})
	}
	d.mu.Unlock()
	slices.SortFunc(out.Part, func(a, b part) int { return a.PartNumber - b.PartNumber })
	answer(w, out)
}

func (d *discard) complete(w http.ResponseWriter, r *http.Request, bucket, key, id string) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	var size int64
	for _, n := range d.uploads[id] {
		size += n
	}
	delete(d.uploads, id)
	d.objects[key] = size
	d.mu.Unlock()
	answer(w, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: bucket, Key: key, ETag: discardETag})
}

func (d *discard) head(w http.ResponseWriter, key string) {
	d.mu.Lock()
	size, ok := d.objects[key]
	d.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("ETag", discardETag)
	h.Set("Content-Length", fmt.Sprint(size))
	h.Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	data, err := xml.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(append([]byte(xml.Header), data...))
}
