package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/standin"
)

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
