package standin

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scenario-drop/internal/testkit/s3store"
	"scenario-drop/internal/testkit/s3test"
	"scenario-drop/standin/objectstore"
)

// realStore is a real S3 server that runs until the end of the test.
func realStore(t *testing.T) objectstore.Store {
	t.Helper()
	endpoint, access, secret := s3test.Start(t)
	st, err := s3store.New(s3store.Options{Endpoint: endpoint, AccessKey: access, SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func startS3(t *testing.T) (*Server, *client) {
	t.Helper()
	s := start(t, Options{Objects: realStore(t)})
	return s, newClient(t, s)
}

func TestRealS3(t *testing.T) {
	s, c := startS3(t)
	first, second := make([]byte, 5<<20), []byte("the last part may be small")
	if _, err := rand.Read(first); err != nil {
		t.Fatal(err)
	}
	whole := append(bytes.Clone(first), second...)
	u := c.create("image", "hero image ü.png", len(whole), 2, nil)
	if !strings.Contains(u.Parts[0].URL, "X-Amz-Signature=") || !strings.Contains(u.Parts[0].URL, "partNumber=1") {
		t.Errorf("part URL is no presigned one: %s", u.Parts[0].URL)
	}
	c.want(c.put(u.Parts[1].URL, []byte("to be written over")), 200, nil)
	c.want(c.put(u.Parts[1].URL, second), 200, nil)
	r := c.put(u.Parts[0].URL, first)
	c.want(r, 200, nil)
	if r.header.Get("ETag") == "" {
		t.Error("no ETag")
	}
	c.want(c.complete(u.ID), 200, nil)
	u, _ = c.follow(u.ID, statusImported)

	a := s.Account()
	if len(a.Assets) != 1 || a.Assets[0].SHA256 != sumOf(whole) || a.Assets[0].Size != int64(len(whole)) {
		t.Errorf("assets: %+v", a.Assets)
	}
	want := []Part{{Number: 1, Size: int64(len(first)), Puts: 1}, {Number: 2, Size: int64(len(second)), Puts: 1}}
	if d := cmp.Diff(want, a.Uploads[0].Parts); d != "" {
		t.Error(d)
	}
	if r := c.put(c.s.BaseURL(), nil); r.status == 200 {
		t.Error("the API took a part")
	}
	var asset struct{ Asset assetWire }
	c.want(c.do("GET", "/assets/"+u.EntityID, nil), 200, &asset)
	req, err := http.NewRequest("GET", asset.Asset.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.send(req); !bytes.Equal(r.body, whole) {
		t.Errorf("downloaded %d bytes", len(r.body))
	}
}

func TestRealS3Refuses(t *testing.T) {
	s, c := startS3(t)
	if s.checkFault(Fault{Op: OpPart, Do: DoDrop}) == nil {
		t.Error("a fault that cannot strike was taken")
	}
	u := c.create("image", "a.png", 6, 2, nil)
	c.want(c.put(u.Parts[0].URL, []byte("abc")), 200, nil)
	r := c.complete(u.ID)
	c.want(r, 400, nil)
	if !strings.Contains(string(r.body), "part 1") {
		t.Errorf("answer %s", r.body)
	}
	forged := strings.Replace(u.Parts[1].URL, "partNumber=2", "partNumber=3", 1)
	if r := c.put(forged, []byte("abc")); r.status != http.StatusForbidden || !strings.Contains(string(r.body), "SignatureDoesNotMatch") {
		t.Errorf("forged URL: %d %s", r.status, r.body)
	}
	req, err := http.NewRequest("PUT", u.Parts[1].URL, strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = -1
	req.Close = true // the server answers before the body is over
	if r := c.send(req); r.status != http.StatusLengthRequired {
		t.Errorf("chunked part: %d %s", r.status, r.body)
	}
	// A part that was too small can be sent anew.
	c.want(c.put(u.Parts[0].URL, bytes.Repeat([]byte("x"), 5<<20)), 200, nil)
	c.want(c.put(u.Parts[1].URL, []byte("abc")), 200, nil)
	c.want(c.complete(u.ID), 200, nil)
	if u, _ := c.follow(u.ID, statusFailed); !strings.Contains(u.ErrorMessage, "file size mismatch") {
		t.Errorf("upload: %+v", u)
	}
}

func TestRealS3URLsExpire(t *testing.T) {
	s := start(t, Options{PartURLLifetime: time.Second, Objects: realStore(t)})
	c := newClient(t, s)
	u := c.create("image", "a.png", 1, 1, nil)
	eventually(t, "the URL expires", func() bool {
		r := c.put(u.Parts[0].URL, []byte("x"))
		return r.status == http.StatusForbidden && strings.Contains(string(r.body), "<Error>")
	})
	c.want(c.put(c.get(u.ID).Parts[0].URL, []byte("x")), 200, nil)
}
