// Package scenariotest is the suite that everybody who plays Scenario passes, as a client sees it:
// package scenario's client against the test server in its variants, the fake of fakescenario, and,
// where one is named in the environment, a real server.
//
// It says what the uploader relies on. What the API's reference leaves open is left open here: a
// test takes every answer that the uploader can live with.
package scenariotest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/uploader"
)

// Server is who plays Scenario, with nothing of the test's in it yet.
type Server struct {
	API     uploader.API
	Storage uploader.Storage

	// Fail has the next call of an operation go wrong. nil: it cannot be asked to, and the tests of
	// that are skipped.
	Fail func(op string, how Failure)

	// Fresh tells that it holds nothing else: what it lists is what the test made.
	Fresh bool

	PartSize int64 // bytes, of each part but the last
}

// Failure is how a call goes wrong.
type Failure struct {
	Status     int           // is answered, and nothing done; 0: the connection breaks
	RetryAfter time.Duration // in whole seconds; 0: the answer does not say
	PlanLimit  bool          // with 429: a limit of the plan, and not of the rate
	Done       bool          // with the connection that breaks: the work is done all the same
}

// Operations that go wrong, as the test server calls them.
const (
	create, part, complete, get = "create", "part", "complete", "get"
	tags, link, asset           = "tags", "link", "asset"
)

// Run runs the suite against servers that start makes, one for each test.
func Run(t *testing.T, start func(t *testing.T) Server) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Server)
	}{
		{"from a file to an asset", wholeWay},
		{"parts again and in any order", partsAgain},
		{"fresh URLs", freshURLs},
		{"an upload that lacks a part", lacksAPart},
		{"completed twice", completedTwice},
		{"a failed import", failedImport},
		{"lost answers", lostAnswers},
		{"a part that is not what it was", changedPart},
		{"models", models},
		{"what is not there", notThere},
		{"what is refused", refused},
		{"the classes of errors", classes},
		{"collections", collections},
		{"tags", tagging},
		{"lists of assets", lists},
		{"an end in between", ended},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, start(t))
		})
	}
}

// limit bounds one wait for an import.
const limit = 5 * time.Minute

// content is so many bytes that no other test, and no test before, has sent.
func content(n int64) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// name is one that nobody else has taken at a server that is not fresh.
func name(what string) string { return fmt.Sprintf("%s %016x", what, rand.Uint64()) }

// upload is one that is being made.
type upload struct {
	*scenario.Upload
	content []byte
}

// begin makes an upload for new content of so many parts, the last of 9 bytes.
func (s Server) begin(t *testing.T, kind string, parts int, options *scenario.AssetOptions) upload {
	t.Helper()
	c := content(int64(parts-1)*s.PartSize + 9)
	u, err := s.API.CreateUpload(t.Context(), scenario.NewUpload{FileName: "größe & co.png", FileSize: int64(len(c)), ContentType: "image/png", Kind: kind, Parts: parts, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	if u.ID == "" || u.Outcome() != scenario.Sending || len(u.Parts) != parts {
		t.Fatalf("a new upload is %s in state %s, of %d parts", u.ID, u.Status, len(u.Parts))
	}
	for i, p := range u.Parts {
		if p.Number != i+1 || p.URL == "" {
			t.Errorf("part %d has number %d and URL %q", i+1, p.Number, p.URL)
		}
	}
	return upload{u, c}
}

// put sends a part of an upload, with bytes of the content or others.
func (s Server) put(t *testing.T, u upload, p scenario.Part, other []byte) error {
	t.Helper()
	from := int64(p.Number-1) * s.PartSize
	body := u.content[from:min(from+s.PartSize, int64(len(u.content)))]
	if other != nil {
		body = other
	}
	_, err := s.Storage.PutPart(t.Context(), scenario.PutPart{URL: p.URL, Body: bytes.NewReader(body), Size: int64(len(body)), ContentType: "image/png"})
	return err
}

// send puts all parts and completes the upload.
func (s Server) send(t *testing.T, u upload) *scenario.Upload {
	t.Helper()
	for _, p := range u.Parts {
		if err := s.put(t, u, p, nil); err != nil {
			t.Fatalf("%v: %v", p, err)
		}
	}
	done, err := s.API.CompleteUpload(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// follow waits until an upload is imported, or failed, as the uploader finds that out, and
// returns its last record.
func (s Server) follow(t *testing.T, u *scenario.Upload) *scenario.Upload {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	entity := ""
	for {
		if u.EntityID != "" {
			if entity == "" {
				entity = u.EntityID
			}
			if u.EntityID != entity {
				t.Fatalf("the entity id was %s and is %s", entity, u.EntityID)
			}
		}
		switch u.Outcome() {
		case scenario.Imported, scenario.Failed:
			return u
		case scenario.Sending:
			t.Fatalf("a completed upload is %s", u.Status)
		}
		switch {
		case entity == "":
		case u.Kind == "model":
			return u // of a model no more is known than that its id is final
		default:
			if a, err := s.API.GetAsset(ctx, entity); err == nil && a.Status == "success" {
				return u
			}
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("after %v an upload is still %s", limit, u.Status)
		}
		var err error
		if u, err = s.API.GetUpload(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// imported sends new content and returns its asset.
func (s Server) imported(t *testing.T, options *scenario.AssetOptions) *scenario.Asset {
	t.Helper()
	u := s.follow(t, s.send(t, s.begin(t, "image", 1, options)))
	if u.EntityID == "" || u.Outcome() == scenario.Failed {
		t.Fatalf("the upload is %s: %s", u.Status, u.ErrorMessage)
	}
	a, err := s.API.GetAsset(t.Context(), u.EntityID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// holds checks that an asset's bytes are these.
func (s Server) holds(t *testing.T, assetID string, want []byte) {
	t.Helper()
	url, err := s.API.AssetURL(t.Context(), assetID)
	if err != nil {
		t.Fatal(err)
	}
	sum, size, err := s.Storage.Sum(t.Context(), scenario.Download{URL: url, Limit: int64(len(want))})
	if err != nil || size != int64(len(want)) || sum != sha256.Sum256(want) {
		t.Errorf("Scenario holds %d bytes with hash %x, %v; sent were %d with %x", size, sum, err, len(want), sha256.Sum256(want))
	}
}

// class checks the class of an error.
func class(t *testing.T, what string, err error, want ...scenario.Class) {
	t.Helper()
	got := scenario.ClassOf(err)
	for _, w := range want {
		if got == w {
			return
		}
	}
	t.Errorf("%s: class %q of %v, want one of %v", what, got, err, want)
}
