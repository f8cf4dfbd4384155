package scenario

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/testcert"
)

func newAuthority(t *testing.T) *testcert.Authority {
	t.Helper()
	a, err := testcert.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func sign(t *testing.T, a *testcert.Authority, name string, until time.Time) tls.Certificate {
	t.Helper()
	cert, err := a.Sign(until, name)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// A server that cannot prove who it is gets neither a key nor a byte of a file, and is
// not asked again in a weaker way.
func TestTLSIsVerified(t *testing.T) {
	trusted, stranger := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	const local = "127.0.0.1"
	for name, c := range map[string]struct {
		cert tls.Certificate
		most uint16 // TLS version that the server offers at most
		want string // in the error; "": it is trusted
	}{
		"good":         {sign(t, trusted, local, soon), tls.VersionTLS13, ""},
		"untrusted":    {sign(t, stranger, local, soon), tls.VersionTLS13, "nobody this machine trusts"},
		"another name": {sign(t, trusted, "api.example.com", soon), tls.VersionTLS13, "in the server's name"},
		"expired":      {sign(t, trusted, local, time.Now().Add(-time.Minute)), tls.VersionTLS13, "not valid now"},
		"old TLS":      {sign(t, trusted, local, soon), tls.VersionTLS11, "version"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("ETag", "e")
				_, _ = io.WriteString(w, `{"upload":{"id":"u1","status":"imported"}}`)
			}))
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{c.cert}, MinVersion: tls.VersionTLS10, MaxVersion: c.most}
			srv.Config.ErrorLog = discardLog()
			plain := &plainListener{Listener: srv.Listener}
			srv.Listener = plain
			srv.StartTLS()
			defer srv.Close()
			roots := trusted.Pool()

			client := clientOf(t, srv.URL+"/v1")
			client.transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
			_, apiErr := client.GetUpload(t.Context(), "u1")
			s := storage(t)
			s.transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
			_, partErr := s.PutPart(t.Context(), PutPart{URL: signed(srv.URL), Body: strings.NewReader("abc"), Size: 3})
			if plain.saw {
				t.Error("something was sent in plain text")
			}
			if c.want == "" {
				if apiErr != nil || partErr != nil || asked != 2 {
					t.Errorf("%v, %v, asked %d times", apiErr, partErr, asked)
				}
				return
			}
			for _, err := range []error{apiErr, partErr} {
				if e := mustError(t, err, Network); !strings.Contains(e.Error(), c.want) {
					t.Errorf("%v", e)
				}
			}
			if asked != 0 {
				t.Error("a request was sent all the same")
			}
		})
	}
}

// plainListener notes whether a connection began with anything but a TLS handshake.
type plainListener struct {
	net.Listener
	saw bool
}

func (l *plainListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(c)
	if first, err := r.Peek(1); err == nil && first[0] != 22 {
		l.saw = true
	}
	return &peekedConn{c, r}, nil
}

type peekedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *peekedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// Where a part may go is the API's word: it leads nowhere that only this machine can reach.
func TestPartAddresses(t *testing.T) {
	for _, c := range []struct {
		address        string
		public, onHere bool // whether it is taken from a public API, and from one on this machine
	}{
		{"https://bucket.s3.amazonaws.com/x?sig=1", true, true},
		{"https://10.1.2.3/x", true, true}, // a gateway of the studio's own
		{"https://[2001:db8::1]:8443/x", true, true},
		{"http://127.0.0.1:9000/x", false, true},
		{"https://127.0.0.1/x", false, true},
		{"https://127.1.2.3/x", false, true},
		{"https://localhost/x", false, true},
		{"https://[::1]/x", false, true},
		{"https://[::ffff:127.0.0.1]/x", false, false},
		{"https://169.254.169.254/latest/meta-data", false, false},
		{"http://169.254.169.254/latest/meta-data", false, false},
		{"https://[::ffff:169.254.169.254]/", false, false},
		{"https://[64:ff9b::a9fe:a9fe]/", false, false},
		{"https://[64:ff9b::7f00:1]/", false, false},
		// However an IPv4 address is dressed up, a proxy or a resolver may see through it.
		{"https://[::ffff:52.216.1.1]/x", false, false},
		{"https://[64:ff9b::34d8:101]/x", false, false},
		{"https://[64:ff9b:1::a9fe:a9fe]/x", false, false},
		{"https://[::7f00:1]/x", false, false},
		{"https://[2002:7f00:1::]/x", false, false},
		{"https://[2001:0:53aa:64c::1]/x", false, false},
		{"https://2130706433/x", false, false},
		{"https://0x7f000001/x", false, false},
		{"https://0x7F.1/x", false, false},
		{"https://127.1/x", false, false},
		{"https://0177.0.0.1/x", false, false},
		{"https://127.0.0.1./x", false, false},
		{"https://169.254.169.254./x", false, false},
		{"https://10.1.2/x", false, false},
		{"https://s3.example.12345/x", false, false},
		{"https://１２７.0.0.1/x", false, false},
		{"https://127。0。0。1/x", false, false},
		{"https://localhost./x", false, true},
		{"https://LOCALHOST/x", false, true},
		{"https://a.localhost/x", false, true},
		{"https://ip6-localhost/x", false, true},
		{"https://127.0.0.1.example.com/x", true, true},
		{"https://0x.example.com/x", true, true},
		{"https://s3.example.com./x", true, true},
		{"https://bucket-1.s3-us-west-2.amazonaws.com/x", true, true},
		{"https://[fe80::1%25eth0]/", false, false},
		{"https://0.0.0.0/", false, false},
		{"https://[::]/", false, false},
		{"https://224.0.0.1/", false, false},
		{"http://10.1.2.3/x", false, false},
		{"http://bucket.s3.amazonaws.com/x", false, false},
		{"file:///etc/passwd", false, false},
		{"file://127.0.0.1/etc/passwd", false, false},
		{"ftp://127.0.0.1/x", false, false},
		{"unix:///run/docker.sock", false, false},
		{"/run/docker.sock", false, false},
		{`\\host\share\x`, false, false},
		{"https://me:pw@s3.example.com/x", false, false},
		{"https://s3.example.com@127.0.0.1/x", false, false},
		{"HTTPS://S3.example.com/x", true, true},
		{"gopher://127.0.0.1/", false, false},
		{"javascript:alert(1)", false, false},
	} {
		for _, public := range []bool{true, false} {
			want := c.onHere
			if public {
				want = c.public
			}
			if _, err := parsePartAddress(c.address, public); (err == nil) != want {
				t.Errorf("%s, public %v: %v", c.address, public, err)
			}
			api := clientOf(t, map[bool]string{true: "https://api.example.com/v1", false: "http://127.0.0.1:1/v1"}[public])
			w := uploadWire{ID: "u1", Status: "pending", Parts: list[partWire]{v: []partWire{{Number: 1, URL: c.address}}}}
			if _, problem := w.upload(api.scrub, api.Public()); (problem == "") != want {
				t.Errorf("%s in a record, public %v: %s", c.address, public, problem)
			}
		}
	}
}

// A name that leads to this machine is no way around that: it is looked at where it
// leads, at the moment of connecting.
func TestPartNamesThatLeadHere(t *testing.T) {
	asked := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	// The last dot makes it a name like any other, which the system knows all the same.
	address := "https://localhost.:" + u.Port() + "/x"
	if _, err := net.DefaultResolver.LookupHost(t.Context(), "localhost."); err != nil {
		t.Skip(err)
	}
	s := storage(t, func(o *StorageOptions) { o.Public = true })
	trusting(t, s.transport, srv)
	_, err = s.PutPart(t.Context(), PutPart{URL: address, Body: strings.NewReader("abc"), Size: 3})
	if e := mustError(t, err, Network); !strings.Contains(e.Message, "leads to this machine") || asked {
		t.Errorf("%v, asked %v", e, asked)
	}
	// The same connection is made for an API that is here too.
	here := storage(t)
	here.transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: s.transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}
	if _, err := here.PutPart(t.Context(), PutPart{URL: address, Body: strings.NewReader("abc"), Size: 3}); ClassOf(err) == Network || !asked {
		t.Errorf("%v, asked %v", err, asked)
	}
}

// A proxy is what the user says, and may well be on this machine. In a process of its
// own, since the environment is read once.
func TestProxyOnThisMachine(t *testing.T) {
	if proxied := testProxy(t); proxied != "CONNECT s3.example.com:443" {
		t.Errorf("the proxy got %q", proxied)
	}
}

// An answer that comes a byte at a time ends nonetheless.
func TestAnswerThatTrickles(t *testing.T) {
	trickle := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("ETag", "e")
		for r.Context().Err() == nil {
			if _, err := fmt.Fprint(w, " "); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	for name, ask := range map[string]func(ctx context.Context, base string) error{
		"API": func(ctx context.Context, base string) error {
			_, err := clientOf(t, base, func(o *Options) { o.Timeout = 500 * time.Millisecond }).GetUpload(ctx, "u1")
			return err
		},
		"storage": func(ctx context.Context, base string) error {
			_, err := storage(t, stallAfter(500*time.Millisecond)).PutPart(ctx, PutPart{URL: base, Body: strings.NewReader("abc"), Size: 3})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(trickle)
			defer srv.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			mustError(t, ask(ctx, srv.URL), Network)
		})
	}
}
