package scenario_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// The whole way against the stand-in, friendly and at its oddest.
func TestWholeWay(t *testing.T) {
	for name, play := range map[string]standin.Play{
		"friendly": {},
		"odd":      {ShuffleParts: true, Expires: "http", OpaqueETag: true, EarlyEntityID: true, JobID: true, Unknown: true, AddTwice: "error"},
	} {
		t.Run(name, func(t *testing.T) { completeWay(t, play) })
	}
}

func completeWay(t *testing.T, play standin.Play) {
	const partSize = 1 << 16
	server, err := standin.New(standin.Options{Dir: t.TempDir(), MinPartSize: 1, Play: play})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	c, err := scenario.New(scenario.Options{BaseURL: server.BaseURL(), Key: server.Key(), Secret: server.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	s := scenario.NewStorage(scenario.StorageOptions{})
	defer s.CloseIdleConnections()

	made, err := c.CreateCollection(ctx, "Orcs")
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 3*partSize/16)[:2*partSize+1]
	u, err := c.CreateUpload(ctx, scenario.NewUpload{
		FileName: "größe.png", FileSize: int64(len(content)), ContentType: "image/png", Kind: "image", Parts: 3,
		Options: &scenario.AssetOptions{CollectionIDs: []string{made.ID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range u.Parts {
		if p.ExpiredAt(u.ServerNow(time.Now())) || p.Expires.IsZero() {
			t.Errorf("%v expires at %v", p, p.Expires)
		}
		from := int64(p.Number-1) * partSize
		section := io.NewSectionReader(bytes.NewReader(content), from, min(partSize, int64(len(content))-from))
		if _, err := s.PutPart(ctx, scenario.PutPart{URL: p.URL, Body: section, Size: section.Size(), ContentType: "image/png"}); err != nil {
			t.Fatal(err)
		}
	}
	u, err = c.CompleteUpload(ctx, u.ID)
	for err == nil && u.Outcome() == scenario.Working {
		time.Sleep(5 * time.Millisecond)
		u, err = c.GetUpload(ctx, u.ID)
	}
	if err != nil || u.Outcome() != scenario.Imported {
		t.Fatalf("%+v, %v", u, err)
	}
	asset, err := c.GetAsset(ctx, u.EntityID)
	if err != nil || len(asset.CollectionIDs) != 1 || asset.CollectionIDs[0] != made.ID || asset.Size != int64(len(content)) {
		t.Errorf("%+v, %v", asset, err)
	}
	if err := c.AddAssets(ctx, made.ID, []string{asset.ID}); (play.AddTwice == "error") != (scenario.ClassOf(err) == scenario.Rejected) {
		t.Errorf("added twice: %v", err)
	}
	var names []string
	for found, err := range c.Collections(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found.Name)
	}
	if fmt.Sprint(names) != "[Orcs]" {
		t.Errorf("collections %v", names)
	}
	_, err = c.GetModel(ctx, asset.ID)
	if scenario.ClassOf(err) != scenario.NotFound {
		t.Errorf("an asset as a model: %v", err)
	}

	account := server.Account()
	if len(account.Violations) > 0 {
		t.Errorf("violations: %+v", account.Violations)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(content)); len(account.Assets) != 1 || account.Assets[0].SHA256 != want {
		t.Errorf("assets %+v", account.Assets)
	}
}

// What the stand-in's faults look like from here.
func TestStandinFaults(t *testing.T) {
	server, err := standin.New(standin.Options{Dir: t.TempDir(), MinPartSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	defer func() {
		cancel()
		<-done
	}()
	c, err := scenario.New(scenario.Options{
		BaseURL: server.BaseURL(), Key: server.Key(), Secret: server.Secret(), StallTimeout: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	s := scenario.NewStorage(scenario.StorageOptions{StallTimeout: 200 * time.Millisecond})
	defer s.CloseIdleConnections()
	const size = 1 << 20
	create := func() (*scenario.Upload, error) {
		return c.CreateUpload(ctx, scenario.NewUpload{FileName: "x.png", FileSize: size, ContentType: "image/png", Kind: "image", Parts: 1})
	}
	u, err := create()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		fault    standin.Fault
		api, put scenario.Class
	}{
		{standin.Fault{Do: standin.DoStatus, Status: 403}, scenario.Forbidden, scenario.Expired},
		{standin.Fault{Do: standin.DoStatus, Status: 404}, scenario.NotFound, scenario.NotFound},
		{standin.Fault{Do: standin.DoStatus, Status: 429, RetryAfter: "1"}, scenario.RateLimited, scenario.RateLimited},
		{standin.Fault{Do: standin.DoStatus, Status: 503}, scenario.ServerFault, scenario.ServerFault},
		{standin.Fault{Do: standin.DoStatus, Status: 307}, scenario.Garbled, scenario.Garbled},
		{standin.Fault{Do: standin.DoHTML}, scenario.Garbled, scenario.Garbled},
		{standin.Fault{Do: standin.DoDrop}, scenario.Network, scenario.Network},
		{standin.Fault{Do: standin.DoDrop, When: standin.After}, scenario.Network, scenario.Network},
		{standin.Fault{Do: standin.DoDrop, When: standin.Middle, Reset: true}, scenario.Network, scenario.Network},
		{standin.Fault{Do: standin.DoStall}, scenario.Network, scenario.Network},
	} {
		name := fmt.Sprintf("%s %d %s", f.fault.Do, f.fault.Status, f.fault.When)
		f.fault.Op = standin.OpCreate
		server.Inject(f.fault)
		if _, err := create(); scenario.ClassOf(err) != f.api {
			t.Errorf("%s, API: %v of class %v, want %v", name, err, scenario.ClassOf(err), f.api)
		}
		f.fault.Op = standin.OpPart
		server.Inject(f.fault)
		_, err := s.PutPart(ctx, scenario.PutPart{URL: u.Parts[0].URL, Body: bytes.NewReader(make([]byte, size)), Size: size})
		if scenario.ClassOf(err) != f.put {
			t.Errorf("%s, storage: %v of class %v, want %v", name, err, scenario.ClassOf(err), f.put)
		}
		server.ClearFaults()
	}
	account := server.Account()
	if account.Fired != 20 || len(account.Violations) > 0 {
		t.Errorf("%d faults struck; violations %+v", account.Fired, account.Violations)
	}
}
