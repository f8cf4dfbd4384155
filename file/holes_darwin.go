package file

// From sys/unistd.h; the numbers are the other way round than on Linux.
const (
	seekHole = 3
	seekData = 4
)

// makesHoles is false: APFS keeps the zeros that a program writes, and has holes only where
// a program left some out.
func makesHoles(int) bool { return false }
