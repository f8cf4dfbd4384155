package e2e

import (
	"fmt"
	"sync"
	"testing"
)

// together runs a case for each, some at a time whatever the number of processors:
// they mostly wait.
func together[C fmt.Stringer](t *testing.T, atOnce int, cases []C, run func(*testing.T, C)) {
	todo := make(chan C, len(cases))
	for _, c := range cases {
		todo <- c
	}
	close(todo)
	var working sync.WaitGroup
	for range atOnce {
		working.Go(func() {
			for c := range todo {
				t.Run(c.String(), func(t *testing.T) { run(t, c) })
			}
		})
	}
	working.Wait()
}
