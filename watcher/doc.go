// Package watcher finds finished files in folders.
//
// A scan of a folder is the truth; events from the operating system only make it
// sooner. Both yield no more than hints that a path deserves a check. The settler turns
// hints into candidates: files that no rule ignores, that have been unchanged for a
// while, that nobody has open for writing, and that are complete as far as their format
// tells. What is seen but not finished is held, with a reason, and checked again.
//
// Each folder is owned by one goroutine, which holds all its state: a folder on a share
// that hangs stalls nothing but itself. Memory grows with the files that are being
// waited for (up to a limit) and with the directories watched, not with the tree's
// files.
//
// File names are bytes. They are passed on as the filesystem gives them, whether or not
// they are UTF-8.
package watcher
