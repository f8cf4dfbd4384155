// Package powertest gives tests a disk whose power can fail. It keeps apart what a
// program has written and what a disk must still have after the power failed: the bytes
// of a file up to its last fsync, and the names in a directory up to the directory's
// last fsync. At any chosen sync the power fails; the disk then shows what of the rest
// was lost, all of it or some.
//
// The disk is a FUSE filesystem in memory, so that the program under test is the real
// one, with its real database. It is there on Linux only, and only tests use it.
package powertest
