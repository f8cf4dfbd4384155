package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"scenario-drop/watcher/completeness"
)

// report counts observations by extension.
type report struct {
	all     bool
	each    int            // lines for one extension and outcome; 0: no limit
	printed map[string]int // by extension and outcome
	exts    map[string]*counts
	took    []time.Duration
	mimes   map[string]int // by extension, kind and MIME type
}

// counts are the verdicts on the files of one extension, by state.
type counts struct {
	files      int
	whole      [3]int
	cut, zeros [3]int
}

func newReport(all bool, each int) *report {
	return &report{all: all, each: each, printed: map[string]int{}, exts: map[string]*counts{}, mimes: map[string]int{}}
}

// add counts an observation, and prints it if it is worth a look.
func (r *report) add(w io.Writer, o observation) {
	if o.size == 0 {
		return
	}
	ext := strings.ToLower(filepath.Ext(o.path))
	if ext == "" {
		ext = "(none)"
	}
	c := r.exts[ext]
	if c == nil {
		c = &counts{}
		r.exts[ext] = c
	}
	c.files++
	c.whole[o.verdict.State]++
	r.mimes[fmt.Sprintf("%s\t%s\t%s", ext, o.kind, o.mime)]++
	r.took = append(r.took, o.took)
	switch {
	case o.verdict.State == completeness.Incomplete:
		r.line(w, ext, "would be held", o, o.verdict)
	case r.all:
		r.line(w, ext, o.verdict.State.String(), o, o.verdict)
	}
	for _, copied := range o.copies {
		n := &c.cut
		if copied.zeros {
			n = &c.zeros
		}
		n[copied.verdict.State]++
		if copied.verdict.State == completeness.Complete && o.verdict.State == completeness.Complete {
			r.line(w, ext, copied.how+", and passes", o, copied.verdict)
		}
	}
}

func (r *report) line(w io.Writer, ext, outcome string, o observation, v completeness.Verdict) {
	if key := ext + outcome; !r.all && r.each > 0 {
		if r.printed[key]++; r.printed[key] > r.each {
			return
		}
	}
	fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%s\n", outcome, o.path, o.kind, o.mime, v.Format, v.Detail)
}

// summary prints the tables.
func (r *report) summary(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer w.Flush() // what cannot be printed cannot be told either
	fmt.Fprintln(w, "\nextension\tfiles\tcomplete\tcannot tell\twould be held\tcut: passes\tcannot tell\theld\tzeros: pass\tcannot tell\theld")
	var sum counts
	for _, ext := range slices.SortedFunc(maps.Keys(r.exts), func(a, b string) int {
		if d := r.exts[b].files - r.exts[a].files; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	}) {
		c := r.exts[ext]
		row(w, ext, c)
		sum.files += c.files
		for i := range 3 {
			sum.whole[i] += c.whole[i]
			sum.cut[i] += c.cut[i]
			sum.zeros[i] += c.zeros[i]
		}
	}
	row(w, "all", &sum)

	fmt.Fprintln(w, "\nextension\tkind\tMIME type\tfiles")
	for _, key := range slices.Sorted(maps.Keys(r.mimes)) {
		fmt.Fprintf(w, "%s\t%d\n", key, r.mimes[key])
	}
	if n := len(r.took); n > 0 {
		slices.Sort(r.took)
		fmt.Fprintf(w, "\none check: median %s, 99th percentile %s, longest %s\n", r.took[n/2], r.took[n*99/100], r.took[n-1])
	}
}

func row(w io.Writer, name string, c *counts) {
	fmt.Fprintf(w, "%s\t%d", name, c.files)
	for _, n := range [][3]int{c.whole, c.cut, c.zeros} {
		fmt.Fprintf(w, "\t%d\t%d\t%d", n[completeness.Complete], n[completeness.CannotTell], n[completeness.Incomplete])
	}
	fmt.Fprintln(w)
}
