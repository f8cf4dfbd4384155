package disk

import (
	"context"
	"time"
)

// Move makes a call that may take long because there is much to do, such as copying a
// file to another disk. It is waited for without a limit but ctx, at whose end the call is
// to end too; setAside is called when it takes longer than an answer should, so that no
// other file waits for it.
func (d *Disk) Move(ctx context.Context, root string, call func() error, setAside func()) error {
	if d.unresponsive(root) {
		return &UnresponsiveError{root}
	}
	done := make(chan error, 1)
	go func() { done <- call() }()
	patience := time.NewTimer(d.within)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return toItsEnd(ctx, done)
	case <-patience.C:
	}
	d.change(root, func(f *folder) { f.moving++ })
	defer d.change(root, func(f *folder) { f.moving-- })
	setAside()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return toItsEnd(ctx, done)
	}
}

// toItsEnd waits for a call that was told to end, so that nobody takes up its file while it
// still works on it; but not for one that hangs.
func toItsEnd(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-time.After(moveEndsWithin):
		return ctx.Err()
	}
}
