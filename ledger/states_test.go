package ledger

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scenario-drop/drop"
)

var update = flag.Bool("update", false, "rewrite the drawing of the states in docs/architecture.md")

// rawItem inserts an item in any state, with whatever it may hold in that state.
func rawItem(t *testing.T, tx *sql.Tx, s drop.State, owner string) int64 {
	t.Helper()
	res, err := tx.Exec(`INSERT INTO items (root, dir, name, size, mtime, ctime, dev, ino, state, owner, lease, attempts, created_at, updated_at)
		VALUES (x'2f72', x'2f72', x'6e', 1, 2, 3, 4, 5, ?, ?, 7, 8, 9, 10)`, s, owner)
	must(t, err)
	id, err := res.LastInsertId()
	must(t, err)
	return id
}

// A move happens only along the table of states, in one conditional UPDATE, and only for whoever
// holds the claim.
func TestInvariant5EveryMove(t *testing.T) {
	l, _ := newLedger(t)
	final := []drop.State{drop.Imported, drop.Superseded, drop.Gone}
	must(t, l.write.do(t.Context(), func(tx *sql.Tx) error {
		for _, from := range drop.States() {
			for _, to := range drop.States() {
				legal := canMove(from, to) || from == to && !slices.Contains(final, from)
				for _, c := range []struct {
					name         string
					owner, asked string     // who has the item, and who moves it
					stands       drop.State // where the item really is
					want         bool
				}{
					{"as the table says", "", "", from, legal},
					{"claimed", "me", "me", from, legal},
					{"somebody else's", "other", "me", from, false},
					{"nobody's", "", "me", from, false},
					{"claimed, moved by nobody", "other", "", from, false},
					{"elsewhere", "me", "me", elsewhere(from), false},
				} {
					id := rawItem(t, tx, c.stands, c.owner)
					before := rowsOf(t, tx, "SELECT * FROM items WHERE id = ?", id)
					history := rowsOf(t, tx, "SELECT * FROM history WHERE item = ?", id)
					err := move{item: id, from: from, to: to, owner: c.asked, why: drop.Why{Reason: "r", Detail: "d"}}.apply(tx, 99)
					after := rowsOf(t, tx, "SELECT * FROM items WHERE id = ?", id)
					if c.want {
						var s drop.State
						var reason drop.Reason
						var detail string
						var updated int64
						must(t, tx.QueryRow("SELECT state, reason, detail, updated_at FROM items WHERE id = ?", id).Scan(&s, &reason, &detail, &updated))
						if err != nil || s != to || reason != "r" || detail != "d" || updated != 99 {
							t.Errorf("%s to %s, %s: %v, and stands in %s (%s, %s, %d)", from, to, c.name, err, s, reason, detail, updated)
						}
						continue
					}
					if err == nil || before != after {
						t.Errorf("%s to %s, %s: error %v, row before\n%safter\n%s", from, to, c.name, err, before, after)
					}
					if legal && !errors.Is(err, ErrNotMoved) {
						t.Errorf("%s to %s, %s: %v, want ErrNotMoved", from, to, c.name, err)
					}
					if now := rowsOf(t, tx, "SELECT * FROM history WHERE item = ?", id); now != history {
						t.Errorf("%s to %s, %s: it was refused, and wrote history\n%s", from, to, c.name, now)
					}
				}
			}
		}
		return nil
	}))
}

func elsewhere(s drop.State) drop.State {
	if s == drop.Queued {
		return drop.Held
	}
	return drop.Queued
}

func TestMoveOfNoItem(t *testing.T) {
	l, _ := newLedger(t)
	if err := l.apply(t.Context(), move{item: 42, from: drop.Queued, to: drop.Preparing}); !errors.Is(err, ErrNotMoved) {
		t.Errorf("error %v, want ErrNotMoved", err)
	}
}

func TestTableOfStates(t *testing.T) {
	for _, s := range drop.States() {
		if _, ok := moves[s]; !ok {
			t.Errorf("%s is missing from the table", s)
		}
	}
	if len(moves) != len(drop.States()) {
		t.Errorf("the table has %d states, States() %d", len(moves), len(drop.States()))
	}
	for from, tos := range moves {
		seen := map[drop.State]bool{from: true} // staying is no move of the table
		for _, to := range tos {
			if !slices.Contains(drop.States(), to) {
				t.Errorf("%s leads to %q, which is no state", from, to)
			}
			if seen[to] {
				t.Errorf("%s to %s: twice, or to itself", from, to)
			}
			seen[to] = true
		}
	}
}

// What Scenario may be making an asset of is never forgotten: the only ways out of
// Completing and Importing are an asset, Scenario's no, its word that it has nothing, or,
// where a direct upload's answer was lost and Scenario does not tell, a question to the user.
func TestCompletionIsNeverForgotten(t *testing.T) {
	answered := []drop.State{drop.Queued, drop.Failed, drop.Uploading}
	for _, from := range []drop.State{drop.Completing, drop.Importing} {
		stop := answered
		if from == drop.Completing {
			stop = append(stop, drop.Held)
		}
		for s := range reachable(from, stop) {
			if s == drop.Held && from == drop.Completing {
				continue
			}
			if s == drop.Superseded || s == drop.Gone || s == drop.Held || s == drop.Ignored {
				t.Errorf("%s leads to %s", from, s)
			}
		}
	}
}

func TestEveryStateCanBecomeImported(t *testing.T) {
	for _, s := range drop.States() {
		ok := reachable(s, nil)[drop.Imported]
		if final := s == drop.Superseded || s == drop.Gone; ok == final {
			t.Errorf("%s can become imported: %v", s, ok)
		}
	}
}

// reachable returns from and every state that it leads to, without going on from those
// in stop.
func reachable(from drop.State, stop []drop.State) map[drop.State]bool {
	seen := map[drop.State]bool{from: true}
	for todo := []drop.State{from}; len(todo) > 0; {
		s := todo[0]
		todo = todo[1:]
		for _, to := range moves[s] {
			if !seen[to] {
				seen[to] = true
				if !slices.Contains(stop, to) {
					todo = append(todo, to)
				}
			}
		}
	}
	return seen
}

// The lists of states in SQL are those of the table.
func TestStatesInSQL(t *testing.T) {
	compared := func(keep func(drop.State) bool) []string {
		var q []string
		for _, s := range drop.States() {
			if keep(s) {
				q = append(q, "c = '"+string(s)+"'")
			}
		}
		slices.Sort(q)
		return q
	}
	list := func(sql string) []string {
		l := strings.Split(strings.Trim(sql, "()"), " OR ")
		slices.Sort(l)
		return l
	}
	if got, want := list(active("c")), compared(drop.State.Active); !slices.Equal(got, want) {
		t.Errorf("active: %v, want %v", got, want)
	}
	if got, want := list(claimable("c")), compared(func(s drop.State) bool { return s.Active() && s != drop.Importing }); !slices.Equal(got, want) {
		t.Errorf("claimable: %v, want %v", got, want)
	}
}

func TestDiagramInArchitecture(t *testing.T) {
	const begin, end = "<!-- states:begin -->\n", "<!-- states:end -->"
	path := filepath.Join("..", "docs", "architecture.md")
	drawing := "```mermaid\n" + diagram() + "```\n"
	b, err := os.ReadFile(path)
	if err != nil && !(*update && errors.Is(err, os.ErrNotExist)) {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(b), "\r\n", "\n")
	if page == "" {
		page = "# Architecture\n\n## The states of an item\n\n" + begin + end + "\n"
	}
	head, rest, ok := strings.Cut(page, begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the drawing between %q and %q", path, begin, end)
	}
	if old == drawing {
		return
	}
	if !*update {
		t.Fatalf("the drawing in %s is not that of the table of states; run go test ./ledger -run Diagram -update", path)
	}
	must(t, os.WriteFile(path, []byte(head+begin+drawing+end+tail), 0o644))
}

// diagram draws the table of states as a Mermaid state diagram.
func diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range []drop.State{drop.Held, drop.Queued, drop.Ignored} {
		fmt.Fprintf(&b, "    [*] --> %s\n", s)
	}
	for _, from := range drop.States() {
		for _, to := range moves[from] {
			fmt.Fprintf(&b, "    %s --> %s\n", from, to)
		}
		if len(moves[from]) == 0 {
			fmt.Fprintf(&b, "    %s --> [*]\n", from)
		}
	}
	return b.String()
}
