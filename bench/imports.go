package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// imports reads the log of a daemon, written to it, for the files that were imported.
type imports struct {
	*io.PipeWriter
	told chan toldImport
}

type toldImport struct {
	name string
	at   time.Time
}

func newImports() *imports {
	log, says := io.Pipe()
	i := &imports{says, make(chan toldImport, 16)}
	go i.read(log) // until Close
	return i
}

func (i *imports) read(log *io.PipeReader) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		text := lines.Text()
		_, path, _ := strings.Cut(text, " path=")
		path, _, _ = strings.Cut(path, " ")
		if strings.Contains(text, " asset=") {
			i.told <- toldImport{filepath.Base(path), time.Now()}
		}
	}
}

// wait waits for a file that is to be the next.
func (i *imports) wait(ctx context.Context, name string) (time.Time, error) {
	select {
	case told := <-i.told:
		if told.name != name {
			return told.at, fmt.Errorf("%s was imported instead of %s", told.name, name)
		}
		return told.at, nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-time.After(time.Minute):
		return time.Time{}, fmt.Errorf("%s was not imported within a minute", name)
	}
}
