package standin

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxPartSize is S3's limit.
const maxPartSize = 5 << 30

// putPart is the storage's side of a part: strict as S3 where a careless client would
// fail in earnest.
func (s *Server) putPart(w http.ResponseWriter, r *http.Request) {
	if !s.requests.enter(OpPart) {
		return
	}
	defer s.requests.leave(OpPart)
	w.Header().Set("X-Amz-Request-Id", rand.Text())
	w.Header().Set("Server", "AmazonS3")
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		number = 0 // no signature fits it
	}
	fault, cleared := s.faults.take(OpPart, number, "")
	if fault.at(Before) && s.trigger(w, r, fault, cleared) {
		return
	}
	u, refusal := s.admitPart(r, number)
	if refusal != nil {
		s.storageError(w, refusal.status, refusal.code, refusal.message)
		return
	}
	var middle func() bool
	if fault.at(Middle) {
		middle = func() bool { return s.trigger(w, r, fault, cleared) }
	}
	got, over, err := s.receive(r, u, middle)
	if over {
		return
	}
	if err != nil {
		s.log.Debug("a part broke off", "upload", u.id, "part", number, "error", err)
		if r.Context().Err() == nil {
			s.storageError(w, http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
		}
		return
	}
	if refusal := s.keepPart(u, number, got); refusal != nil {
		s.storageError(w, refusal.status, refusal.code, refusal.message)
		return
	}
	if fault.at(After) && s.trigger(w, r, fault, cleared) {
		return
	}
	w.Header().Set("ETag", got.etag)
	w.WriteHeader(http.StatusOK)
}

// storageRefusal is an S3 error.
type storageRefusal struct {
	status        int
	code, message string
}

// admitPart checks what S3 checks before it reads a body.
func (s *Server) admitPart(r *http.Request, number int) (*upload, *storageRefusal) {
	if r.Header.Get("Authorization") != "" {
		s.violation(CredentialsToStorage, r, "a part carried an Authorization header")
		return nil, &storageRefusal{http.StatusBadRequest, "InvalidArgument",
			"Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"}
	}
	if r.ContentLength < 0 || len(r.TransferEncoding) > 0 {
		s.violation(Chunked, r, "a part came without Content-Length")
		return nil, &storageRefusal{http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header."}
	}
	for name := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			s.violation(UnsignedHeader, r, "a part carried the unsigned header "+name)
			return nil, &storageRefusal{http.StatusForbidden, "AccessDenied", "There were headers present in the request which were not signed"}
		}
	}
	q := r.URL.Query()
	until := q.Get("X-Amz-Expires")
	id := r.PathValue("upload")
	if !sameText(q.Get("X-Amz-Signature"), s.sign("PUT", id, strconv.Itoa(number), until)) {
		return nil, &storageRefusal{http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."}
	}
	ms, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !time.Now().Before(time.UnixMilli(ms)) {
		return nil, &storageRefusal{http.StatusForbidden, "AccessDenied", "Request has expired"}
	}
	if r.ContentLength > maxPartSize {
		return nil, &storageRefusal{http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.uploads[id]
	if u == nil || u.status != statusPending {
		return nil, noSuchUpload()
	}
	return u, nil
}

func noSuchUpload() *storageRefusal {
	return &storageRefusal{http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."}
}

// receive reads a part's body into a file of its own; what breaks off leaves nothing.
// In the middle of the body, middle is called where it is not nil; when it returns true
// the request is over.
func (s *Server) receive(r *http.Request, u *upload, middle func() bool) (got *part, over bool, err error) {
	got = &part{}
	var sinks []io.Writer
	if !s.o.Discard {
		var f *os.File // err below is the result, for the deferred clean-up to see
		if f, err = os.CreateTemp(s.uploadDir(u.id), "arriving-"); err != nil {
			return got, false, err
		}
		got.file = f.Name()
		defer func() {
			err = errors.Join(err, f.Close())
			if over || err != nil {
				err = errors.Join(err, os.Remove(got.file))
			}
		}()
		sinks = append(sinks, f)
	}
	etag := md5.New()
	if !s.o.Behavior.OpaqueETag {
		sinks = append(sinks, etag)
	}
	var sum hash.Hash
	if s.o.Discard {
		sum = sha256.New()
		sinks = append(sinks, sum)
	}
	w := io.MultiWriter(sinks...)
	read := func(body io.Reader) error {
		n, err := s.copy(w, body)
		got.size += n
		s.mu.Lock()
		u.bytes += n
		s.mu.Unlock()
		return err
	}
	if middle != nil {
		if err = read(io.LimitReader(r.Body, r.ContentLength/2)); err != nil {
			return got, false, err
		}
		if middle() {
			return got, true, nil
		}
	}
	err = read(r.Body)
	if err == nil && got.size != r.ContentLength {
		err = fmt.Errorf("%d of %d bytes: %w", got.size, r.ContentLength, io.ErrUnexpectedEOF)
	}
	if sum != nil {
		got.sha256 = hexSum(sum)
	}
	got.etag = `"` + hexSum(etag) + `"`
	if s.o.Behavior.OpaqueETag {
		got.etag = `"` + strings.ToLower(rand.Text()) + `-1"`
	}
	return got, false, err
}

// keepPart makes a received part the one that counts: the last write wins.
func (s *Server) keepPart(u *upload, number int, got *part) *storageRefusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	refusal := (*storageRefusal)(nil)
	switch {
	case s.state.uploads[u.id] == nil || u.status != statusPending:
		refusal = noSuchUpload()
	case u.completing:
		refusal = &storageRefusal{http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."}
	}
	if refusal == nil && got.file != "" {
		name := filepath.Join(s.uploadDir(u.id), fmt.Sprintf("%05d", number))
		if err := os.Rename(got.file, name); err != nil {
			s.log.Error("the stand-in could not keep a part", "error", err)
			refusal = &storageRefusal{http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again."}
		} else {
			got.file = name
		}
	}
	if refusal != nil {
		if got.file != "" {
			if err := os.Remove(got.file); err != nil {
				s.log.Warn("a part's file could not be removed", "error", err)
			}
		}
		return refusal
	}
	if before := u.parts[number]; before != nil {
		got.puts = before.puts
	}
	got.puts++
	u.parts[number] = got
	u.updated = time.Now()
	s.keep(s.partAsRecord(u, number, got))
	return nil
}

// getObject serves an asset's url, with its own signature.
func (s *Server) getObject(w http.ResponseWriter, r *http.Request) {
	if !s.requests.enter(OpDownload) {
		return
	}
	defer s.requests.leave(OpDownload)
	fault, cleared := s.faults.take(OpDownload, 0, "")
	if fault != nil && s.trigger(w, r, fault, cleared) {
		return
	}
	if r.Header.Get("Authorization") != "" {
		s.violation(CredentialsToStorage, r, "a download came with an Authorization header")
	}
	id, query := r.PathValue("id"), r.URL.Query()
	if s.o.Behavior.RedirectDownloads && !query.Has("node") {
		query.Set("node", "2")
		http.Redirect(w, r, objectPath+id+"?"+query.Encode(), http.StatusFound)
		return
	}
	asConverted := query.Get("as") == "converted"
	signed := s.sign("GET", id)
	if asConverted {
		signed = s.sign("GET", id, "converted")
	}
	s.mu.Lock()
	e := s.state.entity(id)
	s.mu.Unlock()
	if e == nil || !sameText(query.Get("Signature"), signed) || s.o.Discard {
		s.storageError(w, http.StatusForbidden, "AccessDenied", "Access denied")
		return
	}
	body, err := s.storage.open(r.Context(), e.object)
	if err != nil {
		s.log.Error("the stand-in could not open an object", "id", id, "error", err)
		s.storageError(w, http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
		return
	}
	defer func() {
		if err := body.Close(); err != nil {
			s.log.Warn("closing an object", "id", id, "error", err)
		}
	}()
	w.Header().Set("Content-Type", e.mime)
	before := ""
	if asConverted {
		before = converted
	}
	w.Header().Set("Content-Length", strconv.FormatInt(int64(len(before))+e.size, 10))
	if _, err := s.copy(w, io.MultiReader(strings.NewReader(before), body)); err != nil {
		s.log.Debug("a download broke off", "id", id, "error", err)
	}
}
