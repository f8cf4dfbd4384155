package service

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/config"
	"scenario-drop/internal/testkit/mounttest"
)

// What was sent is not kept beside a config on a network drive, unless the config says so.
func TestConfigOnANetworkDrive(t *testing.T) {
	share := mounttest.Bind(t, t.TempDir(), t.TempDir())
	in := t.TempDir()
	file := filepath.Join(share.Mount, "drop.toml")
	load := func(head string) *config.Config {
		text := head + "[scenario]\nbase_url = 'http://127.0.0.1:9/v1'\napi_key = 'k'\napi_secret = 's'\n[status]\nlisten = 'off'\n[[watch]]\npath = '" + in + "'\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Loader{Getenv: func(string) string { return "" }}.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	log := slog.New(slog.DiscardHandler)
	c := load("")
	if _, err := Once(t.Context(), c, log, nil, nil); err == nil || !strings.Contains(err.Error(), "write data_dir") {
		t.Errorf("once: %v", err)
	}
	if _, err := Open(t.Context(), Options{Config: c, Doing: "run", Log: log}); err == nil || !strings.Contains(err.Error(), "write data_dir") {
		t.Errorf("run: %v", err)
	}
	if entries, err := os.ReadDir(share.Mount); err != nil || len(entries) != 1 {
		t.Errorf("something was made: %v, %v", entries, err)
	}
	if err := CheckPlace(load("data_dir = '" + t.TempDir() + "'\n")); err != nil {
		t.Error(err)
	}
	if err := CheckPlace(load("data_dir = '" + share.Mount + "'\n")); err != nil {
		t.Errorf("on purpose: %v", err)
	}
}
