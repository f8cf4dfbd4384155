package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// testClock is a clock that goes only when told to.
type testClock struct{ ms atomic.Int64 }

func newClock() *testClock {
	c := &testClock{}
	c.ms.Store(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).UnixMilli())
	return c
}

func (c *testClock) now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *testClock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func newLedger(t testing.TB) (*Ledger, *testClock) {
	t.Helper()
	clock := newClock()
	return openAt(t, filepath.Join(t.TempDir(), "ledger.db"), clock), clock
}

func openAt(t testing.TB, path string, clock *testClock) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), path, clock.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// root is a watch folder; no test needs it to be there.
var root = filepath.FromSlash("/drop")

func inRoot(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }

// fp makes fingerprints that differ with n.
func fp(n int64) file.Fingerprint {
	return file.Fingerprint{Size: 1000 + n, ModTime: 1e18 + n, ChangeTime: 1e18 + n, ID: file.ID{Dev: 1, Ino: 1<<63 + uint64(n)}}
}

func observation(name string, n int64) Observation {
	return Observation{Root: root, Path: inRoot(name), Fingerprint: fp(n), State: drop.Queued}
}

func admit(t testing.TB, l *Ledger, s ...Observation) int {
	t.Helper()
	n, err := l.Admit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// admitted admits one observation and returns the newest item of its path.
func admitted(t testing.TB, l *Ledger, s Observation) Item {
	t.Helper()
	admit(t, l, s)
	return found(t, l, s.Path)
}

func found(t testing.TB, l *Ledger, path string) Item {
	t.Helper()
	it, err := l.Find(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func item(t testing.TB, l *Ledger, id int64) Item {
	t.Helper()
	it, err := l.Item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const hour = time.Hour

// everything is a claim of all there is to do.
func everything(owner string, until time.Time) Claim {
	return Claim{Owner: owner, Until: until, MaxSize: 1 << 62, NoBody: true, Limit: 1000}
}

func claimAll(t testing.TB, l *Ledger, owner string) []Item {
	t.Helper()
	items, err := l.Claim(t.Context(), everything(owner, l.now().Add(hour)))
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func names(items []Item) string {
	var s []string
	for _, it := range items {
		s = append(s, filepath.Base(it.Path))
	}
	return strings.Join(s, " ")
}

// force puts an item where a test wants it, past the table of states, with the hold of its reason.
func force(t testing.TB, l *Ledger, id int64, set string, args ...any) {
	t.Helper()
	must(t, l.exec(t.Context(), "force", "UPDATE items SET "+set+" WHERE id = ?", append(args, id)...))
	must(t, l.exec(t.Context(), "force", "UPDATE items SET hold = ? WHERE id = ?", holds[item(t, l, id).Reason], id))
}

func contentOf(n byte) Content {
	return Content{Scope: "host/project", Kind: "image", Size: 1000, Sample: []byte{n}, SHA256: []byte{n, n}}
}

// opening holds for what each opening writes down of itself.
const opening = "key IN ('" + generationKey + "', '" + gapKey + "')"

// dump returns everything in the ledger, but for what each opening writes down, as text.
func dump(t testing.TB, db interface {
	Query(string, ...any) (*sql.Rows, error)
}) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"meta", "items", "files", "contents", "uploads", "parts", "collections", "memberships", "tags", "existing", "history"} {
		where := ""
		if table == "meta" {
			where = " WHERE NOT " + opening
		}
		fmt.Fprintf(&b, "%s\n%s", table, rowsOf(t, db, "SELECT * FROM "+table+where+" ORDER BY 1, 2"))
	}
	return b.String()
}

func rowsOf(t testing.TB, db interface {
	Query(string, ...any) (*sql.Rows, error)
}, query string, args ...any) string {
	t.Helper()
	rows, err := db.Query(query, args...)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	var b strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		must(t, rows.Scan(values...))
		for i, v := range values {
			fmt.Fprintf(&b, " %s=%v", columns[i], *v.(*any))
		}
		b.WriteByte('\n')
	}
	must(t, rows.Err())
	return b.String()
}

func num(n int64) string { return strconv.FormatInt(n, 10) }
