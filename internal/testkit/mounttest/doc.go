// Package mounttest mounts filesystems for tests, and takes their servers away. It works
// on Linux, as root; what a machine does not have makes the test skip.
package mounttest
