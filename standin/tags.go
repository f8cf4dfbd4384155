package standin

import (
	"net/http"
	"slices"
)

// tagAsset adds and takes away tags. Without strict what is so already is no error.
func (s *Server) tagAsset(r *apiRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.state.assets[r.id]
	if e == nil || e.project != r.project {
		return nil, notFound("asset", r.id)
	}
	return s.tag(r, e)
}

// tagModel is tagAsset for models, which Scenario may not have: Behavior.NoModelTags.
func (s *Server) tagModel(r *apiRequest) (any, error) {
	if s.o.Behavior.NoModelTags {
		return nil, &apiError{http.StatusNotFound, "no such call: PUT /models/{id}/tags"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.state.models[r.id]
	if e == nil || e.project != r.project {
		return nil, notFound("model", r.id)
	}
	return s.tag(r, e)
}

// tag changes all or nothing. It needs Server.mu.
func (s *Server) tag(r *apiRequest, e *entity) (any, error) {
	var body struct {
		Add    []string `json:"add"`
		Delete []string `json:"delete"`
		Strict *bool    `json:"strict"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	strict := body.Strict == nil || *body.Strict
	after, added, deleted := slices.Clone(e.tags), []string{}, []string{}
	for _, t := range body.Add {
		switch {
		case t == "":
			return nil, badRequest("a tag is empty")
		case !slices.Contains(after, t):
			after, added = append(after, t), append(added, t)
		case strict:
			return nil, badRequest("the tag %q is there already", t)
		}
	}
	for _, t := range body.Delete {
		switch i := slices.Index(after, t); {
		case i >= 0:
			after, deleted = slices.Delete(after, i, i+1), append(deleted, t)
		case strict:
			return nil, badRequest("there is no tag %q", t)
		}
	}
	e.tags = after
	s.keep(record{Tags: &tagsRecord{Entity: e.id, Tags: after}})
	return map[string]any{"added": added, "deleted": deleted}, nil
}
