package standin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// runKept runs a server until stop is called, which a restart needs before the test ends.
func runKept(t *testing.T, o Options) (s *Server, stop func()) {
	t.Helper()
	o.Keep = true
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// What the server was told before a restart, in whatever state, holds after it.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dir: dir, MinPartSize: 1, ImportDelay: -1}
	s, stop := runKept(t, o)
	c := newClient(t, s)
	heroes := s.AddCollection("Heroes")
	gone := s.AddCollection("Gone")
	small := []byte("\x89PNG\r\n\x1a\nsmall")
	imported := c.upload("image", "small.png", small, &assetOptions{CollectionIDs: []string{heroes, gone}})
	stop()
	o.ImportDelay = time.Hour
	s, stop = runKept(t, o)
	c = newClient(t, s)
	var asset struct{ Asset assetWire }
	c.want(c.do("GET", "/assets/"+imported.EntityID, nil), 200, &asset)
	c.want(c.do("PUT", "/assets/"+imported.EntityID+"/tags", map[string]any{"add": []string{"orc", "wip"}, "strict": false}), 200, nil)
	pending := c.create("image", "pending.png", 6, 2, &assetOptions{CollectionIDs: []string{heroes}})
	c.want(c.put(pending.Parts[0].URL, []byte("abc")), 200, nil)
	halfway := c.create("model", "halfway.bin", 3, 1, nil)
	c.want(c.put(halfway.Parts[0].URL, []byte("xyz")), 200, nil)
	c.want(c.complete(halfway.ID), 200, nil)
	if !s.Delete(gone) {
		t.Fatal("the collection is not there")
	}
	c.follow(halfway.ID, "validating")
	id := s.ID()
	stop()

	// A kill in the middle of a line leaves half of it.
	records := filepath.Join(dir, recordsFile)
	text, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(records, append(text, `{"deleted":"asset_`...), 0o600); err != nil {
		t.Fatal(err)
	}

	o.ImportDelay = 0
	s, stop = runKept(t, o)
	c = newClient(t, s)
	if s.ID() != id || id == "" {
		t.Errorf("the account was %q and is %q", id, s.ID())
	}
	if u := c.get(pending.ID); len(u.Parts) != 2 {
		t.Errorf("the pending upload is %+v", u)
	} else {
		c.want(c.put(u.Parts[1].URL, []byte("def")), 200, nil) // the first is there
		c.want(c.complete(pending.ID), 200, nil)
	}
	c.follow(pending.ID, statusImported)
	c.follow(halfway.ID, statusImported)
	var model struct{ Model modelWire }
	c.want(c.do("GET", "/models/"+c.get(halfway.ID).EntityID, nil), 200, &model)
	c.want(c.do("PUT", "/collections/"+heroes+"/models", map[string]any{"modelIds": []string{model.Model.ID}}), 200, nil)
	before := s.Account()
	stop()

	// And once more, from the records as they were made shorter.
	s, stop = runKept(t, o)
	defer stop()
	after := s.Account()
	for what, pair := range map[string][2]any{"assets": {before.Assets, after.Assets}, "models": {before.Models, after.Models}, "collections": {before.Collections, after.Collections}} {
		if !reflect.DeepEqual(stripTimes(pair[0]), stripTimes(pair[1])) {
			t.Errorf("%s were %+v and are %+v", what, pair[0], pair[1])
		}
	}
	groups := after.BySHA256()
	for _, data := range [][]byte{small, []byte("abcdef"), []byte("xyz")} {
		h := sha256.Sum256(data)
		if n := len(groups[hex.EncodeToString(h[:])]); n != 1 {
			t.Errorf("%q is there %d times", data, n)
		}
	}
	if len(after.Collections) != 1 || len(after.Collections[0].Assets) != 2 || len(after.Collections[0].Models) != 1 {
		t.Errorf("collections: %+v", after.Collections)
	}
	// The address that was handed out before leads to the bytes.
	c = newClient(t, s)
	var again struct{ Asset assetWire }
	c.want(c.do("GET", "/assets/"+asset.Asset.ID, nil), 200, &again)
	old, err := urlPath(asset.Asset.URL)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := urlPath(again.Asset.URL); err != nil || now != old {
		t.Errorf("the asset's address was %s and is %s, %v", old, now, err)
	}

	if _, err := New(Options{Dir: dir, Keep: true}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second server in the same folder: %v", err)
	}
	if runtime.GOOS != "windows" {
		ownerOnly(t, dir)
	}
}

// stripTimes drops what the clock's own reading, which JSON does not have, would make differ.
func stripTimes(v any) any {
	if all, ok := v.([]Entity); ok {
		all = slices.Clone(all)
		for i := range all {
			all[i].CreatedAt = all[i].CreatedAt.Round(0).UTC()
		}
		return all
	}
	return v
}

// urlPath is an address without its host, which has another port after a restart.
func urlPath(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	return u.RequestURI(), nil
}

func ownerOnly(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
