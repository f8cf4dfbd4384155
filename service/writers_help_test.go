package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/status"
)

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// items returns every version that the ledger knows of, newest first, as another process
// sees them; nil while it cannot be read.
func (s *studio) items() []ledger.Item {
	l, err := ledger.OpenReadOnly(s.t.Context(), LedgerPath(s.config.DataDir))
	if err != nil {
		return nil
	}
	defer l.Close()
	items, err := l.Recent(s.t.Context(), 10_000)
	if err != nil {
		return nil
	}
	return items
}

// atRest reports whether the ledger has items, and none on its way.
func (s *studio) atRest() bool {
	items := s.items()
	for _, it := range items {
		if it.State.Active() {
			return false
		}
	}
	return len(items) > 0
}

// told lists the items for a test that failed.
func (s *studio) told() string {
	var b strings.Builder
	for i, it := range s.items() {
		if i == 20 {
			b.WriteString("\n  …")
			break
		}
		fmt.Fprintf(&b, "\n  %q is %s (%s: %s)", it.Path, it.State, it.Reason, it.Detail)
	}
	for _, u := range s.server.Account().Uploads {
		fmt.Fprintf(&b, "\n  upload %q: %s, %d parts", u.FileName, u.Status, len(u.Parts))
	}
	return b.String()
}

// reasonsGiven asserts that every version which is not at Scenario has a reason that a
// person can read, and that every one which is has an asset.
func (s *studio) reasonsGiven() {
	s.t.Helper()
	for _, it := range s.items() {
		switch {
		case it.State == drop.Imported:
			if it.Asset == "" {
				s.t.Errorf("%q is imported without an asset", it.Path)
			}
		case it.Reason == "" || len(status.Words(it.Detail)) < 20 || !strings.HasSuffix(status.Words(it.Detail), "."):
			s.t.Errorf("%q is %s without a sentence: %q, %q", it.Path, it.State, it.Reason, it.Detail)
		}
	}
}
