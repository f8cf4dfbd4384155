package watcher

import "golang.org/x/sys/unix"

func hide(path string) error { return unix.Chflags(path, 0x8000) } // UF_HIDDEN

func show(path string) error { return unix.Chflags(path, 0) }
