package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"scenario-drop/filetype"
	"scenario-drop/watcher/completeness"
)

// observation is what the checks say of one file and of spoiled copies of it.
type observation struct {
	path    string
	size    int64
	kind    string // for a folder of kind "auto", or ignored
	mime    string
	verdict completeness.Verdict
	took    time.Duration // of the check, with the file in the system's cache
	copies  []copied
}

// copied is a copy that is not whole.
type copied struct {
	how     string
	zeros   bool
	verdict completeness.Verdict
}

// observe checks a file.
func observe(path string) (observation, error) {
	f, err := os.Open(path)
	if err != nil {
		return observation{}, err
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil {
		return observation{}, err
	}
	o := observation{path: path, size: info.Size()}
	if o.size == 0 {
		return o, nil
	}
	is, err := filetype.Identify(path, f, o.size)
	if err != nil {
		return observation{}, fmt.Errorf("%s: %w", path, err)
	}
	o.mime = is.MIME()
	var v filetype.Verdict
	if v, o.kind = (filetype.Rule{Kind: "auto"}).Judge(is); v == filetype.Ignore {
		o.kind = "ignored"
	}
	completeness.Check(path, f, o.size) // so that the next one reads from the cache
	begun := time.Now()
	o.verdict = completeness.Check(path, f, o.size)
	o.took = time.Since(begun)

	for _, c := range []struct {
		how  string
		size int64
	}{
		{"cut to 50 %", o.size / 2},
		{"cut to 90 %", o.size * 9 / 10},
	} {
		if c.size > 0 {
			o.copies = append(o.copies, copied{how: c.how, verdict: completeness.Check(path, f, c.size)})
		}
	}
	for _, c := range []struct {
		how  string
		keep int64
	}{
		{"zeros from 50 %", o.size / 2},
		{"zeros from 90 %", o.size * 9 / 10},
	} {
		if o.size-c.keep >= 4096 { // a page, as filesystems fill them
			o.copies = append(o.copies, copied{how: c.how, zeros: true, verdict: completeness.Check(path, zeroed{f, c.keep}, o.size)})
		}
	}
	return o, nil
}

// zeroed is a file of which only the first keep bytes have been written.
type zeroed struct {
	r    io.ReaderAt
	keep int64
}

// ReadAt reads the file, with zeros from keep on.
func (z zeroed) ReadAt(p []byte, off int64) (int, error) {
	n, err := z.r.ReadAt(p, off)
	if from := z.keep - off; from < int64(n) {
		clear(p[max(from, 0):n])
	}
	return n, err
}
