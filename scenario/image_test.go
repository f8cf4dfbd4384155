package scenario

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func bytesOf(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func newImage(data []byte) NewImage {
	return NewImage{Name: "orc.png", ContentType: "image/png", Body: bytes.NewReader(data), Size: int64(len(data))}
}

func TestCreateImage(t *testing.T) {
	data := bytesOf(100_001)
	var asked int
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		var body map[string]any
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &body) != nil {
			t.Errorf("the body is no JSON: %v", err)
		}
		image := body["image"]
		delete(body, "image")
		if want := `map[collectionIds:[c1 c2] hide:true name:an "orc" <1>.png parentId:a0]`; fmt.Sprint(body) != want {
			t.Errorf("%v, want %s", body, want)
		}
		if want := "data:image/png;base64," + base64.StdEncoding.EncodeToString(data); image != want {
			t.Error("the image is not what was sent")
		}
		if r.Method != "POST" || r.URL.String() != "/v1/assets?projectId=proj_1" || r.ContentLength != int64(len(text)) || len(r.TransferEncoding) > 0 {
			t.Errorf("%s %s with %d bytes, %v", r.Method, r.URL, r.ContentLength, r.TransferEncoding)
		}
		if key, secret, _ := r.BasicAuth(); key != canaryKey || secret != canarySecret || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
		fmt.Fprint(w, `{"asset":{"id":"a1","status":"success","collectionIds":["c1"],"surprise":1}}`)
	}))
	img := newImage(data)
	img.Name = `an "orc" <1>.png`
	img.Options = &AssetOptions{CollectionIDs: []string{"c1", "c2"}, Hide: true, ParentID: "a0"}
	paced := 0
	img.Pace = func(r io.Reader) io.Reader {
		return readerFunc(func(p []byte) (int, error) { n, err := r.Read(p); paced += n; return n, err })
	}
	last := 0
	img.BeforeLast = func() error { last++; return nil }
	a, err := c.CreateImage(t.Context(), img)
	if err != nil || a.ID != "a1" || a.Status != "success" || fmt.Sprint(a.CollectionIDs) != "[c1]" {
		t.Errorf("%+v, %v", a, err)
	}
	if asked != 1 || last != 1 || paced < len(data)*4/3 {
		t.Errorf("asked %d times, before the last bytes %d times, %d bytes paced", asked, last, paced)
	}
}

// However a body is read, and however long the image, it is the JSON announced, and its
// end comes apart from the rest.
func TestImageBody(t *testing.T) {
	for _, size := range []int{1, 2, 3, 4, 3071, 3072, 3073, 10_000} {
		data := bytesOf(size)
		for _, step := range []int{1, 2, 3, 4, 5, 1000, 1 << 16} {
			before := 0
			var got []byte
			b := &imageBody{head: []byte(`{"image":"`), src: iotest.HalfReader(bytes.NewReader(data)), size: int64(size), tail: []byte(`"}`),
				before: func() error {
					before = len(got)
					return nil
				}}
			for p := make([]byte, step); ; {
				n, err := b.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			want := `{"image":"` + base64.StdEncoding.EncodeToString(data) + `"}`
			if string(got) != want || before != len(want)-2 {
				t.Errorf("%d bytes, read by %d: wrong, or asked after %d of %d bytes", size, step, before, len(want))
			}
		}
	}
}

// What is wrong with an image, or with what is found before the last bytes, keeps these
// from leaving: no server ever has the whole request.
func TestImageThatIsBrokenOff(t *testing.T) {
	stop := errors.New("it is another file by now")
	disk := errors.New("the disk is gone")
	for name, c := range map[string]struct {
		edit func(*NewImage)
		want func(error) bool
	}{
		"said before the last bytes": {func(i *NewImage) { i.BeforeLast = func() error { return stop } }, func(err error) bool { return err == stop }},
		"shorter": {func(i *NewImage) { i.Body = bytes.NewReader(bytesOf(49_999)) },
			func(err error) bool {
				e, ok := errors.AsType[*SizeError](err)
				return ok && e.Got == 49_999 && e.Want == 50_000
			}},
		"longer": {func(i *NewImage) { i.Body = bytes.NewReader(bytesOf(50_001)) },
			func(err error) bool { e, ok := errors.AsType[*SizeError](err); return ok && e.Got == 50_001 }},
		"not to be read": {func(i *NewImage) { i.Body = io.MultiReader(bytes.NewReader(bytesOf(40_000)), iotest.ErrReader(disk)) },
			func(err error) bool { e, ok := errors.AsType[*ReadError](err); return ok && e.Err == disk }},
		"not to be paced": {func(i *NewImage) { i.Pace = func(io.Reader) io.Reader { return iotest.ErrReader(disk) } },
			func(err error) bool { e, ok := errors.AsType[*ReadError](err); return ok && e.Err == disk }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := false
			t.Cleanup(func() { // the server has ended by then
				if whole {
					t.Error("the server got the whole request")
				}
			})
			client := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, err := io.ReadAll(r.Body)
				whole = err == nil || bytes.HasSuffix(text, []byte(`"}`))
			}))
			img := newImage(bytesOf(50_000))
			c.edit(&img)
			if _, err := client.CreateImage(t.Context(), img); !c.want(err) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// The last bytes leave only after BeforeLast has returned: all the others are at the
// server by then, and nothing else comes.
func TestImageIsHeldBack(t *testing.T) {
	const size = 30_000
	all, rest := make(chan string, 1), make(chan string, 1)
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, end <-chan struct{}) {
		head, err := readHead(r)
		if err != nil {
			return
		}
		var length int
		for line := range strings.Lines(head) {
			fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		text := make([]byte, length-2)
		if _, err := io.ReadFull(r, text); err != nil {
			t.Error(err)
		}
		all <- string(text[len(text)-4:])
		last := make([]byte, 2)
		io.ReadFull(r, last)
		rest <- string(last)
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{\"asset\":{\"id\":\"a1\"}} ")
	})
	c := clientOf(t, "http://"+address+"/v1")
	img := newImage(bytesOf(size))
	img.BeforeLast = func() error {
		select {
		case <-all:
		case <-time.After(10 * time.Second):
			t.Error("the server does not have all but the last bytes")
		}
		select {
		case <-rest:
			t.Error("the last bytes left too early")
		case <-time.After(20 * time.Millisecond):
		}
		return nil
	}
	if a, err := c.CreateImage(t.Context(), img); err != nil || a.ID != "a1" {
		t.Errorf("%v, %v", a, err)
	}
	if got := <-rest; got != `"}` {
		t.Errorf("the last bytes are %q", got)
	}
}

func TestCreateImageRefused(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    Class
	}{
		"too large":       {answers(413, "application/json", `{"message":"Request Too Long"}`), Rejected},
		"no such call":    {answers(404, "application/json", `{"message":"no"}`), NotFound},
		"too fast":        {answers(429, "application/json", `{}`), RateLimited},
		"refused":         {answers(403, "application/json", `{}`), Forbidden},
		"gateway":         {answers(504, "application/json", `{}`), ServerFault},
		"a login page":    {answers(200, "text/html", `<html>`), Garbled},
		"cut short":       {jsonAnswer(`{"asset":{"id":"a`), Garbled},
		"without a body":  {jsonAnswer(``), Garbled},
		"without an id":   {jsonAnswer(`{"asset":{}}`), Garbled},
		"with a wrong id": {jsonAnswer(`{"asset":{"id":"a\u0007"}}`), Garbled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drained := func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				c.handler(w, r)
			}
			_, err := apiClient(t, http.HandlerFunc(drained)).CreateImage(t.Context(), newImage(bytesOf(1000)))
			if e := mustError(t, err, c.want); e.Op != "sending the image" {
				t.Error(e)
			}
		})
	}
	for _, size := range []int64{0, MaxImage + 1} {
		img := newImage(nil)
		img.Size = size
		_, err := clientOf(t, "http://127.0.0.1:1/v1").CreateImage(t.Context(), img)
		mustError(t, err, Rejected)
	}
}

// An image that a proxy answers for before it was sent was not taken.
func TestCreateImageAnsweredTooEarly(t *testing.T) {
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, end <-chan struct{}) {
		readHead(r)
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\nConnection: close\r\n\r\n{\"asset\":{\"id\":\"a1\"}} ")
		<-end
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	last := false
	img := newImage(bytesOf(MaxImage))
	img.BeforeLast = func() error { last = true; return nil }
	_, err := clientOf(t, "http://"+address+"/v1").CreateImage(ctx, img)
	if ClassOf(err) != Garbled && ClassOf(err) != Network || last {
		t.Errorf("%v, and the last bytes left: %v", err, last)
	}
}

// A lost answer never has the request sent a second time by itself, also on a connection
// that was used before.
func TestImageIsNotSentTwice(t *testing.T) {
	asked := make(chan struct{}, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			fmt.Fprint(w, `{"assets":[]}`)
			return
		}
		io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		panic(http.ErrAbortHandler)
	}))
	srv.Config.ErrorLog = discardLog()
	t.Cleanup(srv.Close)
	c := clientOf(t, srv.URL+"/v1")
	if _, err := c.AssetPage(t.Context(), AssetFilter{}); err != nil {
		t.Fatal(err)
	}
	_, err := c.CreateImage(t.Context(), newImage(bytesOf(1000)))
	mustError(t, err, Network)
	if len(asked) != 1 {
		t.Errorf("sent %d times", len(asked))
	}
}

func TestSum(t *testing.T) {
	data := bytesOf(100_000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("User-Agent") != "" {
			t.Errorf("headers %v", r.Header)
		}
		switch r.URL.Path {
		case "/gone":
			answers(404, "application/xml", `<Error><Code>NoSuchKey</Code></Error>`)(w, r)
		case "/denied":
			w.WriteHeader(403)
		case "/cut":
			w.Header().Set("Content-Length", "100000")
			w.Write(data[:50_000])
		default:
			w.Write(data)
		}
	}))
	srv.Config.ErrorLog = discardLog()
	t.Cleanup(srv.Close)
	s := NewStorage(StorageOptions{})
	t.Cleanup(s.CloseIdleConnections)
	sum, size, err := s.Sum(t.Context(), Download{URL: srv.URL + "/x?Signature=" + canarySignature, Limit: 100_000})
	if err != nil || size != 100_000 || sum != sha256.Sum256(data) {
		t.Errorf("%x, %d, %v", sum, size, err)
	}
	if _, size, err := s.Sum(t.Context(), Download{URL: srv.URL + "/x", Limit: 99_999}); err != nil || size != 100_000 {
		t.Errorf("more than the limit: %d, %v", size, err)
	}
	for path, want := range map[string]Class{"/gone": NotFound, "/denied": Expired, "/cut": Network} {
		_, _, err := s.Sum(t.Context(), Download{URL: srv.URL + path + "?Signature=" + canarySignature, Limit: 1 << 20})
		mustError(t, err, want)
		if strings.Contains(fmt.Sprintf("%+v %#v", err, err), canarySignature) {
			t.Errorf("%s: the error shows the signature", path)
		}
	}
	public := NewStorage(StorageOptions{Public: true})
	t.Cleanup(public.CloseIdleConnections)
	_, _, err = public.Sum(t.Context(), Download{URL: srv.URL + "/x", Limit: 1 << 20})
	mustError(t, err, Garbled)
}

// A download goes where it is sent, a few times, with nothing that tells who asks; but
// nowhere that bytes may not come from.
func TestSumIsRedirected(t *testing.T) {
	data, hops := bytesOf(1000), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("headers %v", r.Header)
		}
		hops++
		switch {
		case r.URL.Path == "/plain":
			http.Redirect(w, r, "http://203.0.113.7/x", http.StatusFound)
		case r.URL.Path == "/loop" || r.URL.Path == "/once" && r.URL.Query().Get("b") == "":
			http.Redirect(w, r, r.URL.Path+"?b=%2f&a=1", http.StatusFound)
		default:
			if r.URL.RawQuery != "b=%2f&a=1" {
				t.Errorf("the query became %s", r.URL.RawQuery)
			}
			w.Write(data)
		}
	}))
	t.Cleanup(srv.Close)
	s := NewStorage(StorageOptions{})
	t.Cleanup(s.CloseIdleConnections)
	if sum, size, err := s.Sum(t.Context(), Download{URL: srv.URL + "/once", Limit: 2000}); err != nil || size != 1000 || sum != sha256.Sum256(data) {
		t.Errorf("%d, %v", size, err)
	}
	_, _, err := s.Sum(t.Context(), Download{URL: srv.URL + "/plain", Limit: 2000})
	mustError(t, err, Garbled)
	hops = 0
	if _, _, err = s.Sum(t.Context(), Download{URL: srv.URL + "/loop", Limit: 2000}); err == nil || hops != maxRedirects+1 {
		t.Errorf("%d requests, %v", hops, err)
	}
}

func TestAssetURL(t *testing.T) {
	var query string
	url, err := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query().Get("originalAssets")
		jsonAnswer(`{"asset":{"id":"a1","url":"https://x/made","originalFileUrl":"https://x/sent"}}`)(w, r)
	})).AssetURL(t.Context(), "a1")
	if err != nil || url != "https://x/sent" || query != "true" {
		t.Errorf("%s, %q, %v", url, query, err)
	}
	url, err = apiClient(t, jsonAnswer(`{"asset":{"id":"a1","url":"https://x/y?Signature=z"}}`)).AssetURL(t.Context(), "a1")
	if err != nil || url != "https://x/y?Signature=z" {
		t.Errorf("%s, %v", url, err)
	}
	_, err = apiClient(t, jsonAnswer(`{"asset":{"id":"a1"}}`)).AssetURL(t.Context(), "a1")
	mustError(t, err, Rejected)
	_, err = apiClient(t, jsonAnswer(`{"asset":{"id":"a2","url":"https://x"}}`)).AssetURL(t.Context(), "a1")
	mustError(t, err, Garbled)
}
