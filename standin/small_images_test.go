package standin

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

func image() map[string]any {
	return map[string]any{"name": "a.png", "image": "data:image/png;base64," + tinyPNG}
}

func TestFaultsOfSmallImages(t *testing.T) {
	for _, c := range []struct {
		when   string
		do     Fault
		status int // 0: no answer
		made   int
	}{
		{Before, Fault{Do: DoDrop}, 0, 0},
		{Middle, Fault{Do: DoDrop}, 0, 0},
		{After, Fault{Do: DoDrop}, 0, 1},
		{Middle, Fault{Do: DoStatus, Status: 413}, 413, 0},
		{After, Fault{Do: DoStatus, Status: 504}, 504, 1},
		{Middle, Fault{Do: DoDelay, Delay: time.Millisecond}, 200, 1},
	} {
		s := start(t, Options{})
		cl := newClient(t, s)
		c.do.Op, c.do.When = OpAssetUpload, c.when
		s.Inject(c.do)
		r := cl.do("POST", "/assets", image())
		a := s.Account()
		if r.status != c.status || (r.err != nil) != (c.status == 0) || len(a.Assets) != c.made || a.Fired != 1 || a.Requests[OpAssetUpload] != 1 {
			t.Errorf("%s %s: %d, %v, %d assets", c.do.Do, c.when, r.status, r.err, len(a.Assets))
		}
		if a.Images == 0 || c.when != Middle && a.Images < int64(len(tinyPNG)) {
			t.Errorf("%s %s: %d bytes", c.do.Do, c.when, a.Images)
		}
	}
}

func TestPlayOfSmallImages(t *testing.T) {
	png, err := base64.StdEncoding.DecodeString(tinyPNG)
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Asset assetWire }
	cl := newClient(t, start(t, Options{Play: Play{NoAssetUpload: true}}))
	cl.want(cl.do("POST", "/assets", image()), 404, nil)

	cl = newClient(t, start(t, Options{Play: Play{MaxImage: int64(len(png))}}))
	cl.want(cl.do("POST", "/assets", image()), 413, nil)
	cl = newClient(t, start(t, Options{Play: Play{MaxImage: int64(len(png)) + 1}}))
	cl.want(cl.do("POST", "/assets", image()), 200, nil)

	cl = newClient(t, start(t, Options{Play: Play{Converted: true}}))
	cl.want(cl.do("POST", "/assets", image()), 200, &made)
	res, err := http.Get(made.Asset.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil || b.String() != converted+string(png) || made.Asset.Properties["size"] != float64(b.Len()) {
		t.Errorf("%q, %v; size %v", b.String(), err, made.Asset.Properties)
	}

	cl = newClient(t, start(t, Options{Play: Play{ListedAfter: 300 * time.Millisecond}}))
	cl.want(cl.do("POST", "/assets", image()), 200, &made)
	listed := func() bool {
		r := cl.do("GET", "/assets", nil)
		cl.want(r, 200, nil)
		return strings.Contains(string(r.body), made.Asset.ID)
	}
	if listed() {
		t.Error("it is listed at once")
	}
	eventually(t, "it is listed", listed)
}

// The image is found in any JSON, whatever comes before it or stands in it.
func TestImageInAnyJSON(t *testing.T) {
	cl := newClient(t, start(t, Options{}))
	for _, body := range []string{
		`{"name":"a.png","image":"` + tinyPNG + `"}`,
		`{ "image" : "` + tinyPNG + `", "name" : "a.png" }`,
		`{"name":"\"image\":\"x","image":"` + tinyPNG + `"}`,
		`{"name":"a.png","image":"` + strings.ReplaceAll(tinyPNG, "/", `\/`) + `"}`,
	} {
		cl.want(cl.do("POST", "/assets", []byte(body)), 200, nil)
	}
	for _, body := range []string{`{"name":"a.png","image":"` + tinyPNG, `{"name":"a.png","image":7}`, `{"name":"a.png"}`} {
		cl.want(cl.do("POST", "/assets", []byte(body)), 400, nil)
	}
}
