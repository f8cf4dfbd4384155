//go:build !linux

package scenario

import "syscall"

// limitUnsent does nothing: macOS applies its limit to waiting writers only, not to
// writes, and Windows has none. Both size a connection's buffer by what its line takes.
func limitUnsent(_, _ string, _ syscall.RawConn) error { return nil }
