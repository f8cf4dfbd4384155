package standin

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultAssetPage is the page size of the list of assets where none is asked for.
const defaultAssetPage = 50

// listAssets pages through the project's assets, the newest first unless sortDirection
// is "asc". Filters that the API has and this server does not have are refused, so that
// no client passes for want of one.
func (s *Server) listAssets(r *apiRequest) (any, error) {
	if s.o.Behavior.NoAssetList {
		return nil, &apiError{http.StatusNotFound, "no such call: GET /assets"}
	}
	for _, key := range slices.Sorted(maps.Keys(r.query)) {
		switch key {
		case "projectId", "teamId", "collectionId", "pageSize", "paginationToken", "sortBy", "sortDirection", "type", "originalAssets":
		default:
			return nil, badRequest("the test server does not have %s", key)
		}
	}
	size := defaultAssetPage
	if text := r.query.Get("pageSize"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return nil, badRequest("pageSize must be 1 to %d", maxPage)
		}
		size = n
	}
	if by := r.query.Get("sortBy"); !slices.Contains([]string{"", "createdAt", "updatedAt"}, by) {
		return nil, badRequest("sortBy must be createdAt or updatedAt")
	}
	direction := r.query.Get("sortDirection")
	if !slices.Contains([]string{"", "asc", "desc"}, direction) {
		return nil, badRequest("sortDirection must be asc or desc")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, err := s.assetsOf(r)
	if err != nil {
		return nil, err
	}
	if direction != "asc" {
		slices.Reverse(rest)
	}
	if token := r.query.Get("paginationToken"); token != "" {
		from, err := base64.RawURLEncoding.DecodeString(token)
		i := slices.IndexFunc(rest, func(e *entity) bool { return e.id == strings.TrimPrefix(string(from), "after:") })
		if err != nil || i < 0 {
			return nil, badRequest("paginationToken is not valid")
		}
		rest = rest[i+1:]
	}
	page := make([]assetWire, 0, min(size, len(rest)))
	for _, e := range rest[:min(size, len(rest))] {
		page = append(page, s.assetRecord(e, r))
	}
	answer := map[string]any{"assets": page}
	if len(rest) > size {
		answer["nextPaginationToken"] = base64.RawURLEncoding.EncodeToString([]byte("after:" + rest[size-1].id))
	}
	return answer, nil
}

// assetsOf returns the assets that a request's filters let through, the oldest first. It
// needs Server.mu.
func (s *Server) assetsOf(r *apiRequest) ([]*entity, error) {
	within := map[string]bool{}
	if id := r.query.Get("collectionId"); id != "" {
		c := s.state.collections[id]
		if c == nil || c.project != r.project {
			return nil, notFound("collection", id)
		}
		for _, asset := range c.assets {
			within[asset] = true
		}
	}
	var all []*entity
	for _, e := range s.state.entityOrder {
		if e.model || e.project != r.project {
			continue
		}
		if r.query.Has("collectionId") && !within[e.id] || r.query.Has("type") && r.query.Get("type") != assetType(e.kind) {
			continue
		}
		if s.o.Behavior.ListedAfter > 0 && time.Since(e.created) < s.o.Behavior.ListedAfter {
			continue
		}
		all = append(all, e)
	}
	return all, nil
}

// Age makes everything that the server holds by now older, for tests of what was made long
// ago.
func (s *Server) Age(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.state.entityOrder {
		e.created = e.created.Add(-by)
	}
}
