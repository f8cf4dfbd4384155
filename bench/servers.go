package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"scenario-drop/internal/testkit/s3store"
	"scenario-drop/standin"
)

const (
	accessKey = "bench-access"
	secretKey = "bench-secret-0123456789"
	bucket    = "bench"
)

// s3 is an S3 server that the clients send to. For scenario-drop and the floor, a
// stand-in for Scenario's API is in front of it.
type s3 struct {
	name    string
	url     string
	caFile  string   // of a server over TLS
	counted *discard // nil: it does not count
	stop    func()
}

// startS3 starts a server by name: versitygw, discard, or either with "+tls".
func startS3(ctx context.Context, name, dir string, t *certificate) (*s3, error) {
	switch name {
	case "versitygw":
		return startVersity(ctx, dir, nil)
	case "versitygw+tls":
		return startVersity(ctx, dir, t)
	case "discard":
		return startDiscard(nil)
	case "discard+tls":
		return startDiscard(t)
	}
	return nil, fmt.Errorf("there is no server %q: versitygw, discard, versitygw+tls or discard+tls", name)
}

func startDiscard(t *certificate) (*s3, error) {
	d := newDiscard()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &s3{name: "discard", url: "http://" + l.Addr().String(), counted: d}
	srv := &http.Server{Handler: d}
	if t != nil {
		s.name, s.url, s.caFile = "discard+tls", "https://"+l.Addr().String(), t.authorityFile
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{t.server}})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "the discarding server ended:", err)
		}
	}()
	s.stop = func() {
		srv.Close()
		<-ended
	}
	return s, nil
}

func startVersity(ctx context.Context, dir string, t *certificate) (*s3, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "versitygw")
	if err := os.MkdirAll(filepath.Join(data, bucket), 0o755); err != nil {
		return nil, err
	}
	args := []string{"--port", addr, "--keep-alive", "--quiet"}
	s := &s3{name: "versitygw", url: "http://" + addr}
	if t != nil {
		s.name, s.url, s.caFile = "versitygw+tls", "https://"+addr, t.authorityFile
		args = append(args, "--cert", t.certFile, "--key", t.keyFile)
	}
	cmd := exec.CommandContext(ctx, "versitygw", append(args, "posix", data)...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(data)
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			return s, c.Close()
		}
		if time.Since(start) > 10*time.Second {
			s.stop()
			return nil, fmt.Errorf("versitygw does not answer: %w", err)
		}
	}
}

// api starts a stand-in whose parts go to s, until stop is called.
func (s *s3) api(ctx context.Context) (server *standin.Server, stop func() error, err error) {
	store, err := s3store.New(s3store.Options{Endpoint: s.url, Bucket: bucket, AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		return nil, nil, err
	}
	server, err = standin.New(standin.Options{Objects: store, NoHash: true})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	return server, func() error { cancel(); return <-ended }, nil
}
