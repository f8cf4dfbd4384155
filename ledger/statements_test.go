package ledger

import (
	"strconv"
	"testing"
)

// A kept statement can be asked for again while it still runs, after it failed, and
// after the schema changed.
func TestStatementsAreKept(t *testing.T) {
	db, err := open(t.TempDir()+"/kept.db", "rwc", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	exec := func(query string, args ...any) error {
		_, err := conn.ExecContext(t.Context(), query, args...)
		return err
	}
	must(t, exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT"))
	for n := range 3 {
		must(t, exec("INSERT INTO numbers VALUES (?)", n))
	}
	const inserting = "INSERT INTO numbers VALUES (?)"
	if exec(inserting, 1) == nil {
		t.Fatal("a number is there twice")
	}
	must(t, exec(inserting, 3))

	count := func(query string) (n int) {
		rows, err := conn.QueryContext(t.Context(), query)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			n++
		}
		must(t, rows.Err())
		return n
	}
	const all = "SELECT * FROM numbers"
	for range 2 {
		rows, err := conn.QueryContext(t.Context(), all)
		must(t, err)
		if !rows.Next() || count(all) != 4 { // the same statement, while it runs
			t.Error("a running statement disturbs another of the same text")
		}
		must(t, rows.Close())
	}
	must(t, exec("ALTER TABLE numbers ADD COLUMN name TEXT"))
	if n := count(all); n != 4 {
		t.Errorf("after a change of the schema there are %d rows", n)
	}
	must(t, conn.Raw(func(c any) error {
		if kept := len(c.(*compiled).idle); kept == 0 || kept > maxIdle {
			t.Errorf("%d statements are kept", kept)
		}
		return nil
	}))
	for n := range 2 * maxIdle { // texts that never come again
		must(t, exec("INSERT INTO numbers (n) VALUES ("+strconv.Itoa(100+n)+")"))
	}
	must(t, conn.Raw(func(c any) error {
		if kept := len(c.(*compiled).idle); kept > maxIdle {
			t.Errorf("%d statements are kept", kept)
		}
		return nil
	}))
}
