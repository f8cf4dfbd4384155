package scenario

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"plain http":      {BaseURL: "http://api.example.com/v1", Key: "k", Secret: "s"},
		"no scheme":       {BaseURL: "api.example.com/v1", Key: "k", Secret: "s"},
		"user in address": {BaseURL: "https://me:" + canarySecret + "@api.example.com/v1", Key: "k", Secret: "s"},
		"query":           {BaseURL: "https://api.example.com/v1?x=1", Key: "k", Secret: "s"},
		"other scheme":    {BaseURL: "ftp://127.0.0.1/v1", Key: "k", Secret: "s"},
		"broken":          {BaseURL: "https://" + canarySecret + "%zz", Key: "k", Secret: "s"},
		"no key":          {BaseURL: DefaultBaseURL, Secret: canarySecret},
		"no secret":       {BaseURL: DefaultBaseURL, Key: "k"},
		"both in one":     {BaseURL: DefaultBaseURL, Key: "k:" + canarySecret, Secret: "s"},
	} {
		if _, err := New(o); err == nil || strings.Contains(err.Error(), canarySecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, base := range []string{DefaultBaseURL, "http://127.0.0.1:1/v1", "http://[::1]:1/v1/", "http://LOCALHOST"} {
		if _, err := New(Options{BaseURL: base, Key: "k", Secret: "s"}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// recorded is what a server saw of a request.
type recorded struct {
	Method, Path string
	Query        url.Values
	Body         string
	Key, Secret  string
}

// Every call sends what the API's reference asks for, and reads what it answers with.
func TestCalls(t *testing.T) {
	const upload = `{"upload":{"id":"u 1/ö","status":"pending","kind":"image","fileName":"x.png","fileSize":12.0,"partsCount":2.0,
		"somethingNew":{"a":[1]},"errorMessage":null,"jobId":7,"parts":[
		{"number":2e0,"url":"https://s3.example.com/2?sig=b","expires":"2025-05-01T12:00:00.000Z","new":1},
		{"number":1.0,"url":"https://s3.example.com/1?sig=a","expires":"whenever"}]}}`
	expires := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	wantUpload := &Upload{
		ID: "u 1/ö", Status: "pending", Kind: "image", FileName: "x.png", FileSize: 12, PartsCount: 2,
		Parts: []Part{{1, "https://s3.example.com/1?sig=a", time.Time{}}, {2, "https://s3.example.com/2?sig=b", expires}},
	}
	const uploadPath = "/v1/uploads/u%201%2F%C3%B6"
	var answer string
	var got recorded
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		key, secret, _ := r.BasicAuth()
		got = recorded{r.Method, r.URL.EscapedPath(), r.URL.Query(), string(body), key, secret}
		if r.Header.Get("User-Agent") != DefaultUserAgent {
			t.Errorf("User-Agent %q", r.Header.Get("User-Agent"))
		}
		_, _ = io.WriteString(w, answer)
	}))
	ctx := t.Context()
	project := url.Values{"projectId": {"proj_1"}}
	for _, call := range []struct {
		name   string
		do     func() (any, error)
		answer string
		sent   recorded
		want   any
	}{
		{"create", func() (any, error) {
			return c.CreateUpload(ctx, NewUpload{
				FileName: "x.png", FileSize: 12, ContentType: "image/png", Kind: "image", Parts: 2,
				Options: &AssetOptions{CollectionIDs: []string{"c1"}, ParentID: "a0"},
			})
		}, upload, recorded{
			Method: "POST", Path: "/v1/uploads",
			Body: `{"fileName":"x.png","fileSize":12,"contentType":"image/png","kind":"image","parts":2,"assetOptions":{"collectionIds":["c1"],"parentId":"a0"}}`,
		}, wantUpload},
		{"get", func() (any, error) { return c.GetUpload(ctx, "u 1/ö") }, upload,
			recorded{Method: "GET", Path: uploadPath}, wantUpload},
		{"complete", func() (any, error) { return c.CompleteUpload(ctx, "u 1/ö") },
			`{"upload":{"id":"u 1/ö","status":"imported","entityId":"a1","parts":[{"number":1,"url":"no matter"}]}}`,
			recorded{Method: "POST", Path: uploadPath + "/action", Body: `{"action":"complete"}`},
			&Upload{ID: "u 1/ö", Status: "imported", EntityID: "a1"}},
		{"asset", func() (any, error) { return c.GetAsset(ctx, "a1") },
			`{"asset":{"id":"a1","kind":"image-hdr","mimeType":"image/png","status":"success","collectionIds":["c1","c2"],"ownerId":"proj_1",
			"isHidden":true,"createdAt":"2025-05-01T12:00:00Z","metadata":{"name":"x","parentId":"a0","type":"brand-new"},"properties":{"size":12.0}}}`,
			recorded{Method: "GET", Path: "/v1/assets/a1", Query: originals()},
			&Asset{ID: "a1", Name: "x", Kind: "image-hdr", MIMEType: "image/png", Status: "success", CollectionIDs: []string{"c1", "c2"},
				ParentID: "a0", OwnerID: "proj_1", Hidden: true, Size: 12, CreatedAt: expires}},
		{"bare asset", func() (any, error) { return c.GetAsset(ctx, "a1") }, `{"asset":{"id":"a1","metadata":"odd","collectionIds":"odd"}}`,
			recorded{Method: "GET", Path: "/v1/assets/a1", Query: originals()}, &Asset{ID: "a1"}},
		{"assets", func() (any, error) { return c.GetAssets(ctx, []string{"a1", "a2"}) },
			`{"assets":[{"id":"a1","mimeType":"video/mp4","originalMimeType":"video/quicktime"},7,{"no":"id"}]}`,
			recorded{Method: "POST", Path: "/v1/assets/get-bulk", Query: originals(), Body: `{"assetIds":["a1","a2"]}`},
			[]Asset{{ID: "a1", MIMEType: "video/mp4", OriginalType: "video/quicktime"}}},
		{"model", func() (any, error) { return c.GetModel(ctx, "m1") },
			`{"model":{"id":"m1","name":"x","status":"trained","collectionIds":["c1"]}}`,
			recorded{Method: "GET", Path: "/v1/models/m1"}, &Model{"m1", "x", "trained", []string{"c1"}}},
		{"collection", func() (any, error) { return c.GetCollection(ctx, "c1") },
			`{"collection":{"id":"c1","name":"Orcs","assetCount":3.0,"modelCount":1}}`,
			recorded{Method: "GET", Path: "/v1/collections/c1"}, &Collection{"c1", "Orcs", 3, 1}},
		{"make collection", func() (any, error) { return c.CreateCollection(ctx, "Orcs & Elves") },
			`{"collection":{"id":"c1","name":"Orcs & Elves"}}`,
			recorded{Method: "POST", Path: "/v1/collections", Body: `{"name":"Orcs \u0026 Elves"}`}, &Collection{ID: "c1", Name: "Orcs & Elves"}},
		{"add assets", func() (any, error) { return nil, c.AddAssets(ctx, "c1", []string{"a1", "a2"}) }, `{"collection":{"id":"c1"}}`,
			recorded{Method: "PUT", Path: "/v1/collections/c1/assets", Body: `{"assetIds":["a1","a2"]}`}, nil},
		{"add models", func() (any, error) { return nil, c.AddModels(ctx, "c1", []string{"m1"}) }, "",
			recorded{Method: "PUT", Path: "/v1/collections/c1/models", Body: `{"modelIds":["m1"]}`}, nil},
	} {
		t.Run(call.name, func(t *testing.T) {
			answer = call.answer
			result, err := call.do()
			if err != nil {
				t.Fatal(err)
			}
			if u, ok := result.(*Upload); ok {
				if u.ServerDate.IsZero() || u.ReceivedAt.IsZero() {
					t.Error("the clocks are not told")
				}
				u.ServerDate, u.ReceivedAt = time.Time{}, time.Time{}
			}
			if diff := cmp.Diff(call.want, result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			query := url.Values{}
			maps.Copy(query, call.sent.Query)
			maps.Copy(query, project)
			call.sent.Query, call.sent.Key, call.sent.Secret = query, canaryKey, canarySecret
			if diff := cmp.Diff(call.sent, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCallsRefusedUnsent(t *testing.T) {
	c := apiClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }))
	ctx := t.Context()
	good := NewUpload{FileName: "x", FileSize: 1, ContentType: "image/png", Kind: "image", Parts: 1}
	for name, edit := range map[string]func(*NewUpload){
		"no name":    func(n *NewUpload) { n.FileName = "" },
		"empty":      func(n *NewUpload) { n.FileSize = 0 },
		"no parts":   func(n *NewUpload) { n.Parts = 0 },
		"many parts": func(n *NewUpload) { n.Parts = MaxParts + 1 },
		"model":      func(n *NewUpload) { n.Kind, n.Options = "model", &AssetOptions{} },
	} {
		n := good
		edit(&n)
		_, err := c.CreateUpload(ctx, n)
		if ClassOf(err) != Rejected {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		_, err := c.GetUpload(ctx, id)
		mustError(t, err, Rejected)
	}
	_, err := c.CreateCollection(ctx, "")
	mustError(t, err, Rejected)
	if err := c.AddAssets(ctx, "c1", nil); err != nil {
		t.Error(err)
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	trap := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with Authorization %q", r.Header.Get("Authorization"))
	}))
	defer trap.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := apiClient(t, answers(status, "text/html", "", "Location", trap.URL+"/v1/uploads/u1"))
		_, err := c.GetUpload(t.Context(), "u1")
		mustError(t, err, Garbled)
		err = c.AddAssets(t.Context(), "c1", []string{"a1"})
		mustError(t, err, Garbled)
	}
}

func TestConnectionTroubles(t *testing.T) {
	drop := func(answer string) string {
		return rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
			_, _ = readHead(r)
			_, _ = io.WriteString(c, answer)
		})
	}
	plain := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		_, _ = r.Peek(1)
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, base := range map[string]string{
		"refused":        closed.URL,
		"hung up":        "http://" + drop(""),
		"no HTTP":        "http://" + drop("SSH-2.0-OpenSSH_9.2\r\n"),
		"cut in headers": "http://" + drop("HTTP/1.1 200 OK\r\nContent-Ty"),
		"cut in body":    "http://" + drop("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"upload\":"),
		"no TLS":         "https://" + plain,
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, base)
			_, err := c.CompleteUpload(t.Context(), "u1")
			e := mustError(t, err, Network)
			if e.Status != 0 || e.Err == nil {
				t.Errorf("%#v", e)
			}
		})
	}
	t.Run("untrusted", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(jsonAnswer(`{}`))
		srv.Config.ErrorLog = discardLog()
		srv.StartTLS()
		defer srv.Close()
		c := clientOf(t, srv.URL)
		_, err := c.GetUpload(t.Context(), "u1")
		if e := mustError(t, err, Network); !strings.Contains(e.Message, "certificate") {
			t.Errorf("%v", e)
		}
	})
}

// A call is not repeated behind the caller's back, even where a kept connection dies.
func TestNoSilentRepeat(t *testing.T) {
	var heads atomic.Int32
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			n := 0
			for line := range strings.SplitSeq(head, "\r\n") {
				_, _ = fmt.Sscanf(line, "Content-Length: %d", &n)
			}
			_, _ = r.Discard(n)
			if heads.Add(1) == 2 {
				return
			}
			const body = `{"upload":{"id":"u1","status":"validating"}}`
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	})
	c := clientOf(t, "http://"+address)
	if _, err := c.CompleteUpload(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	_, err := c.CompleteUpload(t.Context(), "u1")
	mustError(t, err, Network)
	if heads.Load() != 2 {
		t.Errorf("%d requests", heads.Load())
	}
}

func TestAPIStall(t *testing.T) {
	stalls := map[string]func(http.ResponseWriter){
		"no answer": func(http.ResponseWriter) {},
		"half an answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"upload":`)
			_ = http.NewResponseController(w).Flush()
		},
	}
	for name, begin := range stalls {
		hang := func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			begin(w)
			<-r.Context().Done()
		}
		t.Run(name, func(t *testing.T) {
			c := apiClient(t, http.HandlerFunc(hang), func(o *Options) { o.StallTimeout = 100 * time.Millisecond })
			_, err := c.CompleteUpload(t.Context(), "u1")
			if e := mustError(t, err, Network); !errors.Is(e, errStalled) {
				t.Errorf("%v", e)
			}
		})
		t.Run(name+", in all", func(t *testing.T) {
			c := apiClient(t, http.HandlerFunc(hang), func(o *Options) { o.Timeout = 100 * time.Millisecond })
			_, err := c.CompleteUpload(t.Context(), "u1")
			if e := mustError(t, err, Network); !errors.Is(e, errTooSlow) {
				t.Errorf("%v", e)
			}
		})
		t.Run(name+", canceled", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				begin(w)
				cancel()
				<-r.Context().Done()
			}))
			_, err := c.CompleteUpload(ctx, "u1")
			if !errors.Is(err, context.Canceled) || ClassOf(err) != 0 {
				t.Errorf("%v of class %v", err, ClassOf(err))
			}
		})
	}
	t.Run("caller's deadline", func(t *testing.T) {
		c := apiClient(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := c.GetUpload(ctx, "u1")
		if !errors.Is(err, context.DeadlineExceeded) || ClassOf(err) != 0 {
			t.Errorf("%v of class %v", err, ClassOf(err))
		}
	})
}

func TestAPIOverHTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("protocol %s", r.Proto)
		}
		jsonAnswer(`{"upload":{"id":"u1","status":"validating"}}`)(w, r)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c := clientOf(t, srv.URL)
	trusting(t, c.transport, srv)
	if _, err := c.CompleteUpload(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	c.CloseIdleConnections()
}
