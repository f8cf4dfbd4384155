package standin

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sumOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func TestUploadHappyPath(t *testing.T) {
	s := start(t, Options{MinPartSize: 1, Dir: t.TempDir()})
	c := newClient(t, s)
	coll := s.AddCollection("Characters")
	parent := c.upload("image", "parent.png", []byte("parent"), nil)
	content := [][]byte{[]byte("first part,"), []byte("second,"), []byte("third")}
	whole := bytes.Join(content, nil)

	u := c.create("image", "hero.png", len(whole), 3, &assetOptions{CollectionIDs: []string{coll}, Hide: true, ParentID: parent.EntityID})
	if u.Status != statusPending || len(u.Parts) != 3 || u.EntityID != "" {
		t.Fatalf("new upload: %+v", u)
	}
	// In any order, and again: the last write wins.
	for _, i := range []int{2, 0, 1} {
		c.want(c.put(u.Parts[i].URL, []byte("to be written over")), 200, nil)
	}
	for i, part := range content {
		r := c.put(u.Parts[i].URL, part)
		c.want(r, 200, nil)
		if want := fmt.Sprintf(`"%x"`, md5.Sum(part)); r.header.Get("ETag") != want {
			t.Errorf("ETag %s, want %s", r.header.Get("ETag"), want)
		}
	}
	var done uploadAnswer
	c.want(c.complete(u.ID), 200, &done)
	if done.Upload.Status != "validating" || done.Upload.EntityID != "" || done.Upload.Parts != nil {
		t.Errorf("answer to complete: %+v", done.Upload)
	}
	u, _ = c.follow(u.ID, statusImported)

	a := s.Account()
	if len(a.Assets) != 2 || len(a.Violations) != 0 {
		t.Fatalf("account: %+v", a)
	}
	want := Entity{
		ID: u.EntityID, Project: DefaultProject, Kind: "image", Name: "hero.png", SHA256: sumOf(whole), Size: int64(len(whole)),
		MIME: "image/png", Collections: []string{coll}, Tags: []string{}, ParentID: parent.EntityID, Hide: true, UploadID: u.ID, CreatedAt: a.Assets[1].CreatedAt,
	}
	if d := cmp.Diff(want, a.Assets[1]); d != "" {
		t.Error(d)
	}
	up := a.Uploads[1]
	wantParts := []Part{{Number: 1, Size: 11, Puts: 2}, {Number: 2, Size: 7, Puts: 2}, {Number: 3, Size: 5, Puts: 2}}
	if d := cmp.Diff(wantParts, up.Parts); d != "" {
		t.Error(d)
	}
	if want := int64(3*len("to be written over") + len(whole)); up.Received != want {
		t.Errorf("received %d bytes, want %d", up.Received, want)
	}
	if got := a.Requests[OpPart]; got != 7 {
		t.Errorf("%d part requests", got)
	}

	// The asset tells the same, and its url gives the bytes.
	var asset struct{ Asset assetWire }
	c.want(c.do("GET", "/assets/"+u.EntityID, nil), 200, &asset)
	if !slices.Equal(asset.Asset.CollectionIDs, []string{coll}) || asset.Asset.Metadata["parentId"] != parent.EntityID || !asset.Asset.IsHidden {
		t.Errorf("asset: %+v", asset.Asset)
	}
	req, err := http.NewRequest("GET", asset.Asset.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.send(req); !bytes.Equal(r.body, whole) {
		t.Errorf("downloaded %q", r.body)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "uploads", "*", "arriving-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

func TestSameContentTwiceMakesTwoAssets(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	c.upload("image", "a.png", []byte("same"), nil)
	c.upload("image", "b.png", []byte("same"), nil)
	if n := len(s.Account().BySHA256()[sumOf([]byte("same"))]); n != 2 {
		t.Errorf("%d assets of one content; the hazard must be visible", n)
	}
}

func TestStatusesAreSeen(t *testing.T) {
	statuses := []string{"complete", "validating", "validated"}
	s := start(t, Options{ImportDelay: 600 * time.Millisecond, Behavior: Behavior{Statuses: statuses, JobID: true}})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1, 1, nil)
	c.want(c.put(u.Parts[0].URL, []byte("x")), 200, nil)
	var done uploadAnswer
	c.want(c.complete(u.ID), 200, &done)
	seen := []string{done.Upload.Status}
	_, more := c.follow(u.ID, statusImported)
	for _, st := range more {
		if !slices.Contains(seen, st) {
			seen = append(seen, st)
		}
	}
	// A slow machine may miss one between two polls, but never sees them out of order.
	order := append(slices.Clone(statuses), statusImported)
	if !slices.IsSortedFunc(seen, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }) || seen[0] != "complete" {
		t.Errorf("seen %v", seen)
	}
	var job struct{ Job jobWire }
	c.want(c.do("GET", "/jobs/"+done.Upload.JobID, nil), 200, &job)
	if job.Job.Status != "success" || len(job.Job.StatusHistory) != 2 {
		t.Errorf("job: %+v", job.Job)
	}
}

func TestImportBeforeTheAnswer(t *testing.T) {
	s := start(t, Options{ImportDelay: -1})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1, 1, nil)
	c.want(c.put(u.Parts[0].URL, []byte("x")), 200, nil)
	var done uploadAnswer
	c.want(c.complete(u.ID), 200, &done)
	if done.Upload.Status != statusImported || done.Upload.EntityID == "" {
		t.Errorf("answer: %+v", done.Upload)
	}
}

func TestCompleteRefusals(t *testing.T) {
	five := bytes.Repeat([]byte("x"), 5<<20)
	for _, tc := range []struct {
		name    string
		parts   map[int][]byte // by index; declared are two
		message string
	}{
		{"a part is missing", map[int][]byte{0: five}, "part 2 of 2 was not received"},
		{"nothing was sent", nil, "part 1 of 2 was not received"},
		{"the first is too small", map[int][]byte{0: []byte("x"), 1: []byte("y")}, "EntityTooSmall"},
	} {
		for _, fails := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, fails %v", tc.name, fails), func(t *testing.T) {
				s := start(t, Options{Behavior: Behavior{IncompleteFails: fails}})
				c := newClient(t, s)
				size := 0
				for _, p := range tc.parts {
					size += len(p)
				}
				u := c.create("image", "a.png", size, 2, nil)
				for i, p := range tc.parts {
					c.want(c.put(u.Parts[i].URL, p), 200, nil)
				}
				r := c.complete(u.ID)
				if fails {
					c.want(r, 200, nil)
					if got := c.get(u.ID); got.Status != statusFailed || !strings.Contains(got.ErrorMessage, tc.message) {
						t.Errorf("upload: %+v", got)
					}
					return
				}
				c.want(r, 400, nil)
				if !strings.Contains(string(r.body), tc.message) {
					t.Errorf("answer %s", r.body)
				}
				// What was missing can still be sent.
				pending := c.get(u.ID)
				c.want(c.put(pending.Parts[0].URL, five), 200, nil)
				c.want(c.put(pending.Parts[1].URL, five), 200, nil)
				if pending.Status != statusPending {
					t.Errorf("status %s", pending.Status)
				}
				c.want(c.complete(u.ID), 200, nil)
			})
		}
	}
}

func TestWrongSizeAndEmptyFail(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	for _, tc := range []struct {
		declared int
		sent     string
		message  string
	}{{3, "four", "file size mismatch"}, {0, "", "empty"}} {
		u := c.create("image", "a.png", tc.declared, 1, nil)
		c.want(c.put(u.Parts[0].URL, []byte(tc.sent)), 200, nil)
		c.want(c.complete(u.ID), 200, nil)
		u, _ = c.follow(u.ID, statusFailed)
		if !strings.Contains(u.ErrorMessage, tc.message) || u.EntityID != "" {
			t.Errorf("upload: %+v", u)
		}
	}
	if a := s.Account(); len(a.Assets) != 0 {
		t.Errorf("assets: %+v", a.Assets)
	}
}

func TestCompletingAgain(t *testing.T) {
	for played, want := range map[int]int{0: 400, 400: 400, 409: 409, 200: 200} {
		s := start(t, Options{Behavior: Behavior{Recomplete: played}})
		c := newClient(t, s)
		u := c.upload("image", "a.png", []byte("x"), nil)
		if got := c.complete(u.ID); got.status != want {
			t.Errorf("Recomplete %d answers %d", played, got.status)
		}
		if n := len(s.Account().Assets); n != 1 {
			t.Errorf("%d assets", n)
		}
	}
}

func TestDiscardKeepsHashesOnly(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, Discard: true, MinPartSize: 1})
	c := newClient(t, s)
	u := c.create("image", "a.png", 6, 2, nil)
	c.want(c.put(u.Parts[0].URL, []byte("abc")), 200, nil)
	c.want(c.put(u.Parts[1].URL, []byte("def")), 200, nil)
	c.want(c.complete(u.ID), 200, nil)
	c.follow(u.ID, statusImported)
	a := s.Account()
	if got := a.Uploads[0].Parts[1].SHA256; got != sumOf([]byte("def")) {
		t.Errorf("part hash %q", got)
	}
	if a.Assets[0].SHA256 != "" || a.Assets[0].Size != 6 {
		t.Errorf("asset %+v", a.Assets[0])
	}
	files := 0
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files++
		}
		return err
	})
	if err != nil || files != 0 {
		t.Errorf("%d files kept, %v", files, err)
	}
}

func TestTemporaryDirectoryIsRemoved(t *testing.T) {
	var dir string
	t.Run("server", func(t *testing.T) {
		s := start(t, Options{})
		newClient(t, s).upload("image", "a.png", []byte("x"), nil)
		dir = s.dir
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}
