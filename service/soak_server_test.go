package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"scenario-drop/standin"
)

// apart is a stand-in in a process of its own, so that what this process holds is the
// product's alone.
type apart struct {
	t           *testing.T
	base        string // of the process, without a path
	URL         string // of the API
	Key, Secret string
}

const apartEnv = "SOAK_STANDIN"

// TestSoakServer is that process. It ends when its stdin does, which is when its parent
// ends at the latest.
func TestSoakServer(t *testing.T) {
	if os.Getenv(apartEnv) == "" {
		t.Skip("is run by the soak")
	}
	server, err := standin.New(standin.Options{MinPartSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	if err := json.NewEncoder(os.Stderr).Encode(apart{URL: server.BaseURL(), Key: server.Key(), Secret: server.Secret()}); err != nil {
		t.Fatal(err)
	}
	if err := server.Run(ctx); err != nil {
		t.Error(err)
	}
}

// startApart runs a stand-in until the test ends.
func startApart(t *testing.T) *apart {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSoakServer$")
	cmd.Env = append(os.Environ(), apartEnv+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the stand-in ended with: %v", err)
		}
	})
	a := &apart{t: t}
	if err := json.NewDecoder(stderr).Decode(a); err != nil {
		t.Fatalf("the stand-in does not say where it is: %v", err)
	}
	a.base = a.URL[:len(a.URL)-len("/v1")]
	return a
}

// call asks the stand-in for something of its own.
func (a *apart) call(method, path string, in, out any) {
	a.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.base+"/_standin/"+path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	res, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (a *apart) inject(f standin.Fault) { a.call(http.MethodPost, "faults", f, nil) }
func (a *apart) clear()                 { a.call(http.MethodDelete, "faults", nil, nil) }

func (a *apart) account() (all standin.Account) {
	a.call(http.MethodGet, "account", nil, &all)
	return all
}

// hash is the SHA-256 of a numbered content.
func hash(n uint64) []byte {
	sum := sha256.Sum256(content(n))
	return sum[:]
}
