package ledger

import (
	"context"
	"database/sql/driver"
)

// compiled is a connection to the database that keeps the statements it has compiled.
// SQLite spends more time on compiling a small statement than on running it, and the
// ledger runs a few dozen of them over and over. Like every driver's connection it is used by
// one goroutine at a time; database/sql sees to that.
type compiled struct {
	sqliteConn
	idle   map[string]driver.Stmt // by text; one that is running is not in here
	health *health                // told what comes of the statements
}

// sqliteConn is what the driver's own connection can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// maxIdle bounds the statements kept by one connection; statements with a varying
// number of placeholders could otherwise add up.
const maxIdle = 64

// connector opens connections that keep their compiled statements.
type connector struct {
	driver driver.Driver
	dsn    string
	health *health // nil: nobody is told
}

// Connect opens a connection; it implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		c.health.saw(err)
		return nil, err
	}
	if c.health != nil {
		c.health.publisher.connected(conn)
	}
	return &compiled{sqliteConn: conn.(sqliteConn), idle: map[string]driver.Stmt{}, health: c.health}, nil
}

// Driver returns the driver underneath; it implements driver.Connector.
func (c connector) Driver() driver.Driver { return c.driver }

// ExecContext runs a statement; it implements driver.ExecerContext.
func (c *compiled) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	c.health.saw(err)
	c.put(query, stmt, err == nil)
	return res, err
}

// QueryContext runs a query; it implements driver.QueryerContext. The statement is
// free for the next one when the rows are closed.
func (c *compiled) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.health.saw(err)
		c.put(query, stmt, false)
		return nil, err
	}
	return &compiledRows{Rows: rows, health: c.health, done: func(well bool) { c.put(query, stmt, well) }}, nil
}

// Close closes the statements kept and the connection.
func (c *compiled) Close() error {
	for _, stmt := range c.idle {
		stmt.Close() // the connection's own Close finds whatever is wrong
	}
	clear(c.idle)
	return c.sqliteConn.Close()
}

func (c *compiled) take(ctx context.Context, query string) (driver.Stmt, error) {
	if stmt, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return stmt, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	c.health.saw(err)
	return stmt, err
}

// put keeps a statement that ended well for the next time.
func (c *compiled) put(query string, stmt driver.Stmt, well bool) {
	if _, twice := c.idle[query]; twice || !well || len(c.idle) >= maxIdle {
		stmt.Close() // its error was that of running it, which the caller has
		return
	}
	c.idle[query] = stmt
}

type compiledRows struct {
	driver.Rows
	health *health
	done   func(well bool)
}

// Next reads the next row.
func (r *compiledRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	r.health.saw(err)
	return err
}

// Close ends the query.
func (r *compiledRows) Close() error {
	err := r.Rows.Close()
	if r.done != nil {
		r.done(err == nil)
		r.done = nil
	}
	return err
}
