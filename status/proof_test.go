package status

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// callControl makes one request on a connection.
func callControl(t *testing.T, c net.Conn, path, header, value string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+c.RemoteAddr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	if err := req.Write(c); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func dialControl(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.access.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// The control API listens to nobody who has not proved on this very connection to know
// the secret, and neither what a browser nor what an eavesdropper may have is such a proof.
func TestControlNeedsAProof(t *testing.T) {
	s := serve(t, Options{Daemon: &told{}, Listen: "127.0.0.1:0"})
	greet := func(c net.Conn) hello {
		t.Helper()
		_, body := callControl(t, c, helloPath, nonceHeader, "mine")
		var h hello
		if err := json.Unmarshal([]byte(body), &h); err != nil || h.Nonce == "" {
			t.Fatalf("%q, %v", body, err)
		}
		if strings.Contains(body, s.access.Secret) || h.Proof != proof(s.access.Secret, byDaemon, s.access.Address, "mine", h.Nonce) {
			t.Errorf("the daemon's hello is %q", body)
		}
		return h
	}
	first := dialControl(t, s)
	h := greet(first)
	good := proof(s.access.Secret, byCommand, s.access.Address, "mine", h.Nonce)
	if res, _ := callControl(t, first, "/api/status", "Authorization", proofScheme+good); res.StatusCode != http.StatusOK {
		t.Errorf("a proof: %s", res.Status)
	}
	for name, c := range map[string]struct {
		hello         bool
		header, value string
	}{
		"another connection's proof": {true, "Authorization", proofScheme + good},
		"a proof before the hello":   {false, "Authorization", proofScheme + good},
		"the daemon's own proof":     {true, "Authorization", proofScheme + h.Proof},
		"no proof":                   {true, "Authorization", proofScheme},
		"the page's token":           {true, "Authorization", "Bearer " + s.token},
		"the page's cookie":          {true, "Cookie", cookieName + "=" + s.token},
		"the secret itself":          {true, "Authorization", "Bearer " + s.access.Secret},
	} {
		line := dialControl(t, s)
		if c.hello {
			greet(line)
		}
		if res, _ := callControl(t, line, "/api/status", c.header, c.value); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	if res, _ := callControl(t, dialControl(t, s), helloPath, nonceHeader, strings.Repeat("x", maxNonce+1)); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a long nonce: %s", res.Status)
	}
}

// relay passes every byte on to another address, and keeps what went by.
func relay(t *testing.T, to string) (address string, heard func() string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var text strings.Builder
	keep := writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return text.Write(p)
	})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				far, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer far.Close()
				all.Go(func() { _, _ = io.Copy(c, far) })
				_, _ = io.Copy(far, io.TeeReader(c, keep))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return l.Addr().String(), func() string {
		mu.Lock()
		defer mu.Unlock()
		return text.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// Somebody who passes on what another daemon says is not taken for it.
func TestRelayedProofIsNone(t *testing.T) {
	d := &told{}
	s := serve(t, Options{Daemon: d})
	address, heard := relay(t, s.access.Address)
	c := &Client{access: Access{Address: address, Secret: s.access.Secret}}
	if err := c.Pause(t.Context(), time.Time{}); !errors.Is(err, ErrNotRunning) || d.paused {
		t.Errorf("paused: %v, %v", d.paused, err)
	}
	if text := heard(); !strings.Contains(text, helloPath) || strings.Contains(text, "pause") || strings.Contains(text, s.access.Secret) {
		t.Errorf("in between was heard:\n%s", text)
	}
}

// The daemon's address of an older version, which has no secret, is not called.
func TestAddressWithoutASecret(t *testing.T) {
	dir := t.TempDir()
	if err := (Access{Address: "127.0.0.1:1"}).write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(dir); !errors.Is(err, ErrOtherVersion) {
		t.Errorf("%v", err)
	}
}
