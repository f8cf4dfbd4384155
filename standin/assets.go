package standin

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxInlineImage is the size below which POST /assets takes an image, in bytes.
const maxInlineImage = 6 << 20

func (s *Server) getAsset(r *apiRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.state.assets[r.id]
	if e == nil || e.project != r.project {
		return nil, notFound("asset", r.id)
	}
	return map[string]any{"asset": s.assetRecord(e, r)}, nil
}

// assetRecord is what a request is told of an asset. It needs Server.mu.
func (s *Server) assetRecord(e *entity, r *apiRequest) assetWire {
	kind := assetKind(e.kind, e.mime)
	if s.o.Play.Unknown {
		kind = "hologram"
	}
	metadata := map[string]any{"kind": kind, "type": assetType(e.kind), "name": e.name}
	if e.parentID != "" {
		metadata["parentId"] = e.parentID
	}
	properties := map[string]any{"size": e.size}
	asConverted := s.o.Play.Converted && !(s.o.Play.Originals && r.query.Get("originalAssets") == "true")
	if asConverted {
		properties["size"] = e.size + int64(len(converted))
	}
	if s.o.Play.NoAssetSize {
		properties = map[string]any{}
	}
	record := assetWire{
		ID: e.id, AuthorID: authorID, OwnerID: e.project, CreatedAt: isoTime(e.created), UpdatedAt: isoTime(e.created),
		CollectionIDs: s.state.collectionsOf(e.id), EditCapabilities: []string{}, Kind: kind, Metadata: metadata,
		MIMEType: e.mime, Privacy: "private", Properties: properties, Source: assetType(e.kind),
		Status: "success", Tags: append([]string{}, e.tags...), URL: s.objectURL(r.origin, e.id, asConverted), IsHidden: e.hide,
	}
	if asConverted && s.o.Play.Originals {
		record.MIMEType = convertedMIME
	}
	if s.o.Play.Converted && s.o.Play.Originals {
		record.OriginalFileURL, record.OriginalMIMEType = s.objectURL(r.origin, e.id, false), e.mime
	}
	return record
}

// converted is what comes before an asset's bytes in the converted form that is played.
const (
	converted     = "converted "
	convertedMIME = "application/x-converted"
)

// objectURL is a presigned URL of an entity's bytes, or of their converted form. It does not
// expire.
func (s *Server) objectURL(origin, id string, asConverted bool) string {
	if asConverted {
		return origin + objectPath + id + "?as=converted&Signature=" + s.sign("GET", id, "converted")
	}
	return origin + objectPath + id + "?Signature=" + s.sign("GET", id)
}

func (s *Server) getModel(r *apiRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.state.models[r.id]
	if e == nil || e.project != r.project {
		return nil, notFound("model", r.id)
	}
	return map[string]any{"model": modelWire{
		ID: e.id, Name: e.name, AuthorID: authorID, OwnerID: e.project, CreatedAt: isoTime(e.created), UpdatedAt: isoTime(e.created),
		Capabilities: []string{}, CollectionIDs: s.state.collectionsOf(e.id), Custom: true, ExampleAssetIDs: []string{},
		Privacy: "private", Source: "other", Status: "trained", Tags: append([]string{}, e.tags...), Type: "custom",
	}}, nil
}

// uploadAsset is the short way for small images.
func (s *Server) uploadAsset(r *apiRequest) (any, error) {
	if s.o.Play.NoAssetUpload {
		return nil, &apiError{http.StatusNotFound, "no such call: POST /assets"}
	}
	var body struct {
		Image         string   `json:"image"`
		Name          string   `json:"name"`
		CollectionIDs []string `json:"collectionIds"`
		Hide          bool     `json:"hide"`
		ParentID      string   `json:"parentId"`
	}
	image := cutImage(r)
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if body.Name == "" {
		return nil, badRequest("name is required")
	}
	if image == nil {
		image = []byte(body.Image)
	}
	data, mime, err := s.decodeImage(image)
	if err != nil {
		return nil, err
	}
	u := &upload{
		id: "", project: r.project, fileName: body.Name, kind: "image", mime: mime, entityID: newID("asset"),
		options: &assetOptions{CollectionIDs: body.CollectionIDs, Hide: body.Hide, ParentID: body.ParentID},
	}
	if err := s.checkOptions(u); err != nil {
		return nil, err
	}
	obj, sum := object{size: int64(len(data))}, ""
	if !s.o.Discard {
		if obj, err = s.storage.put(s.ctx, u.entityID, data); err != nil {
			return nil, fmt.Errorf("store image: %w", err)
		}
	}
	if !s.o.Discard && !s.o.NoHash {
		h := sha256.Sum256(data)
		sum = hex.EncodeToString(h[:])
	}
	s.addEntity(u, obj, sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.state.assets[u.entityID]
	if e == nil {
		return nil, notFound("asset", u.entityID) // deleted in this very moment
	}
	return map[string]any{"asset": s.assetRecord(e, r)}, nil
}

// cutImage takes the image's text, if it is plainly there, out of a body, for which JSON
// decoding would take longer than all else that is done here. What is left is checked as
// ever; nil: nothing was taken out.
func cutImage(r *apiRequest) []byte {
	const key = `"image":"`
	at := bytes.Index(r.body, []byte(key))
	if at < 0 {
		return nil
	}
	head, rest := r.body[:at+len(key)], r.body[at+len(key):]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil
	}
	image := rest[:end]
	r.body = append(slices.Clone(head), rest[end:]...)
	return image
}

// decodeImage reads plain base64 or a data URL.
func (s *Server) decodeImage(text []byte) (data []byte, mime string, err error) {
	if rest, ok := bytes.CutPrefix(text, []byte("data:")); ok {
		head, encoded, found := bytes.Cut(rest, []byte(";base64,"))
		if !found {
			return nil, "", badRequest("image is a data URL without base64")
		}
		mime, text = string(head), encoded
	}
	data = make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(data, text)
	if data = data[:n]; err != nil || n == 0 {
		return nil, "", badRequest("image is required, in base64")
	}
	if int64(n) >= cmp.Or(s.o.Play.MaxImage, maxInlineImage) {
		return nil, "", &apiError{http.StatusRequestEntityTooLarge, "image must be below 6 MB"}
	}
	if mime == "" {
		mime = http.DetectContentType(data)
	}
	if !strings.HasPrefix(mime, "image/") {
		return nil, "", badRequest("this is no image but %s", mime)
	}
	return data, mime, nil
}

func (s *Server) getJob(r *apiRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.jobs[r.id]
	if u == nil || u.project != r.project {
		return nil, notFound("job", r.id)
	}
	job := jobWire{
		JobID: u.jobID, JobType: "upload", OwnerID: u.project, CreatedAt: u.steps[0].Date, UpdatedAt: isoTime(u.updated),
		Metadata: map[string]any{}, StatusHistory: u.steps, Status: u.steps[len(u.steps)-1].Status,
	}
	if u.kind == "model" {
		job.JobType = "model-import"
	}
	switch {
	case u.status == statusFailed:
		job.Metadata["error"] = u.message
	case u.status == statusImported && u.kind == "model":
		job.Metadata["outputModelId"] = u.entityID
		job.Progress = 1
	case u.status == statusImported:
		job.Metadata["assetIds"] = []string{u.entityID}
		job.Progress = 1
	}
	return map[string]any{"job": job}, nil
}

// AddCollection makes a collection in the default project and returns its id, for tests
// that begin with one.
func (s *Server) AddCollection(name string) string {
	return s.newCollection(s.defaultProject(), name).id
}

func (s *Server) newCollection(project, name string) *collection {
	now := time.Now()
	c := &collection{id: newID("collection"), project: project, name: name, created: now, updated: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.addCollection(c)
	s.keep(collectionAsRecord(c))
	return c
}
