// Package objectstore is what the stand-in asks of a storage server of its own, so that a real one
// can stand in for its disk without its client being part of the program.
package objectstore

import (
	"context"
	"io"
	"time"
)

// Store is a storage server of its own, to which the parts of uploads go past this one.
// Its methods are called from several goroutines at once.
type Store interface {
	// Begin begins an upload of several parts to an object, and returns the store's id for it.
	Begin(ctx context.Context, key, mime string) (id string, err error)
	// PartURL is a presigned URL for one part, or, with no id, for the whole object.
	PartURL(ctx context.Context, key, id string, number int, lifetime time.Duration) (string, error)
	// Parts tells the parts that have arrived, or, with no id, the object as part 1.
	Parts(ctx context.Context, key, id string) ([]Part, error)
	// Complete makes the object of these parts.
	Complete(ctx context.Context, key, id string, parts []Part) error
	// Open reads an object from its start.
	Open(ctx context.Context, key string) (body io.ReadCloser, size int64, err error)
	// Close lets go of connections, once nothing is asked any more.
	Close()
}

// Part is a part as a Store has it.
type Part struct {
	Number int
	Size   int64 // bytes
	ETag   string
}
