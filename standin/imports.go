package standin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
)

// copyBuffer is what one transfer holds in memory.
const copyBuffer = 256 << 10

// setImporting starts the upload's way to its import.
func (s *Server) setImporting(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.completing = false
	u.entityID = newID(entityPrefix(u.kind))
	if s.o.Behavior.JobID {
		u.jobID = newID("job")
		s.state.jobs[u.jobID] = u
	}
	status := statusImported
	if len(s.o.Behavior.Statuses) > 0 {
		status = s.o.Behavior.Statuses[0]
	} else if s.o.ImportDelay >= 0 {
		status = "validating" // the work takes its time even when no status is played
	}
	s.setStatus(u, status)
}

// setStatus needs Server.mu.
func (s *Server) setStatus(u *upload, status string) {
	u.status = status
	u.updated = time.Now()
	job := "in-progress"
	switch status {
	case statusImported:
		job = "success"
	case statusFailed:
		job = "failure"
	}
	if n := len(u.steps); n == 0 || u.steps[n-1].Status != job {
		u.steps = append(u.steps, jobStep{Date: isoTime(u.updated), Status: job})
	}
	if s.state.uploads[u.id] == u { // it was not deleted meanwhile
		s.keep(uploadAsRecord(u))
	}
}

func (s *Server) fail(u *upload, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.completing = false
	u.message = message
	s.setStatus(u, statusFailed)
}

// importObject takes a completed upload through the played statuses to its entity. It
// ends early, leaving the upload where it is, when ctx is done.
func (s *Server) importObject(ctx context.Context, u *upload, obj object) {
	sum, err := s.validate(ctx, u, obj)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.log.Info("stand-in refuses an upload", "upload", u.id, "error", err)
		s.fail(u, err.Error())
		return
	}
	if s.o.ImportDelay < 0 {
		s.makeEntity(u, obj, sum)
		return
	}
	if s.o.Behavior.EarlyEntityID {
		s.addEntity(u, obj, sum)
	}
	for _, status := range s.o.Behavior.Statuses {
		s.mu.Lock()
		s.setStatus(u, status)
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.o.ImportDelay / time.Duration(len(s.o.Behavior.Statuses))):
		}
	}
	s.makeEntity(u, obj, sum)
}

// makeEntity ends an import.
func (s *Server) makeEntity(u *upload, obj object, sum string) {
	s.addEntity(u, obj, sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.Behavior.StaysComplete {
		s.setStatus(u, statusComplete)
		return
	}
	s.setStatus(u, statusImported)
}

// validate reads what was assembled and returns its SHA-256 in hex, "" when the bytes
// were not kept. The error is in words for errorMessage.
func (s *Server) validate(ctx context.Context, u *upload, obj object) (string, error) {
	if obj.size != u.size {
		return "", fmt.Errorf("file size mismatch: %d bytes were declared, %d received", u.size, obj.size)
	}
	if obj.size == 0 {
		return "", errors.New("the file is empty")
	}
	if s.o.Discard || s.o.NoHash {
		return "", nil
	}
	return s.hashObject(ctx, obj)
}

func (s *Server) hashObject(ctx context.Context, obj object) (sum string, err error) {
	body, err := s.storage.open(ctx, obj)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	h := sha256.New()
	n, err := s.copy(h, &ctxReader{ctx, body})
	if err != nil {
		return "", err
	}
	if n != obj.size {
		return "", fmt.Errorf("the stored object has %d bytes, not %d", n, obj.size)
	}
	return hexSum(h), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// copy is io.Copy through a buffer that is used again. The plain Writer keeps the
// destination from bringing its own.
func (s *Server) copy(w io.Writer, r io.Reader) (int64, error) {
	buf := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{w}, r, *buf)
}

// ctxReader stops reading when its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
