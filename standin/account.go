package standin

import (
	"net/http"
	"slices"
	"time"
)

// Account is what the server holds and what was asked of it, at one moment.
type Account struct {
	Uploads     []Upload       `json:"uploads"` // in order of creation
	Assets      []Entity       `json:"assets"`
	Models      []Entity       `json:"models"`
	Collections []Collection   `json:"collections"`
	Requests    map[string]int `json:"requests"`      // by op, refused and faulted ones included
	Peak        map[string]int `json:"peak"`          // by op: most requests at the same time
	RateLimited int            `json:"rateLimited"`   // requests answered 429 by the rate limit
	Fired       int            `json:"fired"`         // faults that struck
	Received    int64          `json:"bytesReceived"` // of parts, also of those that broke off
	Violations  []Violation    `json:"violations"`
}

// Upload is one upload's record.
type Upload struct {
	ID           string   `json:"id"`
	Project      string   `json:"project"`
	Kind         string   `json:"kind"`
	FileName     string   `json:"fileName"`
	MIME         string   `json:"mime"`
	Size         int64    `json:"size"` // as declared
	Status       string   `json:"status"`
	EntityID     string   `json:"entityId,omitempty"` // "" until the asset or model exists
	ErrorMessage string   `json:"errorMessage,omitempty"`
	PartCount    int      `json:"partCount"` // as declared
	Parts        []Part   `json:"parts"`     // received, by number
	Received     int64    `json:"bytesReceived"`
	Collections  []string `json:"collections,omitempty"`
}

// Part is a received part. With a real S3 server as storage, parts are seen only when
// the upload is completed, and Puts is 1.
type Part struct {
	Number int    `json:"number"`
	Size   int64  `json:"size"`
	Puts   int    `json:"puts"`             // how often it was received whole
	SHA256 string `json:"sha256,omitempty"` // only with Options.Discard
}

// Entity is an asset or a model.
type Entity struct {
	ID          string    `json:"id"`
	Project     string    `json:"project"`
	Kind        string    `json:"kind"` // the upload's kind
	Name        string    `json:"name"`
	SHA256      string    `json:"sha256"` // hex; "" with Options.Discard
	Size        int64     `json:"size"`
	MIME        string    `json:"mime"`
	Collections []string  `json:"collections"` // ids
	Tags        []string  `json:"tags"`
	ParentID    string    `json:"parentId,omitempty"`
	Hide        bool      `json:"hide,omitempty"`
	UploadID    string    `json:"uploadId,omitempty"` // "" for POST /assets
	CreatedAt   time.Time `json:"createdAt"`
}

// Collection is a collection with its members' ids.
type Collection struct {
	ID      string   `json:"id"`
	Project string   `json:"project"`
	Name    string   `json:"name"`
	Assets  []string `json:"assets"`
	Models  []string `json:"models"`
}

// Kinds of Violation.
const (
	CredentialsToStorage = "credentials-to-storage" // an Authorization header on a part
	Chunked              = "chunked"                // a part without Content-Length
	UnsignedHeader       = "unsigned-header"        // an x-amz-* header on a part
	RedirectFollowed     = "redirect-followed"      // a 3xx of a fault was followed
)

// Violation is something a client must never do.
type Violation struct {
	Kind   string    `json:"kind"`
	Detail string    `json:"detail"`
	Path   string    `json:"path"`
	At     time.Time `json:"at"`
}

// BySHA256 groups assets and models by content. More than one in a group is what must
// never happen within a project and kind.
func (a Account) BySHA256() map[string][]Entity {
	groups := map[string][]Entity{}
	for _, e := range slices.Concat(a.Assets, a.Models) {
		groups[e.SHA256] = append(groups[e.SHA256], e)
	}
	return groups
}

// Collection returns the collection with this name, the oldest where there are several.
func (a Account) Collection(name string) (Collection, bool) {
	i := slices.IndexFunc(a.Collections, func(c Collection) bool { return c.Name == name })
	if i < 0 {
		return Collection{}, false
	}
	return a.Collections[i], true
}

// Account returns a copy; it does not change later.
func (s *Server) Account() Account {
	a := Account{Uploads: []Upload{}, Assets: []Entity{}, Models: []Entity{}, Collections: []Collection{}, Violations: []Violation{}}
	a.Requests, a.Peak, a.RateLimited = s.requests.snapshot()
	a.Fired = s.faults.firedCount()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.state.uploadOrder {
		up := u.account()
		a.Received += up.Received
		a.Uploads = append(a.Uploads, up)
	}
	members := map[string][]string{}
	for _, c := range s.state.collOrder {
		a.Collections = append(a.Collections, Collection{
			ID: c.id, Project: c.project, Name: c.name,
			Assets: append([]string{}, c.assets...), Models: append([]string{}, c.models...),
		})
		for _, id := range slices.Concat(c.assets, c.models) {
			members[id] = append(members[id], c.id)
		}
	}
	for _, e := range s.state.entityOrder {
		out := Entity{
			ID: e.id, Project: e.project, Kind: e.kind, Name: e.name, SHA256: e.sha256, Size: e.size, MIME: e.mime,
			Collections: append([]string{}, members[e.id]...), Tags: append([]string{}, e.tags...), ParentID: e.parentID, Hide: e.hide,
			UploadID: e.uploadID, CreatedAt: e.created,
		}
		if e.model {
			a.Models = append(a.Models, out)
		} else {
			a.Assets = append(a.Assets, out)
		}
	}
	a.Violations = append(a.Violations, s.state.violations...)
	return a
}

// account needs Server.mu.
func (u *upload) account() Upload {
	up := Upload{
		ID: u.id, Project: u.project, Kind: u.kind, FileName: u.fileName, MIME: u.mime, Size: u.size, Status: u.status,
		ErrorMessage: u.message, PartCount: u.count, Parts: make([]Part, 0, len(u.parts)), Received: u.bytes,
	}
	if u.entityMade {
		up.EntityID = u.entityID
	}
	if u.options != nil {
		up.Collections = slices.Clone(u.options.CollectionIDs)
	}
	for n, p := range u.parts {
		up.Parts = append(up.Parts, Part{Number: n, Size: p.size, Puts: p.puts, SHA256: p.sha256})
	}
	slices.SortFunc(up.Parts, func(a, b Part) int { return a.Number - b.Number })
	return up
}

func (s *Server) violation(kind string, r *http.Request, detail string) {
	s.log.Warn("a client did what it must not", "kind", kind, "detail", detail, "path", r.URL.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.violations = append(s.state.violations, Violation{Kind: kind, Detail: detail, Path: r.URL.Path, At: time.Now()})
}
