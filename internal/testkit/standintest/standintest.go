// Package standintest runs the stand-in for tests.
package standintest

import (
	"context"
	"testing"

	"scenario-drop/standin"
)

// Start runs a stand-in until the test ends, which fails if the stand-in does.
func Start(t testing.TB, o standin.Options) *standin.Server {
	t.Helper()
	server, err := standin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("the stand-in ended with: %v", err)
		}
	})
	return server
}
