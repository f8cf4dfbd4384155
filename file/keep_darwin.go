package file

// kept reports whether an extended attribute goes with its file to another filesystem:
// all do, the mark of what was downloaded among them.
func kept(name string) bool { return name != "" }
