package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Bounds of POST /assets/get-bulk.
const (
	maxBulkIDs    = 200
	maxBulkAnswer = 6_000_000 // bytes
)

// getAssets answers with the assets of a list that there are. Those that there are not, or
// that are of another project, are just not in it.
func (s *Server) getAssets(r *apiRequest) (any, error) {
	if s.o.Behavior.NoAssetBulk {
		return nil, &apiError{http.StatusNotFound, "no such call: POST /assets/get-bulk"}
	}
	var body struct {
		AssetIDs []string `json:"assetIds"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if n := len(body.AssetIDs); n < 1 || n > maxBulkIDs {
		return nil, badRequest("assetIds must be 1 to %d ids", maxBulkIDs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []assetWire{}
	told := map[string]bool{}
	for _, id := range body.AssetIDs {
		if e := s.state.assets[id]; e != nil && e.project == r.project && !told[id] {
			told[id] = true
			found = append(found, s.assetRecord(e, r))
		}
	}
	answer := map[string]any{"assets": found}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("measure the answer: %w", err)
	}
	limit := s.o.Behavior.MaxBulkAnswer
	if limit == 0 {
		limit = maxBulkAnswer
	}
	if len(text) > limit {
		return nil, &apiError{http.StatusRequestEntityTooLarge, "the answer is too large; ask for fewer assets"}
	}
	return answer, nil
}
