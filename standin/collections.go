package standin

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPage = 10
	maxPage     = 100
	maxLink     = 49 // ids in one call that adds to a collection
)

func (s *Server) createCollection(r *apiRequest) (any, error) {
	var body struct {
		Name string `json:"name"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if body.Name == "" {
		return nil, badRequest("name is required")
	}
	c := s.newCollection(r.project, body.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"collection": s.collectionRecord(c, r.origin)}, nil
}

// findCollection needs Server.mu.
func (s *Server) findCollection(r *apiRequest) (*collection, error) {
	c := s.state.collections[r.id]
	if c == nil || c.project != r.project {
		return nil, notFound("collection", r.id)
	}
	return c, nil
}

func (s *Server) getCollection(r *apiRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.findCollection(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"collection": s.collectionRecord(c, r.origin)}, nil
}

// collectionRecord needs Server.mu.
func (s *Server) collectionRecord(c *collection, origin string) collectionWire {
	w := collectionWire{
		ID: c.id, Name: c.name, OwnerID: c.project, CreatedAt: isoTime(c.created), UpdatedAt: isoTime(c.updated),
		AssetCount: len(c.assets), ModelCount: len(c.models), ItemCount: len(c.assets) + len(c.models),
	}
	if len(c.assets) > 0 {
		w.Thumbnail = &thumbnailWire{AssetID: c.assets[0], URL: s.objectURL(origin, c.assets[0], s.o.Behavior.Converted)}
	}
	return w
}

// listCollections pages through the project's collections, the oldest first. The token
// names the last one shown, so that pages stay right when collections come and go.
func (s *Server) listCollections(r *apiRequest) (any, error) {
	size := defaultPage
	if text := r.query.Get("pageSize"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return nil, badRequest("pageSize must be 1 to %d", maxPage)
		}
		size = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(s.state.collOrder), func(c *collection) bool { return c.project != r.project })
	if token := r.query.Get("paginationToken"); token != "" {
		from, err := base64.RawURLEncoding.DecodeString(token)
		i := slices.IndexFunc(rest, func(c *collection) bool { return c.id == strings.TrimPrefix(string(from), "after:") })
		if err != nil || i < 0 {
			return nil, badRequest("paginationToken is not valid")
		}
		rest = rest[i+1:]
	}
	page := make([]collectionWire, 0, min(size, len(rest)))
	for _, c := range rest[:min(size, len(rest))] {
		page = append(page, s.collectionRecord(c, r.origin))
	}
	answer := map[string]any{"collections": page}
	if len(rest) > size {
		answer["nextPaginationToken"] = base64.RawURLEncoding.EncodeToString([]byte("after:" + rest[size-1].id))
	}
	return answer, nil
}

func (s *Server) linkAssets(r *apiRequest) (any, error) {
	var body struct {
		IDs []string `json:"assetIds"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	return s.link(r, body.IDs, "asset")
}

func (s *Server) linkModels(r *apiRequest) (any, error) {
	var body struct {
		IDs []string `json:"modelIds"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	return s.link(r, body.IDs, "model")
}

// link adds all ids or none.
func (s *Server) link(r *apiRequest, ids []string, what string) (any, error) {
	if len(ids) < 1 || len(ids) > maxLink {
		return nil, badRequest("%sIds must have 1 to %d ids", what, maxLink)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.findCollection(r)
	if err != nil {
		return nil, err
	}
	known, members := s.state.assets, &c.assets
	if what == "model" {
		known, members = s.state.models, &c.models
	}
	after := slices.Clone(*members)
	for _, id := range ids {
		if e := known[id]; e == nil || e.project != r.project {
			return nil, notFound(what, id)
		}
		if slices.Contains(after, id) {
			if s.o.Behavior.AddTwice == "error" {
				return nil, badRequest("%s %q is in the collection already", what, id)
			}
			continue
		}
		after = append(after, id)
	}
	added := after[len(*members):]
	*members = after
	c.updated = time.Now()
	joined := &membersRecord{Collection: c.id, At: c.updated, Assets: added}
	if what == "model" {
		joined.Assets, joined.Models = nil, added
	}
	s.keep(record{Members: joined})
	return map[string]any{"collection": s.collectionRecord(c, r.origin)}, nil
}
