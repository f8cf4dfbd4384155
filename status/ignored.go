package status

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
)

// Ignored is what the rules of a folder leave out. What is in a folder that is not entered
// is not counted.
type Ignored struct {
	Count  int                          `json:"count"`   // files and folders
	ByRule map[drop.Reason]IgnoredCount `json:"by_rule"` // by the rule, named as in `why`
}

// IgnoredCount is how many entries one rule leaves out.
type IgnoredCount struct {
	Files   int `json:"files"`
	Folders int `json:"folders"`
}

// Add counts what another folder leaves out, too.
func (i *Ignored) Add(o Ignored) {
	i.Count += o.Count
	for rule, n := range o.ByRule {
		if i.ByRule == nil {
			i.ByRule = map[drop.Reason]IgnoredCount{}
		}
		sum := i.ByRule[rule]
		i.ByRule[rule] = IgnoredCount{sum.Files + n.Files, sum.Folders + n.Folders}
	}
}

// FileCount is how many of them are files.
func (i Ignored) FileCount() (n int) {
	for _, c := range i.ByRule {
		n += c.Files
	}
	return n
}

// Text says what is ignored and why, the most first; "" if nothing is.
func (i Ignored) Text() string {
	type part struct {
		n    int
		rule drop.Reason
	}
	var parts []part
	for rule, n := range i.ByRule {
		parts = append(parts, part{n.Files + n.Folders, rule})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.rule, b.rule)) })
	var all []string
	for _, p := range parts {
		all = append(all, ignoredText(p.rule, i.ByRule[p.rule]))
	}
	return strings.Join(all, ", ")
}

func ignoredText(rule drop.Reason, n IgnoredCount) string {
	both := entries(n)
	switch rule {
	case drop.ReasonBuiltIn:
		return both + " known as temporary or a program's own"
	case drop.ReasonHidden:
		return both + " hidden"
	case drop.ReasonExcluded:
		return both + " by an exclude pattern"
	case drop.ReasonNotIncluded:
		return both + " that no include pattern matches"
	case drop.ReasonUnlessIncluded:
		return plural(n.Files, "sidecar, shortcut, program or script", "sidecars, shortcuts, programs and scripts") + " that no include pattern names"
	case drop.ReasonNoAssetName:
		return both + " of programs, scripts, sheets and the like"
	case drop.ReasonExisting:
		if n.Files == 1 {
			return both + ` that was there before and is not uploaded (existing = "skip")`
		}
		return both + ` that were there before and are not uploaded (existing = "skip")`
	case drop.ReasonInnerFolder:
		return both + " watched on its own"
	case drop.ReasonMoveTarget:
		return both + " where finished files are moved to"
	case drop.ReasonNotRecursive:
		return both + " not entered, since recursive is off"
	case drop.ReasonTooDeep:
		return both + " nested too deep"
	case drop.ReasonLink:
		return plural(n.Files+n.Folders, "link", "links")
	}
	return both + " of another type"
}

// entries is "3 files", "1 folder" or "3 files and 1 folder".
func entries(n IgnoredCount) string {
	switch {
	case n.Folders == 0:
		return plural(n.Files, "file", "files")
	case n.Files == 0:
		return plural(n.Folders, "folder", "folders")
	}
	return plural(n.Files, "file", "files") + " and " + plural(n.Folders, "folder", "folders")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(int64(n)) + " " + many
}

// surprising are the rules by which a person may not know that something is ignored. Of
// those hidden only files count: folders of that kind are everywhere.
func (i Ignored) surprising() bool {
	for rule, n := range i.ByRule {
		switch rule {
		case drop.ReasonExcluded, drop.ReasonNotIncluded, drop.ReasonUnlessIncluded, drop.ReasonNoAssetName, drop.ReasonNotRecursive,
			drop.ReasonTooDeep, drop.ReasonLink, drop.ReasonNoFile:
			return true
		case drop.ReasonHidden:
			if n.Files > 0 {
				return true
			}
		}
	}
	return false
}

// AllIgnored says that a folder has files and none of them is taken, and why; "" if that is
// not so. files is how many are taken.
func (i Ignored) AllIgnored(files int) string {
	if files > 0 || !i.surprising() {
		return ""
	}
	return "Nothing in this folder is taken, all of it is ignored: " + i.Text() + "."
}

// TooDeep says that folders are nested too deep to be entered; "" if none is.
func (i Ignored) TooDeep() string {
	n := i.ByRule[drop.ReasonTooDeep].Folders
	if n == 0 {
		return ""
	}
	if n == 1 {
		return "1 folder is nested too deep and ignored, with all that is in it. Move it further up, or watch a folder nearer to it."
	}
	return plural(n, "folder is", "folders are") + " nested too deep and ignored, with all that is in them. Move them further up, or watch a folder nearer to them."
}
