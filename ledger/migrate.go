package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationFiles lists the migrations in their order: the first leads to version 1, the
// next to version 2, and so on, as the number before the first underscore says.
func migrationFiles() []string {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	slices.Sort(names)
	return names
}

func newest() int { return len(migrationFiles()) }

func version(ctx context.Context, db *sql.DB) (v int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	return v, err
}

// migrate brings the ledger up to date, in one change: whoever looks meanwhile finds the
// version that was there before or the newest, and a new ledger never half made. One that
// is made here begins without knowing of the files that are there by now: an earlier ledger
// may have known them.
func migrate(ctx context.Context, db *sql.DB, now time.Time) error {
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	if have > newest() {
		return ErrNewer
	}
	if have == newest() {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	err = migrateFrom(ctx, tx, have)
	if err == nil && have == 0 {
		err = beginUnreconciled(ctx, tx, now)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func migrateFrom(ctx context.Context, tx *sql.Tx, have int) error {
	for _, name := range migrationFiles()[have:] {
		text, err := migrations.ReadFile(name)
		if err == nil {
			_, err = tx.ExecContext(ctx, string(text))
		}
		if err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	_, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(newest()))
	return err
}

func beginUnreconciled(ctx context.Context, tx *sql.Tx, now time.Time) error {
	begins, err := Unreconciled{Before: now}.text()
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?)", unreconciledKey, begins)
	}
	return err
}
