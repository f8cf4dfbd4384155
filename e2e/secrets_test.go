//go:build unix

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scenario-drop/standin"
	"scenario-drop/status"
)

// What must never be seen anywhere but where it belongs. The characters are such that
// every way of escaping shows.
const (
	canaryKey      = "key_CANARY/4711+x="
	canarySecret   = "secret&CANARY/0815+y=%z"
	canaryPassword = "password CANARY/42+z="
)

// studioWithCanaries is a studio whose secrets are canaries, and a server between the
// program and the stand-in that answers as told and repeats whatever it was sent.
type studioWithCanaries struct {
	*studio
	front *httptest.Server
	mode  atomic.Pointer[misdeed]
	hit   atomic.Int32 // times that the mode struck

	mu         sync.Mutex
	signatures map[string]bool // of part URLs that the program was given
}

// misdeed is how the server between answers.
type misdeed struct {
	name    string
	storage bool // it strikes parts, in place of calls of the API
	status  int
	kind    string // Content-Type
	format  string // of the body, with all that was sent for %s
	stall   bool   // never an answer
}

func newStudioWithCanaries(t *testing.T) *studioWithCanaries {
	s := &studioWithCanaries{
		studio:     newStudio(t, standin.Options{Key: canaryKey, Secret: canarySecret, MinPartSize: 1}),
		signatures: map[string]bool{},
	}
	api, err := url.Parse(s.server.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	root := "http://" + api.Host
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: api.Host}) },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte(root), []byte(s.front.URL))
			s.remember(body)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Length", fmt.Sprint(len(body)))
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	s.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := s.mode.Load()
		if m == nil || m.storage != (r.Method == http.MethodPut && r.URL.Query().Has("X-Amz-Signature")) {
			proxy.ServeHTTP(w, r)
			return
		}
		s.hit.Add(1)
		if m.stall {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		body, _ := io.ReadAll(r.Body)
		key, secret, _ := r.BasicAuth()
		all := fmt.Sprintf("%s %s key=%s secret=%s %s %s", r.URL, r.Header.Get("Authorization"), key, secret, r.URL.RawQuery, body[:min(len(body), 100)])
		quoted, _ := json.Marshal(all)
		w.Header().Set("Content-Type", m.kind)
		w.Header().Set("Location", s.front.URL+"/trap?"+url.Values{"all": {all}}.Encode())
		w.WriteHeader(m.status)
		_, _ = fmt.Fprintf(w, m.format, quoted)
	}))
	t.Cleanup(func() {
		s.front.CloseClientConnections()
		s.front.Close()
	})
	return s
}

var signatureOf = regexp.MustCompile(`X-Amz-Signature=([0-9A-Za-z%+/_-]{16,})`)

func (s *studioWithCanaries) remember(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, found := range signatureOf.FindAllSubmatch(body, -1) {
		s.signatures[string(found[1])] = true
	}
}

// configure writes a config with the secrets in it and a status page with a password.
func (s *studioWithCanaries) configure(format string) {
	s.t.Helper()
	password := s.path("password")
	folder := s.path("Characters")
	text := fmt.Sprintf(`data_dir = '%s'
[scenario]
base_url = '%s/v1'
api_key = '%s'
api_secret = '%s'
[status]
listen = '127.0.0.1:0'
password_file = '%s'
[log]
level = 'debug'
format = '%s'
[upload]
part_size = '5MiB'
[[watch]]
path = '%s'
kind = 'image'
settle = '0s'
collections = ['Characters']
`, s.data, s.front.URL, canaryKey, canarySecret, password, format, folder)
	for path, data := range map[string]string{password: canaryPassword + "\n", s.path("config.toml"): text} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		s.t.Fatal(err)
	}
}

// canaries lists every secret in every form that it may take. token is that of the
// control API.
func (s *studioWithCanaries) canaries(access reach) map[string]string {
	found := map[string]string{}
	add := func(what, secret string) {
		found[what] = secret
		found[what+", escaped for a query"] = url.QueryEscape(secret)
		found[what+", escaped for a path"] = url.PathEscape(secret)
		quoted, _ := json.Marshal(secret)
		found[what+", in JSON"] = strings.Trim(string(quoted), `"`)
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding} {
			found[what+", in "+name] = encoding.EncodeToString([]byte(secret))
		}
		found[what+", in hex"] = fmt.Sprintf("%x", secret)
	}
	add("the key", canaryKey)
	add("the secret", canarySecret)
	add("key and secret", canaryKey+":"+canarySecret)
	add("the password", canaryPassword)
	add("the password's login", ":"+canaryPassword)
	if access.token != "" {
		add("the page's token", access.token)
		add("the control API's secret", access.secret)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for signature := range s.signatures {
		found["the signature of part URL "+fmt.Sprint(len(found))] = signature
	}
	return found
}

// clean asserts that no secret is in a text.
func (s *studioWithCanaries) clean(what string, text []byte, canaries map[string]string) {
	s.t.Helper()
	for name, secret := range canaries {
		if at := bytes.Index(text, []byte(secret)); at >= 0 {
			s.t.Errorf("%s shows %s: …%q…", what, name, text[max(0, at-100):min(len(text), at+len(secret)+20)])
		}
	}
}

// everything asserts that no secret is in anything that the program wrote or says.
func (s *studioWithCanaries) everything(d *daemon, access reach) {
	s.t.Helper()
	canaries := s.canaries(access)
	s.clean("the log", []byte(d.output()), canaries)
	for _, request := range []struct{ method, path, body string }{
		{"GET", "/", ""}, {"GET", "/api/status", ""}, {"GET", "/nothing", ""}, {"POST", "/api/pause", "{"}, {"POST", "/api/retry", `{"paths":[]}`},
		{"POST", "/api/resume", "{}"},
	} {
		for _, login := range []string{"Bearer " + access.token, "Basic " + base64.StdEncoding.EncodeToString([]byte(":"+canaryPassword)), "Bearer wrong"} {
			if d.dead() {
				break
			}
			req, err := http.NewRequestWithContext(s.t.Context(), request.method, access.page+request.path, strings.NewReader(request.body))
			if err != nil {
				s.t.Fatal(err)
			}
			req.Header.Set("Authorization", login)
			res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			if err != nil {
				s.t.Errorf("%s %s: %v", request.method, request.path, err)
				continue
			}
			dump, err := httputil.DumpResponse(res, true)
			res.Body.Close()
			if err != nil {
				s.t.Error(err)
			}
			s.clean("the answer to "+request.method+" "+request.path, dump, canaries)
		}
	}
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"history"}, {"history", "--json"}, {"why", s.path("Characters", "a.png")},
		{"why", "--json", s.path("Characters", "a.png")}, {"verify"}, {"check", "--offline"}, {"check"}, {"check", "--json"},
	} {
		out, _ := s.command(args...)
		s.clean("scenario-drop "+strings.Join(args, " "), []byte(out), canaries)
	}
	s.cleanFiles(canaries, access)
}

// cleanFiles asserts that no secret is in any file of the data directory.
func (s *studioWithCanaries) cleanFiles(canaries map[string]string, access reach) {
	s.t.Helper()
	files := 0
	err := filepath.WalkDir(s.data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil // it was there for a moment
		}
		files++
		if filepath.Base(path) == "control.json" { // which is where the secret belongs
			data = bytes.ReplaceAll(data, []byte(access.secret), nil)
		}
		s.clean(path, data, canaries)
		return nil
	})
	if err != nil || files < 2 {
		s.t.Errorf("%d files were looked through, %v", files, err)
	}
}

// reach is how the daemon is reached, by browsers and by its own commands.
type reach struct{ control, page, token, secret string }

func (s *studioWithCanaries) reach() (r reach, err error) {
	access, err := status.ReadAccess(s.data)
	if err != nil {
		return r, err
	}
	c, err := status.Dial(s.data)
	if err != nil {
		return r, err
	}
	address, err := c.Page(s.t.Context())
	r.control, r.secret = access.Address, access.Secret
	r.page, r.token, _ = strings.Cut(address, "/?token=")
	return r, err
}

// run starts the daemon and waits until it can be reached.
func (s *studioWithCanaries) run() (*daemon, reach) {
	s.t.Helper()
	d := s.start()
	var access reach
	until(s.t, "the daemon can be reached", func() (ok bool) {
		var err error
		access, err = s.reach()
		return err == nil || d.dead()
	}, d.output)
	return d, access
}

// Whatever goes well or wrong, and however much of it others repeat, no secret gets
// into anything that the program writes or says.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	for i, m := range []*misdeed{
		nil,
		{name: "400", status: 400, kind: "application/json", format: `{"message":%s,"code":"x"}`},
		{name: "401", status: 401, kind: "application/json", format: `{"error":%s}`},
		{name: "403", status: 403, kind: "text/plain", format: `%s`},
		{name: "500", status: 500, kind: "application/json", format: `{"message":%s}`},
		{name: "garbage", status: 200, kind: "application/json", format: `{"upload":{"id":%s,"status":`},
		{name: "garbled record", status: 200, kind: "application/json", format: `{"upload":{"id":%s,"status":"imported","entityId":%[1]s}}`},
		{name: "redirect", status: 302, kind: "text/plain", format: `%s`},
		{name: "storage 403", storage: true, status: 403, kind: "application/xml", format: `<Error><Code>AccessDenied</Code><Message>%s</Message></Error>`},
		{name: "storage 500", storage: true, status: 500, kind: "application/xml", format: `<Error><Code>%s</Code><Message>%[1]s</Message></Error>`},
		{name: "storage redirect", storage: true, status: 307, kind: "text/plain", format: `%s`},
		{name: "storage 400", storage: true, status: 400, kind: "application/xml", format: `<Error><Code>Bad</Code><Message>%s</Message></Error>`},
	} {
		name := "success"
		if m != nil {
			name = m.name
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudioWithCanaries(t)
			s.configure([]string{"text", "json"}[i%2])
			d, access := s.run()
			sum := s.save(noise(3000, 1), "Characters", "a.png")
			if m == nil || m.storage {
				s.save(noise(6<<20, 2), "Characters", "b.png")
			}
			if m == nil {
				s.imported(d, sum)
				if len(s.signatures) == 0 {
					t.Error("no part URL was seen")
				}
			} else {
				s.mode.Store(m)
				s.save(noise(3000, 3), "Characters", "c.png")
				until(t, "the server did its misdeed and it is in the log", func() bool {
					return s.hit.Load() > 0 && strings.Contains(d.output(), fmt.Sprint(m.status)) || d.dead()
				}, d.output)
			}
			if d.dead() {
				t.Fatalf("the daemon died:\n%s", d.output())
			}
			s.everything(d, access)
			d.end()
			canaries := s.canaries(access)
			s.clean("the log", []byte(d.output()), canaries)
			s.cleanFiles(canaries, access)
		})
	}
}

// A config that is wrong in the very line of a secret is told of without it, and so is
// what a daemon says about an edit to it.
func TestSecretsAreNotInProblemsOfTheConfig(t *testing.T) {
	t.Parallel()
	s := newStudioWithCanaries(t)
	s.configure("text")
	d, access := s.run()
	config, err := os.ReadFile(s.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for i, wrong := range []string{
		"api_secret = '" + canarySecret, "api_secret = \"" + canarySecret + "\\x\"", "api_secret = ['" + canarySecret + "']",
		"api_secrt = '" + canarySecret + "'", "api_secret = '" + canarySecret + "' '" + canaryKey + "'",
		"api_secret = '" + canarySecret + "'\napi_secret = '" + canarySecret + "'", "api_secret = " + canarySecret,
	} {
		text := strings.Replace(string(config), "api_secret = '"+canarySecret+"'", wrong, 1)
		if err := os.WriteFile(s.path("config.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		until(t, "the daemon tells of the edit", func() bool {
			return strings.Count(d.output(), "has problems") > 0 && i == 0 || i > 0 || d.dead()
		}, d.output)
		for _, args := range [][]string{{"check", "--offline"}, {"check", "--offline", "--json"}, {"run"}, {"once"}, {"install"}} {
			out, code := s.command(args...)
			if code == 0 {
				t.Errorf("%q is taken by %v", wrong, args)
			}
			s.clean("scenario-drop "+strings.Join(args, " ")+" with "+fmt.Sprint(i), []byte(out), s.canaries(access))
		}
	}
	s.everything(d, access)
}

// The trace of a crash, or one that is asked for, in the middle of everything.
func TestSecretsAreNotInTraces(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			s := newStudioWithCanaries(t)
			s.configure("text")
			s.mode.Store(&misdeed{storage: true, stall: true})
			cmd := exec.Command(binary, "run", "--config", s.path("config.toml"))
			cmd.Env = append(os.Environ(), "GOTRACEBACK=system", "SCENARIO_SDK_API_KEY="+canaryKey, "SCENARIO_SDK_API_SECRET="+canarySecret)
			d := s.launch(cmd)
			s.save(noise(12<<20, 2), "Characters", "b.png")
			until(t, "parts are under way", func() bool { return s.hit.Load() > 0 || d.dead() }, d.output)
			access, err := s.reach()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			select {
			case <-d.ended:
			case <-time.After(time.Minute):
				t.Fatal("it does not end")
			}
			if !strings.Contains(d.output(), "PutPart(") {
				t.Errorf("the trace shows no part under way:\n%s", d.output())
			}
			canaries := s.canaries(access)
			s.clean("the trace", []byte(d.output()), canaries)
			s.cleanFiles(canaries, access)
		})
	}
}
