package standin

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// maxParts is S3's and the API's limit of parts in one upload.
const maxParts = 10000

// Statuses of an upload.
const (
	statusPending  = "pending"
	statusComplete = "complete"
	statusImported = "imported"
	statusFailed   = "failed"
)

func uploadKinds() []string {
	return []string{"3d", "asset", "audio", "avatar", "image", "model", "text", "video"}
}

// upload is a record guarded by Server.mu, but for the fields set at its birth.
type upload struct {
	id, project, fileName, kind, mime string
	size                              int64
	count                             int // parts declared
	options                           *assetOptions
	storeID                           string // the id of a storage server of its own, where there is one
	created                           time.Time

	updated    time.Time
	status     string
	deleted    bool // while it was being imported, or before
	completing bool // between the checks of complete and its outcome
	entityID   string
	entityMade bool
	message    string
	jobID      string
	steps      []jobStep
	parts      map[int]*part // received, by number
	bytes      int64         // read of all bodies, also of those that broke off
}

// part is the last version received of one part.
type part struct {
	size   int64
	puts   int
	file   string // "" when its bytes are not ours to keep
	etag   string
	sha256 string // only where the bytes are discarded
}

func (s *Server) createUpload(r *apiRequest) (any, error) {
	var body struct {
		FileName     string        `json:"fileName"`
		FileSize     whole         `json:"fileSize"`
		ContentType  string        `json:"contentType"`
		Kind         string        `json:"kind"`
		Parts        whole         `json:"parts"`
		AssetOptions *assetOptions `json:"assetOptions"`
		URL          string        `json:"url"`
		Civitai      string        `json:"civitaiModelUrl"`
		HuggingFace  string        `json:"huggingFaceModelName"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	switch {
	case body.URL != "" || body.Civitai != "" || body.HuggingFace != "":
		return nil, badRequest("this stand-in imports nothing from elsewhere")
	case body.FileName == "":
		return nil, badRequest("fileName is required")
	case body.FileName != path.Base(body.FileName) || strings.ContainsAny(body.FileName, `\`):
		return nil, badRequest("fileName must be a name without a path")
	case !body.FileSize.set || body.FileSize.value < 0:
		return nil, badRequest("fileSize is required, in bytes")
	case body.ContentType == "" || strings.Contains(body.ContentType, ";") || !strings.Contains(body.ContentType, "/"):
		return nil, badRequest("contentType is required, a bare MIME type")
	case !slices.Contains(uploadKinds(), body.Kind):
		return nil, badRequest("kind must be one of %s", strings.Join(uploadKinds(), ", "))
	case !body.Parts.set || body.Parts.value < 1 || body.Parts.value > maxParts:
		return nil, badRequest("parts is required, 1 to %d", maxParts)
	case body.Kind == "model" && body.AssetOptions != nil:
		return nil, badRequest("assetOptions is not available for kind model")
	}
	u := &upload{
		id: newID("upload"), project: r.project, fileName: body.FileName, kind: body.Kind, mime: body.ContentType,
		size: body.FileSize.value, count: int(body.Parts.value), options: body.AssetOptions,
		created: time.Now(), updated: time.Now(), status: statusPending, parts: map[int]*part{},
	}
	if err := s.checkOptions(u); err != nil {
		return nil, err
	}
	if err := s.storage.begin(s.ctx, u); err != nil {
		return nil, fmt.Errorf("begin upload: %w", err)
	}
	s.mu.Lock()
	s.state.addUpload(u)
	s.keep(uploadAsRecord(u))
	s.mu.Unlock()
	return s.uploadAnswer(u, r.origin, true)
}

// checkOptions refuses collections and parents that are not there.
func (s *Server) checkOptions(u *upload) error {
	if u.options == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range u.options.CollectionIDs {
		if c := s.state.collections[id]; c == nil || c.project != u.project {
			return badRequest("collection %q not found", id)
		}
	}
	if id := u.options.ParentID; id != "" {
		if e := s.state.assets[id]; e == nil || e.project != u.project {
			return s.unknownParent(id)
		}
	}
	return nil
}

// unknownParent is the answer to a parent that is not there. Only one of its forms names it.
func (s *Server) unknownParent(id string) error {
	switch status := s.o.Behavior.UnknownParent; status {
	case 0, http.StatusBadRequest:
		return badRequest("parent asset %q not found", id)
	default:
		return &apiError{status, http.StatusText(status)}
	}
}

// findUpload returns the upload of this project.
func (s *Server) findUpload(project, id string) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.uploads[id]
	if u == nil || u.project != project {
		return nil, notFound("upload", id)
	}
	return u, nil
}

func (s *Server) getUpload(r *apiRequest) (any, error) {
	u, err := s.findUpload(r.project, r.id)
	if err != nil {
		return nil, err
	}
	return s.uploadAnswer(u, r.origin, !s.o.Behavior.NoPartsOnGet)
}

// uploadAnswer is the record as it stands; pending ones with fresh part URLs.
func (s *Server) uploadAnswer(u *upload, origin string, withParts bool) (any, error) {
	s.mu.Lock()
	rec := s.uploadRecord(u)
	s.mu.Unlock()
	if rec.Status == statusPending && withParts {
		rec.Parts = make([]partWire, u.count)
		expires := time.Now().Add(s.o.PartURLLifetime)
		for i := range rec.Parts {
			link, err := s.storage.partURL(s.ctx, origin, u, i+1, expires)
			if err != nil {
				return nil, fmt.Errorf("part URL: %w", err)
			}
			rec.Parts[i] = partWire{Number: i + 1, URL: link, Expires: expiresText(s.o.Behavior.Expires, expires)}
		}
		if s.o.Behavior.ShuffleParts {
			rand.Shuffle(len(rec.Parts), func(i, j int) { rec.Parts[i], rec.Parts[j] = rec.Parts[j], rec.Parts[i] })
		}
	}
	return map[string]any{"upload": rec}, nil
}

// uploadRecord needs Server.mu.
func (s *Server) uploadRecord(u *upload) uploadWire {
	rec := uploadWire{
		ID: u.id, AuthorID: authorID, OwnerID: u.project, CreatedAt: isoTime(u.created), UpdatedAt: isoTime(u.updated),
		FileName: u.fileName, OriginalFileName: u.fileName, Kind: u.kind, Source: "multipart", Status: u.status,
		ContentType: u.mime, FileSize: u.size, PartsCount: u.count, AssetOptions: u.options,
		ErrorMessage: u.message, JobID: u.jobID,
	}
	if u.entityMade && (u.status == statusImported || s.o.Behavior.EarlyEntityID || s.o.Behavior.StaysComplete) {
		rec.EntityID = u.entityID
	}
	return rec
}

func (s *Server) completeUpload(r *apiRequest) (any, error) {
	var body struct {
		Action string `json:"action"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if body.Action != "complete" {
		return nil, badRequest(`action must be "complete"`)
	}
	u, err := s.findUpload(r.project, r.id)
	if err != nil {
		return nil, err
	}
	if !s.claimCompletion(u) {
		if s.o.Behavior.Recomplete == http.StatusOK {
			return s.uploadAnswer(u, r.origin, true)
		}
		status := s.o.Behavior.Recomplete
		if status == 0 {
			status = http.StatusBadRequest
		}
		return nil, &apiError{status, "the upload is completed already"}
	}
	// From here on the work is bound to the server's life, not to the request's: a
	// client that loses the answer has completed the upload all the same.
	obj, problem, err := s.assemble(s.ctx, u)
	switch {
	case err != nil:
		s.releaseCompletion(u)
		return nil, fmt.Errorf("complete: %w", err)
	case problem != "" && s.o.Behavior.IncompleteFails:
		s.fail(u, problem)
		return s.uploadAnswer(u, r.origin, false)
	case problem != "":
		s.releaseCompletion(u)
		return nil, badRequest("%s", problem)
	}
	s.setImporting(u)
	if s.o.ImportDelay < 0 {
		s.importObject(s.ctx, u, obj)
		return s.uploadAnswer(u, r.origin, false)
	}
	answer, err := s.uploadAnswer(u, r.origin, false)
	s.importers.Go(func() { s.importObject(s.ctx, u, obj) })
	return answer, err
}

// claimCompletion lets exactly one caller complete an upload.
func (s *Server) claimCompletion(u *upload) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.status != statusPending || u.completing {
		return false
	}
	u.completing = true
	return true
}

func (s *Server) releaseCompletion(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.completing = false
}

// assemble checks the parts and makes one object of them. The problem is the client's.
func (s *Server) assemble(ctx context.Context, u *upload) (obj object, problem string, err error) {
	parts, err := s.storage.received(ctx, u)
	if err != nil {
		return object{}, "", err
	}
	for n := 1; n <= u.count; n++ {
		p, ok := parts[n]
		if !ok {
			return object{}, fmt.Sprintf("part %d of %d was not received", n, u.count), nil
		}
		if n < u.count && p.size < s.o.MinPartSize {
			return object{}, fmt.Sprintf("EntityTooSmall: part %d has %d bytes, all but the last need %d", n, p.size, s.o.MinPartSize), nil
		}
	}
	obj, err = s.storage.assemble(ctx, u, parts)
	return obj, "", err
}
