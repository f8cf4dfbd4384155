package file

import "strings"

// kept reports whether an extended attribute goes with its file to another filesystem.
// What the system itself puts there (security.*, trusted.*) stays behind.
func kept(name string) bool {
	return strings.HasPrefix(name, "user.") || name == "system.posix_acl_access"
}
