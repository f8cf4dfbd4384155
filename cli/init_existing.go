package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"scenario-drop/watcher"
)

// existing asks whether the files that are in a folder already are to be uploaded; without any
// there is no question.
func (p *prompter) existing(ctx context.Context, path string) (string, error) {
	n, all := countFiles(ctx, path)
	if n == 0 && all {
		return "send", nil
	}
	there := files(n)
	switch {
	case n == 0:
		there = "files"
	case !all:
		there = "more than " + there
	}
	verb := "are"
	if n == 1 && all {
		verb = "is"
	}
	for {
		answer, err := p.ask("  Also upload the "+there+" that "+verb+" there? (yes, no: only what is saved from now on)", "yes")
		if err != nil {
			return "", err
		}
		switch strings.ToLower(answer) {
		case "y", "yes":
			return "send", nil
		case "n", "no":
			return "skip", nil
		}
		p.note("  Answer yes or no.")
	}
}

// How long the files of a folder are counted, and how many.
const (
	countingFor = 3 * time.Second
	maxCounted  = 200_000
)

var errEnoughCounted = errors.New("that is enough")

// countFiles counts the files that a folder would take; all is false where there are more, or
// where they could not be counted. One that hangs is left behind.
func countFiles(ctx context.Context, path string) (n int, all bool) {
	type counted struct {
		n   int
		all bool
	}
	answer := make(chan counted, 1)
	deadline := time.Now().Add(countingFor)
	go func() {
		dirs := 0
		found, err := watcher.Survey([]watcher.Folder{{Path: path, Recursive: true}}, path, func() error {
			if dirs++; dirs > maxCounted || time.Now().After(deadline) || ctx.Err() != nil {
				return errEnoughCounted
			}
			return nil
		})
		answer <- counted{found.Files, !errors.Is(err, errEnoughCounted)} // a folder that is not there has none
	}()
	select {
	case c := <-answer:
		return c.n, c.all
	case <-time.After(2 * countingFor):
	case <-ctx.Done():
	}
	return 0, false
}
