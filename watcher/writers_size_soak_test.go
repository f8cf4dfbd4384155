//go:build linux && soak

package watcher

// treeSize is how many files a tree copied in has.
const treeSize = 20_000
