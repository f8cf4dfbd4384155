package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// Of very many files of one name some are told of, and the number of the others.
func TestNamesakesAreBounded(t *testing.T) {
	root := t.TempDir()
	c := &config.Config{Watches: []config.Watch{config.DefaultWatch(root)}}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i := range namesakesShown + 10 {
		for _, name := range []string{"known.txt", "new.txt"} {
			path := filepath.Join(root, fmt.Sprintf("%03d", i), name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if name == "known.txt" {
				if _, err := l.Admit(t.Context(), []ledger.Observation{{Root: root, Path: path, State: drop.Queued}}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, name := range []string{"known.txt", "new.txt"} {
		n, err := meant(t.Context(), c, l, name, filepath.Join(t.TempDir(), name))
		if err != nil || len(n.paths) != namesakesShown || n.more != 10 || n.partial || n.paths[0] != filepath.Join(root, "000", name) {
			t.Errorf("%s: %d, %d more, partial %v, %v", name, len(n.paths), n.more, n.partial, err)
		}
	}
}
