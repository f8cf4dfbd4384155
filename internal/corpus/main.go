// Command corpus walks folders of real files and prints what the checks say of each: is it
// complete, and as what would a folder of kind "auto" upload it. It says the same of copies
// that are cut off and of copies whose end is zeros, as a crash or a download leaves them.
//
//	go run ./internal/corpus [-all] [-each N] [-skip NAMES] FOLDER...
//
// The files are taken to be whole, as published test files mostly are. So a file that would
// be held is worth a look, and so is a cut copy that would not. Both are printed, then a
// table by extension, then what the checks cost. Nothing is written, nothing is sent.
//
// With -formats it prints the table of all formats instead, as it stands in docs/formats.md.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	all := flag.Bool("all", false, "print every file, not only what is worth a look")
	each := flag.Int("each", 5, "how many lines to print for one extension and outcome; 0 is all")
	skip := flag.String("skip", ".git", "names of folders not to walk, with commas between them: of files that are damaged on purpose, say")
	formats := flag.Bool("formats", false, "print the table of all formats in docs/formats.md, and end")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./internal/corpus [-all] [-each N] [-skip NAMES] FOLDER...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if *formats {
		writeFormats(os.Stdout)
		return
	}
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	r := newReport(*all, *each)
	for _, dir := range flag.Args() {
		if err := walk(dir, strings.Split(*skip, ","), r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	r.summary(os.Stdout)
}

// walk looks at every file below dir, but not in folders with one of the names in skip.
func walk(dir string, skip []string, r *report) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skip, d.Name()):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		o, err := observe(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return nil
		}
		r.add(os.Stdout, o)
		return nil
	})
}
