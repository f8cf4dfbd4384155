package fakescenario

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"scenario-drop/scenario"
)

// CreateUpload is that of scenario.Client.
func (s *Scenario) CreateUpload(ctx context.Context, n scenario.NewUpload) (made *scenario.Upload, err error) {
	err = s.call(ctx, Create, func() error {
		u := &upload{parts: map[int][]byte{}}
		if n.Options != nil {
			if n.Kind == "model" {
				return rejected(Create, "a model takes no options for assets")
			}
			u.options = *n.Options
		}
		for _, id := range u.options.CollectionIDs {
			if s.collection(id) == nil {
				return rejected(Create, "collection "+id+" not found")
			}
		}
		if id := u.options.ParentID; id != "" && s.asset(id) == nil {
			return rejected(Create, "parent asset "+id+" not found")
		}
		if n.FileName == "" || n.FileSize <= 0 || n.Parts < 1 || n.Parts > scenario.MaxParts {
			return rejected(Create, "fileName, fileSize and parts are required")
		}
		u.Upload = scenario.Upload{ID: s.id("upload"), Status: "pending", Kind: n.Kind, FileName: n.FileName, FileSize: n.FileSize, PartsCount: n.Parts, CollectionIDs: u.options.CollectionIDs}
		s.uploads[u.ID] = u
		made = s.record(u, true)
		return nil
	})
	return made, err
}

// record is what is told of an upload. It needs mu.
func (s *Scenario) record(u *upload, parts bool) *scenario.Upload {
	r := u.Upload
	if r.Status == "pending" && parts {
		expires := time.Now().Add(lifetime)
		if s.Expired {
			expires = time.Now().Add(-time.Hour)
		}
		u.checks++
		for n := 1; n <= u.PartsCount; n++ {
			r.Parts = append(r.Parts, scenario.Part{Number: n, URL: fmt.Sprintf("https://storage.invalid/%s/%d?fresh=%d", u.ID, n, u.checks), Expires: expires})
		}
	}
	if r.Status != "imported" && r.Status != "complete" && !s.EarlyEntityID {
		r.EntityID = ""
	}
	return &r
}

// GetUpload is that of scenario.Client.
func (s *Scenario) GetUpload(ctx context.Context, id string) (got *scenario.Upload, err error) {
	err = s.call(ctx, Get, func() error {
		u := s.uploads[id]
		if u == nil {
			return notFound(Get, "upload "+id)
		}
		if u.Status == "validating" {
			if u.checks++; u.checks > s.Working {
				s.imported(u)
			}
		}
		got = s.record(u, !s.NoPartsOnGet)
		return nil
	})
	return got, err
}

// CompleteUpload is that of scenario.Client.
func (s *Scenario) CompleteUpload(ctx context.Context, id string) (got *scenario.Upload, err error) {
	err = s.call(ctx, Complete, func() error {
		u := s.uploads[id]
		if u == nil {
			return notFound(Complete, "upload "+id)
		}
		if u.Status != "pending" {
			return rejected(Complete, "the upload is completed already")
		}
		var content []byte
		for n := 1; n <= u.PartsCount; n++ {
			part, ok := u.parts[n]
			if !ok {
				return rejected(Complete, fmt.Sprintf("part %d was not received", n))
			}
			content = append(content, part...)
		}
		if int64(len(content)) != u.FileSize {
			u.Status, u.ErrorMessage = "failed", fmt.Sprintf("file size mismatch: %d bytes were declared, %d received", u.FileSize, len(content))
		} else {
			s.make(u, content)
			if u.Status, u.checks = "validating", 0; s.Working == 0 {
				s.imported(u)
			}
		}
		got = s.record(u, false)
		return nil
	})
	return got, err
}

// make makes what comes of an upload. It needs mu.
func (s *Scenario) make(u *upload, content []byte) {
	if u.Kind == "model" {
		u.EntityID = s.id("model")
		s.models = append(s.models, &scenario.Model{ID: u.EntityID, Name: u.FileName, Status: "trained"})
		return
	}
	u.EntityID = s.id("asset")
	s.assets = append(s.assets, &asset{bytes: content, Asset: scenario.Asset{ID: u.EntityID, Name: u.FileName, Kind: u.Kind, Status: "success",
		CollectionIDs: slices.Clone(u.options.CollectionIDs), ParentID: u.options.ParentID, Hidden: u.options.Hide, Size: u.FileSize, CreatedAt: time.Now()}})
}

// imported ends an import. It needs mu.
func (s *Scenario) imported(u *upload) {
	if u.Status = "imported"; s.StaysComplete {
		u.Status = "complete"
	}
}

// PutPart is that of scenario.Storage.
func (s *Scenario) PutPart(ctx context.Context, p scenario.PutPart) (etag string, err error) {
	content, err := io.ReadAll(io.LimitReader(p.Body, p.Size+1))
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", &scenario.ReadError{Err: err}
	}
	if int64(len(content)) != p.Size {
		return "", &scenario.SizeError{Want: p.Size, Got: int64(len(content))}
	}
	err = s.call(ctx, Part, func() error {
		if s.Expired {
			return Status(Part, 403)
		}
		id, rest, _ := strings.Cut(strings.TrimPrefix(p.URL, "https://storage.invalid/"), "/")
		number := 0
		if _, err := fmt.Sscanf(rest, "%d?", &number); err != nil {
			return Status(Part, 403)
		}
		u := s.uploads[id]
		if u == nil || u.Status != "pending" {
			return Status(Part, 404)
		}
		u.parts[number] = content
		etag = fmt.Sprintf("%q", fmt.Sprintf("%s-%d", id, number))
		return nil
	})
	return etag, err
}
