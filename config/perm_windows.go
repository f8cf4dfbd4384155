package config

// othersCanRead is always false: a Windows file inherits its folder's access list, and
// those of a user's own folders let nobody else in.
func othersCanRead(string) bool { return false }
