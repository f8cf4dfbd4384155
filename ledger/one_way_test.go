package ledger

import (
	"fmt"
	"path/filepath"
	"testing"

	"scenario-drop/drop"
)

// Small images that a version before was sending in one request, whose answer may be lost, are not
// sent again unasked, and neither are copies of them; one that was asked about stays so.
func TestLostAnswersOfOneRequest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, create(path))
	db, err := open(path, "rw", nil)
	must(t, err)
	const before = 14
	for _, name := range migrationFiles()[:before] {
		text, err := migrations.ReadFile(name)
		must(t, err)
		_, err = db.Exec(string(text))
		must(t, err)
	}
	_, err = db.Exec("PRAGMA foreign_keys = OFF")
	must(t, err)
	rows := []string{"('completing', '', '', 1, 'w')", "('queued', 'tried-again', 'look', NULL, '')", "('held', 'cannot-tell', 'look', NULL, '')", "('uploading', '', '', 2, '')"}
	for i, row := range rows {
		_, err := db.Exec(fmt.Sprintf(`INSERT INTO items (id, root, dir, name, size, mtime, ctime, dev, ino, state, reason, answer, upload, owner, created_at, updated_at)
			SELECT %d, ?, ?, ?, 10, 1, 1, 1, %d, column1, column2, column3, column4, column5, 1, 1 FROM (VALUES %s)`, i+1, i+1, row), []byte(root), []byte(root), fmt.Appendf(nil, "%d.png", i+1))
		must(t, err)
		_, err = db.Exec("INSERT INTO files (dir, name, size, mtime, ctime, item) VALUES (?, ?, 10, 1, 1, ?)", []byte(root), fmt.Appendf(nil, "%d.png", i+1), i+1)
		must(t, err)
	}
	_, err = db.Exec(`INSERT INTO uploads (id, item, remote, part_size, parts, created_at) VALUES (1, 1, '', 0, 0, 1), (2, 4, 'upload_2', 5, 2, 1);
		INSERT INTO contents (id, scope, kind, sha256, size, item, created_at) VALUES (1, 'host#project', 'image', x'01', 10, 1, 1)`)
	must(t, err)
	_, err = db.Exec(fmt.Sprint("PRAGMA user_version = ", before))
	must(t, err)
	must(t, db.Close())

	l := openAt(t, path, newClock())
	for _, name := range []string{"1.png", "2.png", "3.png"} {
		if it := found(t, l, inRoot(name)); it.State != drop.Held || !it.Asks() || it.Answer != NoAnswer || it.Upload.ID != 0 {
			t.Errorf("%s is %+v", name, it)
		}
	}
	if it := found(t, l, inRoot("4.png")); it.State != drop.Uploading || it.Upload.Remote != "upload_2" {
		t.Errorf("another upload is %+v", it)
	}
	// CountDecisions for all that failed sends none of them.
	_, err = l.Retry(t.Context(), nil)
	must(t, err)
	if it := found(t, l, inRoot("1.png")); it.State != drop.Held {
		t.Errorf("after asking for all that failed it is %+v", it)
	}
	if free, err := l.ContentFree(t.Context(), Content{Scope: "host#project", Kind: "image", SHA256: []byte{1}}); free || err != nil {
		t.Errorf("a copy would be sent: %v", err)
	}
	// The person's word sends it.
	_, err = l.Retry(t.Context(), []string{inRoot("1.png")})
	must(t, err)
	if it := found(t, l, inRoot("1.png")); it.State != drop.Queued || it.Answer != Send {
		t.Errorf("when asked for it is %+v", it)
	}
}
