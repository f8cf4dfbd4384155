package file

// SyncDir does nothing on Windows, which has no call for it: NTFS keeps the names of a
// directory in its own journal.
func SyncDir(string) error { return nil }
