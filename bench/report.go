package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// summary is what the rounds of one client come to.
type summary struct {
	name   string
	rounds []cost
}

func median[T int64 | float64](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func (s summary) wall() (middle, least, most time.Duration) {
	var all []int64
	for _, c := range s.rounds {
		all = append(all, int64(c.wall))
	}
	m := median(all)
	return time.Duration(m), time.Duration(all[0]), time.Duration(all[len(all)-1])
}

func (s summary) cpu() time.Duration {
	var all []int64
	for _, c := range s.rounds {
		all = append(all, int64(c.cpu))
	}
	return time.Duration(median(all))
}

func (s summary) rss() int64 {
	var most int64
	for _, c := range s.rounds {
		most = max(most, c.rss)
	}
	return most
}

// ratio is the median over the rounds of this client's wall time against another's in
// the same round: what is noisy in a round is noisy for both.
func (s summary) ratio(to summary) float64 {
	var all []float64
	for i, c := range s.rounds {
		all = append(all, c.wall.Seconds()/to.rounds[i].wall.Seconds())
	}
	return median(all)
}

// report writes a Markdown table of one set on one server.
func report(w io.Writer, t set, server string, all []summary) {
	fmt.Fprintf(w, "\n%s, on %s, %d rounds\n\n", t, server, len(all[0].rounds))
	fmt.Fprintln(w, "| client | wall, median (range) | scenario-drop against it | CPU, median | peak memory | requests per file | bytes read per byte |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, s := range all {
		middle, least, most := s.wall()
		last := s.rounds[len(s.rounds)-1]
		fmt.Fprintf(w, "| %s | %.2f s (%.2f–%.2f) | %.2f × | %.2f s | %d MB | %s | %.2f |\n", s.name, middle.Seconds(), least.Seconds(), most.Seconds(),
			all[0].ratio(s), s.cpu().Seconds(), s.rss()>>20, perFile(last.requests, t.files), float64(last.read)/float64(t.bytes()))
	}
}

func perFile(requests, files int) string {
	if requests == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", float64(requests)/float64(files))
}
