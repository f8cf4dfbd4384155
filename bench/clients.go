package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scenario-drop/standin"
)

// client is one way to bring a folder to the server.
type client struct {
	name string
	run  func(ctx context.Context, r *job) (cost, error)
}

// job is one run: a folder, a server, and a directory for what the client keeps.
type job struct {
	programs
	files  string // the folder to send
	state  string // empty at the start
	to     *s3
	prefix string          // under which peers store, new for each run
	api    *standin.Server // in front of the server, where one runs already
	base   string          // the API's base where it is not the stand-in's own
	inside []string        // the start of a command line that runs the client elsewhere
	said   io.Writer       // gets what a client in the background says; nil: nobody
}

// measure runs a program to its end where the clients run.
func (r *job) measure(ctx context.Context, env []string, name string, args ...string) (cost, error) {
	all := append(append(slices.Clone(r.inside), name), args...)
	return measure(ctx, r.state, env, all[0], all[1:]...)
}

// programs are where the programs compared are.
type programs struct {
	scenarioDrop, self, old, rclone, mc string // old, rclone and mc may be "": left out
}

func clients(p programs) []client {
	all := []client{
		{"scenario-drop", runDrop},
		{"floor", func(ctx context.Context, r *job) (cost, error) { return r.floor(ctx, false) }},
		{"floor + SHA-256", func(ctx context.Context, r *job) (cost, error) { return r.floor(ctx, true) }},
	}
	if p.old != "" {
		all = append(all, client{"scenario-drop, old", func(ctx context.Context, r *job) (cost, error) {
			r.scenarioDrop = r.old
			return runDrop(ctx, r)
		}})
	}
	if p.mc != "" {
		all = append(all, client{"mc mirror", runMC})
	}
	if p.rclone != "" {
		all = append(all, client{"rclone copy", func(ctx context.Context, r *job) (cost, error) { return r.rcloneCopy(ctx) }},
			client{"rclone copy, tuned", func(ctx context.Context, r *job) (cost, error) { return r.rcloneCopy(ctx, tunedRclone()...) }})
	}
	return all
}

// tunedRclone are the flags that a patient reader of rclone's manual ends up with for
// this work: more at once, and no requests that only check.
func tunedRclone() []string {
	return []string{"--transfers=16", "--checkers=16", "--s3-upload-concurrency=8", "--s3-chunk-size=8Mi", "--buffer-size=0",
		"--no-traverse", "--s3-no-check-bucket", "--s3-no-head", "--s3-disable-checksum"}
}

// environment is what every client gets besides its own.
func (r *job) environment(more ...string) []string {
	env := append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.state}, more...)
	if r.to.caFile != "" {
		env = append(env, "SSL_CERT_FILE="+r.to.caFile)
	}
	return env
}

func runDrop(ctx context.Context, r *job) (cost, error) {
	return r.withAPI(ctx, func(api *standin.Server) (cost, error) {
		config, err := r.configure(api, "", `settle = "0s"`)
		if err != nil {
			return cost{}, err
		}
		return r.measure(ctx, r.environment(), r.scenarioDrop, "once", "--config", config)
	})
}

// configure writes a config for scenario-drop, with lines for [upload] and for the
// folder, and returns where.
func (r *job) configure(api *standin.Server, upload, rule string) (string, error) {
	text := fmt.Sprintf(`data_dir = %q
[scenario]
base_url = %q
api_key = %q
api_secret = %q
[upload]
%s
[status]
listen = "off"
[[watch]]
path = %q
kind = "asset"
%s
`, filepath.Join(r.state, "data"), cmp.Or(r.base, api.BaseURL()), api.Key(), api.Secret(), upload, r.files, rule)
	name := filepath.Join(r.state, "config.toml")
	return name, os.WriteFile(name, []byte(text), 0o600)
}

func (r *job) floor(ctx context.Context, hash bool) (cost, error) {
	return r.withAPI(ctx, func(api *standin.Server) (cost, error) {
		return r.measure(ctx, r.environment(), r.self, "floor", fmt.Sprint("-hash=", hash), api.BaseURL(), api.Key(), api.Secret(), r.files)
	})
}

// withAPI runs a client of Scenario's protocol, and checks that all files became
// assets.
func (r *job) withAPI(ctx context.Context, run func(*standin.Server) (cost, error)) (c cost, err error) {
	if r.api != nil {
		return run(r.api)
	}
	api, stop, err := r.to.api(ctx)
	if err != nil {
		return c, err
	}
	defer func() {
		a := api.Account()
		for _, n := range a.Requests {
			c.requests += n
		}
		if stopErr := stop(); err == nil {
			err = stopErr
		}
	}()
	return run(api)
}

func runMC(ctx context.Context, r *job) (cost, error) {
	return r.measure(ctx, r.mcEnvironment(), r.mc, "--config-dir", r.state, "--quiet", "mirror", r.files, "bench/"+bucket+"/"+r.prefix)
}

func (r *job) mcEnvironment() []string {
	scheme, host, _ := strings.Cut(r.to.url, "://")
	return r.environment(fmt.Sprintf("MC_HOST_bench=%s://%s:%s@%s", scheme, accessKey, secretKey, host))
}

func (r *job) rcloneCopy(ctx context.Context, flags ...string) (cost, error) {
	env := r.environment("RCLONE_CONFIG_BENCH_TYPE=s3", "RCLONE_CONFIG_BENCH_PROVIDER=Other", "RCLONE_CONFIG_BENCH_ENDPOINT="+r.to.url,
		"RCLONE_CONFIG_BENCH_ACCESS_KEY_ID="+accessKey, "RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY="+secretKey, "RCLONE_CONFIG_BENCH_REGION=us-east-1")
	args := append([]string{"copy", r.files, "bench:" + bucket + "/" + r.prefix}, flags...)
	return r.measure(ctx, env, r.rclone, args...)
}
