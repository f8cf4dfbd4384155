package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"scenario-drop/drop"
)

// SmallFile is the largest size of a small file, in bytes. The index of work tells small and
// large files apart by it.
const SmallFile = 8 << 20

// work is a kind of work, as the column of that name has it.
type work int

const (
	largeBytes work = 1 + iota // to be read and sent
	smallBytes
	toComplete
	toLink
	toTidy
	lastWork = toTidy
)

// workQueue is the unclaimed work of one kind in one watch folder, in the order of the index.
// There are few of them, however many items there are.
type workQueue struct {
	work work
	root []byte
	due  int64 // when the first of it is due, Unix milliseconds; 0: at once
}

// querier is a transaction, or the connections for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// workQueuesQuery steps from the first item of each heap to that of the next: by the next folder
// with work of the kind, or else by the next kind. A comparison of both columns at once would
// go through all of the heap that it begins at.
const workQueuesQuery = `WITH RECURSIVE h (id) AS (
		SELECT * FROM (SELECT id FROM items INDEXED BY items_work WHERE work >= ?1 AND owner = '' ORDER BY work, root, not_before LIMIT 1)
		UNION ALL
		SELECT coalesce(
			(SELECT n.id FROM items n INDEXED BY items_work WHERE n.work = c.work AND n.owner = '' AND n.root > c.root ORDER BY n.root, n.not_before LIMIT 1),
			(SELECT n.id FROM items n INDEXED BY items_work WHERE n.work > c.work AND n.owner = '' ORDER BY n.work, n.root, n.not_before LIMIT 1))
		FROM h JOIN items c ON c.id = h.id WHERE c.work <= ?2)
	SELECT i.work, i.root, i.not_before FROM h JOIN items i ON i.id = h.id WHERE i.work <= ?2`

// workQueues returns the queues of the kinds of work that are wanted.
func workQueues(ctx context.Context, q querier, wanted func(work) bool) (all []workQueue, err error) {
	low, high := lastWork, largeBytes
	for w := largeBytes; w <= lastWork; w++ {
		if wanted(w) {
			low, high = min(low, w), max(high, w)
		}
	}
	rows, err := q.QueryContext(ctx, workQueuesQuery, low, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h workQueue
		if err := rows.Scan(&h.work, &h.root, &h.due); err != nil {
			return nil, err
		}
		if wanted(h.work) {
			all = append(all, h)
		}
	}
	return all, rows.Err()
}

// workOf is the kind of work that an item on its way needs.
func workOf(it Item) work {
	switch it.State {
	case drop.Completing:
		return toComplete
	case drop.Linking:
		return toLink
	case drop.CleaningUp:
		return toTidy
	}
	if it.Fingerprint.Size > SmallFile {
		return largeBytes
	}
	return smallBytes
}

func anyWork(work) bool { return true }

// dueOfQueueQuery takes of a heap what is due at once in the order in which it came, and of what
// was put off what has been due for longest, so that neither waits for all of the other.
const dueOfQueueQuery = `SELECT id FROM (SELECT id FROM items INDEXED BY items_work
		WHERE work = ?1 AND owner = '' AND root = ?2 AND not_before = 0 AND size BETWEEN ?4 AND ?5 ORDER BY id LIMIT ?6)
	UNION ALL
	SELECT id FROM (SELECT id FROM items INDEXED BY items_work
		WHERE work = ?1 AND owner = '' AND root = ?2 AND not_before > 0 AND not_before <= ?3 AND size BETWEEN ?4 AND ?5 ORDER BY not_before LIMIT ?6)`

// idsOf reads numbers of items.
func idsOf(rows *sql.Rows, err error) (ids []int64, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

const itemsByNumberQuery = "SELECT " + itemColumns + itemTables + "WHERE i.id IN (SELECT value FROM json_each(?)) ORDER BY i.id"

// itemsByNumber reads items by their numbers, in their order.
func itemsByNumber(ctx context.Context, q querier, ids []int64) ([]Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return scanItems(q.QueryContext(ctx, itemsByNumberQuery, listOf(ids)))
}

// listOf is a list of numbers as a query takes it, in JSON.
func listOf(ids []int64) string {
	list := []byte("[")
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, id, 10)
	}
	return string(append(list, ']'))
}

// firstOf returns the n lowest of the numbers.
func firstOf(ids []int64, n int) []int64 {
	slices.Sort(ids)
	return ids[:min(n, len(ids))]
}
