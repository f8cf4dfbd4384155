package ledger

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"scenario-drop/drop"
)

// planOf returns how SQLite is going to run a query, a step a line.
func planOf(t testing.TB, db *sql.DB, query string, args int) []string {
	t.Helper()
	values := make([]any, args)
	for i := range values {
		values[i] = int64(1)
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, values...)
	must(t, err)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	must(t, rows.Err())
	return steps
}

// No query that runs per file, or all the time, goes through a table that grows with the
// files ever sent: each finds its rows by an index, those of work by one that holds work
// alone. Nothing is sorted but a bounded number of rows.
func TestQueryPlans(t *testing.T) {
	l, _ := newLedger(t)
	recent, recentArgs := recentQuery(10, drop.States())
	someRecent, someRecentArgs := recentQuery(10, []drop.State{drop.Imported})
	const ofWork = "items_work|items_importing|items_owned|items_asking"
	wholeTable := regexp.MustCompile(`^SCAN (\w+)$`)
	anyScan := regexp.MustCompile(`^SCAN (\w+)( USING.* INDEX (\w+))?`)
	for _, c := range []struct {
		name, query string
		sorts       bool
		uses        string
	}{
		{"Known", knownQuery, false, "f USING PRIMARY KEY (dir=?)"},
		{"Known, kept", keptQuery, false, "known USING INDEX sqlite_autoindex_known_1 (dir=?)"},
		{"KeepKnown, what to make", toMakeQuery, false, "known USING INDEX known_to_make (dir>?)"},
		{"Claim, what kinds of work there are", workQueuesQuery, false, "n USING INDEX items_work (work=? AND root>?)"},
		{"Claim, the next kind", workQueuesQuery, false, "n USING INDEX items_work (work>?)"},
		{"Claim, due at once", dueOfQueueQuery, false, "items_work (work=? AND root=? AND not_before=?)"},
		{"Claim, due after a pause", dueOfQueueQuery, false, "items_work (work=? AND root=? AND not_before>? AND not_before<?)"},
		{"Claim, the items", claimedQuery, false, "i USING INTEGER PRIMARY KEY (rowid=?)"},
		{"Claim, blocked", claimedQuery, false, "items_by_path (dir=? AND name=? AND rowid<?)"},
		{"Claim, lost leases", expiredQuery, false, "items_owned (owner<?)"},
		{"Claim, lost leases above", expiredQuery, false, "items_owned (owner>?)"},
		{"NextDue, importing", nextImportQuery, false, "items_importing"},
		{"Due", dueQuery, false, "items_importing"},
		{"Renew", renewQuery, false, "items_owned"},
		{"Hurry", makeQueueDueQuery, false, "items_work (work=? AND root=? AND not_before>? AND not_before<?)"},
		{"Reconciling", reconcilingQuery, false, "items_work (work=? AND root=? AND not_before=? AND rowid>?)"},
		{"Hurry, importing", makeImportsDueQuery, false, "items_importing (not_before>?)"},
		{"InState", inStateQuery, false, "items_by_state (state=? AND updated_at"},
		{"CountAttention", countAttentionQuery, true, "items_attention (root=?)"},
		{"NeedingAttention", attentionQuery, false, "items_attention (root=? AND id>?)"},
		{"Find", findQuery, false, "items_by_path (dir=? AND name=?)"},
		{"Newest", newestQuery, false, "f USING PRIMARY KEY ((dir,name)>(?,?))"},
		{"Admit, what is there", lookUpQuery, false, "f USING PRIMARY KEY (dir=? AND name=?)"},
		{"Admit, the version before", versionBeforeQuery, false, "items_by_path (dir=? AND name=?)"},
		{"moves, the next version", nextVersionQuery, false, "n USING INDEX items_by_path (dir=? AND name=? AND rowid>?)"},
		{"VersionsWaiting", versionsWaitingQuery, false, "items_work (work=? AND root=? AND not_before>? AND not_before<?)"},
		{"LimitVersionWait", limitVersionsQuery, false, "items_work (work=? AND root=? AND not_before>? AND not_before<?)"},
		{"Admit, became an asset", becameAssetQuery, false, "items_by_path (dir=? AND name=?)"},
		{"Announce, known", knownContentQuery, false, "contents_by_sample"},
		{"Announce, duplicate", sameSampleQuery, false, "items_by_sample"},
		{"ClaimContent", "SELECT id FROM contents WHERE scope = ? AND kind = ? AND sha256 = ?", false, "(scope=? AND kind=? AND sha256=?)"},
		{"moves, receipts", dropPartsQuery, false, "uploads_by_item"},
		{"moves, content", dropContentQuery, false, "contents_by_item"},
		{"moves, who waits", wakeQuery, false, "items_waiting"},
		{"AssetGone", forgetAssetQuery, false, "contents_by_asset"},
		{"AssetGone, memberships", forgetMembershipsQuery, false, "PRIMARY KEY (scope=? AND asset=?)"},
		{"AssetGone, tags", forgetTagsQuery, false, "PRIMARY KEY (scope=? AND asset=?)"},
		{"Existing, the folder", existingQuery, false, "existing USING PRIMARY KEY (root=?)"},
		{"Existing, a path", notedQuery, false, "f USING PRIMARY KEY (dir=? AND name=?)"},
		{"Existing, another name", existingLikeQuery, false, "items_existing (root=? AND size=? AND mtime=?)"},
		{"Existing, count", existingCountQuery, false, "items_existing (root=?)"},
		{"Existing, a page", existingPageQuery, false, "items_existing (root=? AND (size,mtime)>(?,?))"},
		{"Existing, retry a path", existingOfPathQuery, false, "f USING PRIMARY KEY (dir=? AND name=?)"},
		{"Existing, a directory", existingInQuery, false, "f USING PRIMARY KEY (dir=?)"},
		{"Existing, retry below", existingBelowQuery, false, "f USING PRIMARY KEY"},
		{"Existing, sent or gone", askExistingQuery, false, "items USING INTEGER PRIMARY KEY (rowid=?)"},
		{"Existing, noted again", noteAgainQuery, false, "items USING INTEGER PRIMARY KEY (rowid=?)"},
		{"Retry a path, failed", retryPathQuery, false, "f USING PRIMARY KEY (dir=? AND name=?)"},
		{"Retry a path, waiting", makePathDueQuery, false, "items_by_path (dir=? AND name=?)"},
		{"Retry, how many failed", countRetriableQuery, false, "items_by_state (state=?)"},
		{"Retry, how many wait", countWaitingQuery, false, "items_work"},
		{"Retry, a page", retriablePageQuery, false, "i USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"Retry, a batch", retriableNowQuery, false, "i USING INTEGER PRIMARY KEY (rowid=?)"},
		{"LinkExisting, how many", countLinkableQuery, false, "items_asking"},
		{"Retry, how many are imported", countImportingQuery, false, "items_importing (not_before>?)"},
		{"Settle, the gap", unsettledQuery, false, "items_by_state (state=?)"},
		{"Open, when it was last written", lastWordQuery, false, "items_by_state (state=?)"},
		{"NotAllowed, the kinds", kindsNotAllowedQuery, true, "items_by_state (state=?)"},
		{"NotAllowed, a batch", takeNotAllowedQuery, false, "items_by_state (state=?)"},
		{"Rejudge, a batch", judgedQuery, false, "items_by_state (state=?)"},
		{"Unfinished, count", countUnfinishedQuery, false, "items_by_state (state=?)"},
		{"CleanupBegins", cleanupBeginsQuery, false, "items USING INTEGER PRIMARY KEY (rowid=?)"},
		{"Items by number", itemsByNumberQuery, false, "i USING INTEGER PRIMARY KEY (rowid=?)"},
		{"FolderMended", folderDueQuery, false, "items_work (work=? AND root=? AND not_before>?)"},
		{"Asking, count", countDecisionsQuery, false, "items_asking"},
		{"LinkExisting, all", decisionsQuery, false, "items_asking"},
		{"LinkExisting, a path", decisionOfPathQuery, false, "items_by_path (dir=? AND name=?)"},
		{"MovedBefore", movedBeforeQuery, false, "moves_by_version (mtime=? AND size=?)"},
		{"KnowsAsset", knowsAssetQuery, false, "contents_by_asset"},
		{"Recent", recent, true, "items_by_state (state=?)"},
		{"Recent, in one state", someRecent, true, "items_by_state (state=?)"},
	} {
		args := strings.Count(c.query, "?")
		switch c.query {
		case dueOfQueueQuery, limitVersionsQuery:
			args = 6
		case workQueuesQuery:
			args = 2
		case recent:
			args = len(recentArgs)
		case someRecent:
			args = len(someRecentArgs)
		}
		steps := planOf(t, l.read, c.query, args)
		plan := strings.Join(steps, "\n  ")
		for _, step := range steps {
			if step == "SCAN h" { // what workQueuesQuery has found itself
				continue
			}
			if wholeTable.MatchString(step) {
				t.Errorf("%s goes through a whole table:\n  %s", c.name, plan)
			}
			// (subquery-n) and CONSTANT ROW are results of the query itself, json_each is the list that it is given.
			if m := anyScan.FindStringSubmatch(step); m != nil && m[1] != "CONSTANT" && m[1] != "json_each" && !strings.Contains("|"+ofWork+"|", "|"+m[3]+"|") {
				t.Errorf("%s goes through all of an index that is not of work alone (%s):\n  %s", c.name, step, plan)
			}
			if strings.Contains(step, "TEMP B-TREE") && !c.sorts {
				t.Errorf("%s sorts:\n  %s", c.name, plan)
			}
		}
		if !strings.Contains(plan, c.uses) {
			t.Errorf("%s does not use %s:\n  %s", c.name, c.uses, plan)
		}
	}
}

// The guard above must be able to fail.
func TestQueryPlanOfAScan(t *testing.T) {
	l, _ := newLedger(t)
	steps := planOf(t, l.read, "SELECT * FROM items i WHERE i.reason = ? ORDER BY i.detail", 1)
	if len(steps) != 2 || steps[0] != "SCAN i" || !strings.Contains(steps[1], "TEMP B-TREE") {
		t.Errorf("plan %q", steps)
	}
}
