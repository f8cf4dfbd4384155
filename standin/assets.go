package standin

import (
	"time"
)

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
	if s.o.Behavior.Unknown {
		kind = "hologram"
	}
	metadata := map[string]any{"kind": kind, "type": assetType(e.kind), "name": e.name}
	if e.parentID != "" {
		metadata["parentId"] = e.parentID
	}
	properties := map[string]any{"size": e.size}
	asConverted := s.o.Behavior.Converted && !(s.o.Behavior.Originals && r.query.Get("originalAssets") == "true")
	if asConverted {
		properties["size"] = e.size + int64(len(converted))
	}
	if s.o.Behavior.NoAssetSize {
		properties = map[string]any{}
	}
	record := assetWire{
		ID: e.id, AuthorID: authorID, OwnerID: e.project, CreatedAt: isoTime(e.created), UpdatedAt: isoTime(e.created),
		CollectionIDs: s.state.collectionsOf(e.id), EditCapabilities: []string{}, Kind: kind, Metadata: metadata,
		MIMEType: e.mime, Privacy: "private", Properties: properties, Source: assetType(e.kind),
		Status: "success", Tags: append([]string{}, e.tags...), URL: s.objectURL(r.origin, e.id, asConverted), IsHidden: e.hide,
	}
	if asConverted && s.o.Behavior.Originals {
		record.MIMEType = convertedMIME
	}
	if s.o.Behavior.Converted && s.o.Behavior.Originals {
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
