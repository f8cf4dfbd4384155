// Package s3test starts a real S3 server for a test: versitygw, with a directory of the
// test as its store, on a loopback port of its own.
package s3test

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"scenario-drop/internal/testkit/logtest"
)

// Require is the environment variable that makes a missing server a failure when it is
// set to 1; otherwise the test is skipped, loudly.
const Require = "SCENARIO_DROP_REQUIRE_S3"

const (
	accessKey = "s3test-access"
	secretKey = "s3test-secret-0123456789"
	program   = "versitygw"
	install   = "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0"

	startTime = 20 * time.Second // for the server to answer
	attempts  = 3                // since a free port may be taken before the server has it
)

// Start runs the server until the end of the test. It fails the test when the server
// does not come up, and skips it when the program is not installed (but see Require).
func Start(t testing.TB) (endpoint, access, secret string) {
	t.Helper()
	bin, err := find()
	if err != nil {
		message := fmt.Sprintf("NO REAL S3 SERVER: %v; install it with: %s", err, install)
		if os.Getenv(Require) == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	dir := t.TempDir()
	for attempt := 1; ; attempt++ {
		endpoint, err = launch(t, bin, dir)
		if err == nil {
			return endpoint, accessKey, secretKey
		}
		if attempt == attempts {
			t.Fatalf("starting %s: %v", bin, err)
		}
	}
}

// find looks in PATH and where go install puts programs.
func find() (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		return path, nil
	}
	dirs := []string{os.Getenv("GOBIN")}
	for _, p := range filepath.SplitList(build.Default.GOPATH) {
		dirs = append(dirs, filepath.Join(p, "bin"))
	}
	name := program
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, d := range dirs {
		if d == "" {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(d, name)); err == nil {
			return path, nil
		}
	}
	return "", err
}

// launch starts the server on a free port and waits until it answers.
func launch(t testing.TB, bin, dir string) (endpoint string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, bin, "--port", addr, "--keep-alive", "--quiet", "posix", dir)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	out := &logtest.Buffer{} // read while the server may still write
	cmd.Stdout, cmd.Stderr = out, out
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		cancel()
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop := func() {
		cancel()
		<-ended
	}
	endpoint = "http://" + addr
	if err := awaitAnswer(endpoint, ended); err != nil {
		if !errors.Is(err, errEnded) {
			stop()
		} else {
			cancel()
		}
		return "", fmt.Errorf("%w; it said: %s", err, out)
	}
	t.Cleanup(stop)
	return endpoint, nil
}

var errEnded = errors.New("the server ended at once")

// awaitAnswer returns once anything is answered over HTTP.
func awaitAnswer(endpoint string, ended <-chan error) error {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	limit := time.After(startTime)
	for {
		res, err := client.Get(endpoint)
		if err == nil {
			return res.Body.Close()
		}
		select {
		case err := <-ended:
			return errors.Join(errEnded, err)
		case <-limit:
			return fmt.Errorf("no answer within %v: %w", startTime, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
