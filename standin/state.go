package standin

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"
)

// authorID is who all entities are by.
const authorID = "user_standin"

// state is all records, guarded by Server.mu. The slices keep the order of birth.
type state struct {
	uploads     map[string]*upload
	uploadOrder []*upload
	assets      map[string]*entity
	models      map[string]*entity
	entityOrder []*entity
	collections map[string]*collection
	collOrder   []*collection
	jobs        map[string]*upload
	violations  []Violation
}

// entity is an asset or a model. Only its collections change after its birth.
type entity struct {
	id, project, kind, name, mime, sha256, parentID, uploadID string
	size                                                      int64
	hide                                                      bool
	created                                                   time.Time
	object                                                    object
	tags                                                      []string
	model                                                     bool
}

type collection struct {
	id, project, name string
	created, updated  time.Time
	assets, models    []string
}

func newState() state {
	return state{
		uploads: map[string]*upload{}, assets: map[string]*entity{}, models: map[string]*entity{},
		collections: map[string]*collection{}, jobs: map[string]*upload{},
	}
}

func (st *state) addUpload(u *upload) {
	st.uploads[u.id] = u
	st.uploadOrder = append(st.uploadOrder, u)
}

func (st *state) addCollection(c *collection) {
	st.collections[c.id] = c
	st.collOrder = append(st.collOrder, c)
}

func (st *state) entity(id string) *entity {
	if e := st.assets[id]; e != nil {
		return e
	}
	return st.models[id]
}

func (st *state) addEntity(e *entity) {
	if e.model {
		st.models[e.id] = e
	} else {
		st.assets[e.id] = e
	}
	st.entityOrder = append(st.entityOrder, e)
}

// collectionsOf are the ids of the collections an entity is in, in their order.
func (st *state) collectionsOf(id string) []string {
	ids := []string{}
	for _, c := range st.collOrder {
		if slices.Contains(c.assets, id) || slices.Contains(c.models, id) {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// addEntity makes the upload's asset or model, once, and puts it into its collections.
func (s *Server) addEntity(u *upload, obj object, sum string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.entityMade || u.deleted {
		return
	}
	u.entityMade = true
	e := &entity{
		id: u.entityID, project: u.project, kind: u.kind, name: u.fileName, mime: u.mime, sha256: sum,
		uploadID: u.id, size: obj.size, created: time.Now(), object: obj, model: u.kind == "model",
	}
	var collections []string
	if u.options != nil {
		e.hide, e.parentID, collections = u.options.Hide, u.options.ParentID, u.options.CollectionIDs
	}
	s.state.addEntity(e)
	records := []record{s.entityAsRecord(e)}
	if u.id != "" {
		records = append(records, uploadAsRecord(u))
	}
	s.keep(append(records, s.state.join(e, collections)...)...)
}

// join puts an asset into collections and returns the records of that; collections that
// were deleted meanwhile are left out.
func (st *state) join(e *entity, collections []string) (records []record) {
	for _, id := range collections {
		if c := st.collections[id]; c != nil && !slices.Contains(c.assets, e.id) {
			c.assets = append(c.assets, e.id)
			c.updated = time.Now()
			records = append(records, record{Members: &membersRecord{Collection: id, At: c.updated, Assets: []string{e.id}}})
		}
	}
	return records
}

// Delete forgets an upload, asset, model or collection, as if a person had deleted it on
// Scenario, and reports whether it was there. The account no longer shows it. An upload
// that is being imported becomes no asset any more.
func (s *Server) Delete(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.state.delete(id) {
		return false
	}
	s.keep(record{Deleted: id})
	return true
}

func (st *state) delete(id string) bool {
	switch {
	case st.uploads[id] != nil:
		u := st.uploads[id]
		u.deleted = true
		delete(st.uploads, id)
		st.uploadOrder = slices.DeleteFunc(st.uploadOrder, func(x *upload) bool { return x == u })
	case st.entity(id) != nil:
		delete(st.assets, id)
		delete(st.models, id)
		st.entityOrder = slices.DeleteFunc(st.entityOrder, func(e *entity) bool { return e.id == id })
		for _, c := range st.collOrder {
			c.assets = slices.DeleteFunc(c.assets, func(x string) bool { return x == id })
			c.models = slices.DeleteFunc(c.models, func(x string) bool { return x == id })
		}
	case st.collections[id] != nil:
		delete(st.collections, id)
		st.collOrder = slices.DeleteFunc(st.collOrder, func(c *collection) bool { return c.id == id })
	default:
		return false
	}
	return true
}

// newID makes an id in the API's manner, such as asset_GTrL3mq4SXWyMxkOHRxlpw.
func newID(prefix string) string { return prefix + "_" + rand.Text() }

func entityPrefix(uploadKind string) string {
	if uploadKind == "model" {
		return "model"
	}
	return "asset"
}

// assetKind is the asset's kind: the uploads' kinds asset and avatar are none.
func assetKind(uploadKind, mime string) string {
	switch uploadKind {
	case "avatar":
		return "image"
	case "asset":
	default:
		return uploadKind
	}
	class, _, _ := strings.Cut(mime, "/")
	switch {
	case class == "image" || class == "audio" || class == "video" || class == "text":
		return class
	case class == "model":
		return "3d"
	case mime == "application/json":
		return "json"
	default:
		return "document"
	}
}

// assetType is metadata.type and source of an uploaded asset.
func assetType(uploadKind string) string {
	switch uploadKind {
	case "3d", "audio", "avatar", "text", "video":
		return "uploaded-" + uploadKind
	default:
		return "uploaded"
	}
}
