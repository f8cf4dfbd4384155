package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"

	"scenario-drop/standin"
)

// far are the servers at the far end of a line. The stand-in itself and its own way to
// the storage are on loopback: only what clients send and get goes over the line.
type far struct {
	network *network
	s3      *s3
	api     *standin.Server
	base    string // of the API, for clients
	stop    func() error
}

func startFar(ctx context.Context, n *network, t *certificate) (*far, error) {
	near, err := startDiscard(nil)
	if err != nil {
		return nil, err
	}
	api, stopAPI, err := near.api(ctx)
	if err != nil {
		near.stop()
		return nil, err
	}
	storage, storageAt, err := serveFar(n, near.counted, t, false)
	if err != nil {
		near.stop()
		return nil, errors.Join(err, stopAPI())
	}
	proxy, proxyAt, err := serveFar(n, toStandin(api, near.url, storageAt), t, true)
	if err != nil {
		storage.Close()
		near.stop()
		return nil, errors.Join(err, stopAPI())
	}
	return &far{
		network: n, api: api, base: proxyAt + "/v1",
		s3: &s3{name: "discard+tls", url: storageAt, caFile: t.authorityFile, counted: near.counted, stop: func() {}},
		stop: func() error {
			err := errors.Join(proxy.Close(), storage.Close(), stopAPI())
			near.stop()
			return err
		},
	}, nil
}

// serveFar serves at the far end of the line over TLS: HTTP/1.1 as S3 does, or HTTP/2 too.
func serveFar(n *network, h http.Handler, t *certificate, http2 bool) (srv *http.Server, at string, err error) {
	l, err := n.listen()
	if err != nil {
		return nil, "", err
	}
	srv = &http.Server{Handler: h, TLSConfig: &tls.Config{Certificates: []tls.Certificate{t.server}}, Protocols: new(http.Protocols)}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetHTTP2(http2)
	go func() {
		if err := srv.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			fmt.Fprintln(os.Stderr, "a server at the end of the line ended:", err)
		}
	}()
	return srv, "https://" + l.Addr().String(), nil
}

// toStandin passes requests on to a stand-in, and makes the part URLs in its answers
// lead over the line.
func toStandin(api *standin.Server, storage, overLine string) http.Handler {
	base, err := url.Parse(strings.TrimSuffix(api.BaseURL(), "/v1"))
	if err != nil {
		panic(err) // the stand-in's own address
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(base) },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err = errors.Join(err, r.Body.Close()); err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte(storage), []byte(overLine))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	}
}
