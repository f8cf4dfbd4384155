package scenario

import (
	"net/http"
	"strings"
	"testing"
)

// A 403 is the key's fault only if no other call works.
func TestForbids(t *testing.T) {
	const (
		no   = `{"message":"API Keys cannot access protected resources"}`
		mine = `{"teams":[{"id":"team_1","projects":[{"id":"proj_mine","name":"Mine"}]}]}`
	)
	for name, c := range map[string]struct {
		collections, assets, teams http.HandlerFunc
		want                       Class
	}{
		"lists collections":     {jsonAnswer(`{"collections":[]}`), nil, nil, Forbidden},
		"lists assets":          {answers(403, "application/json", no), jsonAnswer(`{"assets":[]}`), nil, Forbidden},
		"lists only its teams":  {answers(403, "application/json", no), answers(404, "", ""), jsonAnswer(mine), Forbidden},
		"of another project":    {answers(403, "application/json", no), answers(403, "application/json", no), jsonAnswer(`{"teams":[{"projects":[{"id":"proj_other"}]}]}`), Refused},
		"does nothing at all":   {answers(403, "application/json", no), answers(403, "application/json", no), answers(403, "application/json", no), Refused},
		"is not known any more": {answers(401, "application/json", no), nil, nil, Refused},
		"cannot be asked now":   {answers(500, "", ""), nil, nil, ServerFault},
		"has a plan's limit":    {answers(429, "application/json", `{"name":"PlanLimitReachedError"}`), nil, nil, Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			client := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h := c.collections
				switch {
				case strings.HasSuffix(r.URL.Path, "/assets"):
					h = c.assets
				case strings.HasSuffix(r.URL.Path, "/teams"):
					h = c.teams
					if r.URL.Query().Has("projectId") {
						t.Error("the teams are asked for by a project, which may not be the key's")
					}
				}
				if h == nil {
					t.Errorf("%s is asked for without need", r.URL.Path)
					return
				}
				h(w, r)
			}))
			client.projectID = "proj_mine"
			err := client.Forbids(t.Context(), &Error{Op: "op", Class: Forbidden, Status: 403})
			if got := ClassOf(err); got != c.want {
				t.Errorf("%v, want class %v", err, c.want)
			}
		})
	}
	other := &Error{Class: Rejected}
	if got := (&Client{}).Forbids(t.Context(), other); got != error(other) {
		t.Errorf("what is no 403 became %v", got)
	}
}
