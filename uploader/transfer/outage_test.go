package transfer

import (
	"context"
	"testing"
	"time"

	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/scenario"
	"scenario-drop/standin"
	"scenario-drop/uploader/guard"
)

// With a single connection, a file whose URLs expired while the API is away waits for fresh ones
// without the connection: another file, whose URLs are good, is sent meanwhile. Once the API
// is back the first one is sent, too.
func TestOneConnectionAnOutageAndExpiredURLs(t *testing.T) {
	server := standintest.Start(t, standin.Options{ImportDelay: -1})
	client, err := scenario.New(scenario.Options{BaseURL: server.BaseURL(), Key: server.Key(), Secret: server.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	parts := scenario.NewStorage(scenario.StorageOptions{Connections: 1})
	t.Cleanup(client.CloseIdleConnections)
	t.Cleanup(parts.CloseIdleConnections)
	api := guard.NewAPI(client, guard.Options{})
	storage := guard.NewStorage(parts, guard.StorageOptions{Connections: 1})
	upload := func(name string, size int) (*scenario.Upload, Upload) {
		u, _, _ := sends(t, noise(size, uint64(size)))
		made, err := client.CreateUpload(t.Context(), scenario.NewUpload{FileName: name, FileSize: int64(size), ContentType: "application/octet-stream", Kind: "asset", Parts: u.Plan.Parts})
		if err != nil {
			t.Fatal(err)
		}
		u.URLs = NewURLs(made, func(ctx context.Context) (again *scenario.Upload, err error) {
			err = api.Do(ctx, func(ctx context.Context) (err error) {
				again, err = client.GetUpload(ctx, made.ID)
				return err
			})
			return again, err
		}, time.Now)
		return made, u
	}
	_, expired := upload("a.bin", 2*MinPartSize)
	_, good := upload("b.bin", 1000)

	// Storage refuses the first part's URL, and the record with fresh ones cannot be read.
	server.Inject(standin.Fault{Op: standin.OpPart, Do: standin.DoStatus, Status: 403})
	server.Inject(standin.Fault{Op: standin.OpGet, Do: standin.DoDrop, Times: -1})
	waits := make(chan error, 1)
	go func() { _, err := Send(t.Context(), storage, expired); waits <- err }()
	for {
		if _, out := api.Outage(); out {
			break
		}
		select {
		case err := <-waits:
			t.Fatalf("the file with expired URLs was not sent, or was: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if _, err := Send(t.Context(), storage, good); err != nil {
		t.Fatal(err)
	}
	if _, out := api.Outage(); !out {
		t.Error("the API came back by itself")
	}
	select {
	case err := <-waits:
		t.Errorf("the file with expired URLs did not wait: %v", err)
	default:
	}
	server.ClearFaults()
	if err := <-waits; err != nil {
		t.Error(err)
	}
}
