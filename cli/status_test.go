package cli

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
)

// TestStatusWhileTheLedgerIsBroughtUpToDate: an older ledger is no error while somebody
// works on it, who brings it up to date first of all.
func TestStatusWhileTheLedgerIsBroughtUpToDate(t *testing.T) {
	c := &config.Config{DataDir: t.TempDir()}
	path := service.LedgerPath(c.DataDir)
	l, err := ledger.Open(t.Context(), path, nil)
	if err == nil {
		err = l.Close()
	}
	db, openErr := sql.Open("sqlite", path)
	if err := errors.Join(err, openErr); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("PRAGMA user_version = 1")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot(t.Context(), c); !errors.Is(err, ledger.ErrOlder) {
		t.Errorf("nobody works on it: %v, want ErrOlder", err)
	}

	lock := flock.New(filepath.Join(c.DataDir, "lock"))
	locked, err := lock.TryLock()
	if err != nil || !locked {
		t.Fatal(locked, err)
	}
	defer lock.Unlock()
	if err := os.WriteFile(filepath.Join(c.DataDir, "lock-holder.json"), []byte(`{"pid":7,"doing":"run"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot(t.Context(), c)
	if err != nil || s.Holder == nil || !strings.Contains(statusLine(s), "run is at work; the local database is being brought up to date") {
		t.Errorf("%+v, %v", s, err)
	}
}

// Status tells what it means that a folder is on a share.
func TestStatusTellsOfASharedFolder(t *testing.T) {
	for _, shared := range []bool{false, true} {
		var out strings.Builder
		a := &app{Process: Process{Stdout: &out, Stderr: &out, Getenv: os.Getenv}, out: &output{to: &out}}
		var r statusReport
		r.Running, r.Folders = true, []status.Folder{{Path: "/share", Kind: "image", Mode: "polling", Shared: shared}}
		a.showStatus(r, time.Now())
		if told := strings.Contains(out.String(), "Let one of them send its files"); told != shared {
			t.Errorf("shared %v: %s", shared, out.String())
		}
	}
}
