//go:build !windows && !darwin

package install

// StartedByManager reports whether a service manager started this process that leaves
// keeping its log to it. systemd does not: the journal keeps stderr, and bounds it.
func StartedByManager() bool { return false }
