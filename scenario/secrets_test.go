package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

// everyForm prints v in every way that a careless caller might.
func everyForm(v any) string {
	var b bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&b, format+"\n", v)
	}
	if j, err := json.Marshal(v); err == nil {
		b.Write(j)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

func noCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{
		canaryKey, canarySecret, canarySignature, canaryToken, url.QueryEscape(canaryToken), basicAuth(canaryKey, canarySecret), "X-Amz-Signature",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %q:\n%s", what, secret, text)
		}
	}
}

// Servers that repeat all they were told, in every place that ends up in an error.
func TestNoSecretInErrors(t *testing.T) {
	echo := func(status int, contentType, format string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			all := fmt.Sprintf("%s %s %s", r.URL, r.URL.RawQuery, signed("https://s3.example.com"))
			if key, secret, ok := r.BasicAuth(); ok {
				all += " " + r.Header.Get("Authorization") + " " + key + " " + secret
			} else {
				all += " " + canaryToken
			}
			quoted, _ := json.Marshal(all)
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Location", signed("https://s3.example.com"))
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, format, quoted)
		}
	}
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ask := func(h http.HandlerFunc) error {
		c := apiClient(t, h, func(o *Options) { o.Log = log })
		_, err := c.GetUpload(t.Context(), "u1")
		return err
	}
	put := func(h http.HandlerFunc, body io.Reader) error {
		srv := httptest.NewServer(h)
		defer srv.Close()
		_, err := storage(t, func(o *StorageOptions) { o.Log = log }).PutPart(t.Context(),
			PutPart{URL: signed(srv.URL), Body: body, Size: 3})
		return err
	}
	abc := func() io.Reader { return strings.NewReader("abc") }
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	failingTransport := transportFunc(func(r *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Put", URL: signed("https://s3.example.com"), Err: fmt.Errorf("proxy http://me:%s@proxy: %s", canarySecret, r.Header.Get("Authorization"))}
	})
	inner := clientOf(t, "http://127.0.0.1:1", func(o *Options) { o.Transport = failingTransport })
	_, innerErr := inner.GetUpload(t.Context(), "u1")
	outer := NewStorage(StorageOptions{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		r.Body.Close()
		return nil, fmt.Errorf("dial %s failed: %w", r.URL, &url.Error{Op: "Put", URL: r.URL.String(), Err: io.EOF})
	})})
	_, outerErr := outer.PutPart(t.Context(), PutPart{URL: signed("https://s3.example.com"), Body: abc(), Size: 3})

	for name, err := range map[string]error{
		"API 400 message":    ask(echo(400, "application/json", `{"message":%s,"code":%[1]s}`)),
		"API 400 title":      ask(echo(400, "application/json", `{"error":%s}`)),
		"API 401 text":       ask(echo(401, "text/plain", `%s`)),
		"API 302":            ask(echo(302, "text/plain", `%s`)),
		"API 200 garbage":    ask(echo(200, "application/json", `{"upload":%s}`)),
		"API 200 cut":        ask(echo(200, "application/json", `%s{`)),
		"API bad part":       ask(jsonAnswer(`{"upload":{"id":"u1","status":"pending","parts":[{"number":1,"url":"` + signed("http://s3.example.com") + `"}]}}`)),
		"API hung up":        ask(hangUp),
		"API transport":      innerErr,
		"storage 403":        put(echo(403, "application/xml", `<Error><Code>X</Code><Message>%s</Message></Error>`), abc()),
		"storage 400 code":   put(echo(400, "application/xml", `<Error><Code>%s</Code><RequestId>%[1]s</RequestId></Error>`), abc()),
		"storage 307":        put(echo(307, "application/xml", `%s`), abc()),
		"storage hung up":    put(hangUp, abc()),
		"storage transport":  outerErr,
		"storage short body": put(echo(200, "", ""), strings.NewReader("ab")),
		"storage bad body":   put(echo(200, "", ""), iotest.ErrReader(errors.New("bad disk"))),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		noCanary(t, name, everyForm(err))
		noCanary(t, name+", wrapped", everyForm(fmt.Errorf("outside: %w", err)))
		for inside := err; inside != nil; inside = errors.Unwrap(inside) {
			if e, ok := inside.(*Error); ok {
				noCanary(t, name+", by value", everyForm(*e))
			}
		}
	}
	if logged.Len() == 0 {
		t.Error("nothing was logged")
	}
	noCanary(t, "the log", logged.String())
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNoSecretInValues(t *testing.T) {
	o := Options{BaseURL: "https://api.example.com/v1", Key: canaryKey, Secret: canarySecret}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	part := Part{Number: 1, URL: signed("https://s3.example.com")}
	upload := Upload{ID: "u1", Parts: []Part{part}}
	put := PutPart{URL: part.URL, Size: 3, Body: strings.NewReader("abc")}
	for name, v := range map[string]any{
		"Options": o, "*Options": &o, "Client": c, "Part": part, "*Part": &part, "Upload": upload, "*Upload": &upload, "PutPart": put, "*PutPart": &put,
	} {
		noCanary(t, name, everyForm(v))
	}
}

func TestLog(t *testing.T) {
	var b bytes.Buffer
	c := apiClient(t, answers(404, "application/json", `{"message":"no"}`, "X-Amzn-Requestid", "r1"), func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, _ = c.GetAsset(t.Context(), "a1")
	for _, want := range []string{"level=DEBUG", "method=GET", "path=/assets/{id}", "status=404", "took=", "request_id=r1", "error.class=not-found"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in %s", want, b.String())
		}
	}
}
