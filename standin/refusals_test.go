package standin

import (
	"strings"
	"testing"
)

// What the real API was seen to say is said word for word, and to one kind only if asked.
func TestFaultsInTheAPIsOwnWords(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	s.Inject(Fault{Op: OpCreate, Kind: "model", Do: DoStatus, Status: 403, Body: GatewayForbidden, Times: -1})
	s.Inject(Fault{Op: OpCollectionCreate, Do: DoStatus, Status: 429, Body: PlanLimitReached})
	if r := c.do("POST", "/uploads", newUploadBody("model", "a.bin", 1, 1, nil)); r.status != 403 || string(r.body) != GatewayForbidden {
		t.Errorf("a model: %d %s", r.status, r.body)
	}
	if r := c.do("POST", "/uploads", newUploadBody("image", "a.png", 1, 1, nil)); r.status != 200 {
		t.Errorf("an image: %d %s", r.status, r.body)
	}
	if r := c.do("POST", "/collections", map[string]any{"name": "x"}); r.status != 429 || string(r.body) != PlanLimitReached {
		t.Errorf("a collection: %d %s", r.status, r.body)
	}
}

func TestTeams(t *testing.T) {
	s := start(t, Options{Projects: []string{"proj_mine"}})
	c := newClient(t, s)
	if r := c.do("GET", "/teams", nil); r.status != 200 || !strings.Contains(string(r.body), `"proj_mine"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// Each answer to a parent that is not there.
func TestUnknownParent(t *testing.T) {
	for status, names := range map[int]bool{400: true, 404: false, 422: false} {
		s := start(t, Options{Behavior: Behavior{UnknownParent: status}})
		c := newClient(t, s)
		body := newUploadBody("image", "a.png", 1, 1, &assetOptions{ParentID: "asset_gone"})
		if r := c.do("POST", "/uploads", body); r.status != status || strings.Contains(string(r.body), "asset_gone") != names {
			t.Errorf("%d: %d %s", status, r.status, r.body)
		}
	}
}

func TestStaysComplete(t *testing.T) {
	s := start(t, Options{ImportDelay: -1, Behavior: Behavior{StaysComplete: true}})
	c := newClient(t, s)
	u := c.create("image", "a.png", 3, 1, nil)
	c.want(c.put(u.Parts[0].URL, []byte("abc")), 200, nil)
	if r := c.do("POST", "/uploads/"+u.ID+"/action", map[string]string{"action": "complete"}); !strings.Contains(string(r.body), `"status":"complete"`) ||
		!strings.Contains(string(r.body), `"entityId":"asset_`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}
