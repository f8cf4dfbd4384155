package watcher

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/text/unicode/norm"

	"scenario-drop/drop"
	"scenario-drop/watcher/ignore"
)

// rules decide by name which entries of a folder count. They touch no disk.
type rules struct {
	root             string
	recursive        bool
	assetsOnly       bool
	include, exclude []pattern
	inner            []string // other watch folders below root, as keys
	skip             []string // directories never entered, as keys
}

// MaxDepth is how many folders below a watch folder are entered. People do not nest that deep;
// a program gone wrong, or an archive made to harm, does without end, and each level makes
// every check what is below it dearer, up to paths that the system refuses.
const MaxDepth = 100

// refusal is which rule leaves an entry out.
type refusal uint8

const (
	notIgnored   refusal = iota // none does
	isBuiltIn                   // the table of package ignore
	isExcluded                  // an exclude pattern
	notIncluded                 // no include pattern
	isInner                     // it belongs to another watch folder
	isSkipped                   // Folder.Skip
	isHidden                    // by its name, or by a mark of the system's
	isTooDeep                   // a directory more than MaxDepth below the root
	isLink                      // links are not followed
	isOtherType                 // a pipe, device or socket
	notRecursive                // a directory below a folder that is not recursive
	isOptional                  // the table of package ignore, and no include pattern names it
	isNoAsset                   // Folder.AssetsOnly, and its name says that it is none
	refusals                    // how many there are
)

// verdict is what the rules say about one entry. The zero value takes it.
type verdict struct {
	refusal refusal
	by      string // the pattern, or what is known of the name
	asFor   string // the include pattern that would take it all the same; "" if none would
}

func compile(f Folder, all []Folder) rules {
	r := rules{root: filepath.Clean(f.Path), recursive: f.Recursive, assetsOnly: f.AssetsOnly}
	for _, p := range f.Include {
		r.include = append(r.include, parsePattern(p))
	}
	for _, p := range f.Exclude {
		r.exclude = append(r.exclude, parsePattern(p))
	}
	for _, other := range all {
		if path := filepath.Clean(other.Path); pathKey(path) != pathKey(r.root) && within(path, r.root) {
			r.inner = append(r.inner, pathKey(path))
		}
	}
	for _, path := range f.Skip {
		r.skip = append(r.skip, pathKey(filepath.Clean(path)))
	}
	return r
}

// dir tells whether the directory at path, somewhere below the root, is entered.
func (r *rules) dir(path, name string) verdict {
	if !r.recursive {
		return verdict{refusal: notRecursive}
	}
	if len(r.inner)+len(r.skip) > 0 {
		key := pathKey(path)
		for _, inner := range r.inner {
			if key == inner {
				return verdict{refusal: isInner}
			}
		}
		for _, skip := range r.skip {
			if key == skip {
				return verdict{refusal: isSkipped}
			}
		}
	}
	if m, found := ignore.Find(name, ignore.Dir); found {
		return nameVerdict(m, name)
	}
	if depth(path[len(r.root):]) > MaxDepth {
		return verdict{refusal: isTooDeep}
	}
	if len(r.exclude) > 0 {
		rel, base := r.normalized(path)
		for _, p := range r.exclude {
			if p.match(rel, base) {
				return verdict{refusal: isExcluded, by: p.text}
			}
		}
	}
	return verdict{}
}

// hiddenByMark is what an entry is called that is file.Hidden.
const hiddenByMark = "hidden (the system marks it so)"

// nameVerdict is the verdict on a name that the table knows.
func nameVerdict(m ignore.Match, name string) verdict {
	switch {
	case m.Dot:
		return verdict{refusal: isHidden, by: m.Is}
	case m.Optional:
		return verdict{isOptional, m.Is, "*" + filepath.Ext(name)}
	}
	return verdict{refusal: isBuiltIn, by: m.Is}
}

// known tells whether the table of names refuses the file at path. An include pattern that
// names it overrules what is optional there.
func (r *rules) known(path, name string) (v verdict, found bool) {
	m, found := ignore.Find(name, ignore.File)
	if !found || m.Optional && r.named(path) {
		return verdict{}, false
	}
	return nameVerdict(m, name), true
}

// named reports whether an include pattern names the file at path by its extension. One that
// takes the same file with any other extension, such as **/* or hero.*, does not.
func (r *rules) named(path string) bool {
	if len(r.include) == 0 {
		return false
	}
	rel, base := r.normalized(path)
	ext := filepath.Ext(base)
	other := "." + strings.Repeat("\x00", max(len(ext)-1, 0)) // no file has it
	relOther, baseOther := strings.TrimSuffix(rel, ext)+other, strings.TrimSuffix(base, ext)+other
	for _, p := range r.include {
		if !p.dirOnly && p.match(rel, base) && !p.match(relOther, baseOther) {
			return true
		}
	}
	return false
}

// depth is how many names a path has below the root.
func depth(below string) int {
	const sep = string(filepath.Separator)
	return strings.Count(strings.TrimPrefix(below, sep), sep) + 1
}

// reached tells whether the directories between the root and path are all entered. Events of
// Windows, and whoever asks for a check, name files that no scan would come upon.
func (r *rules) reached(path string) verdict {
	for dir := filepath.Dir(path); len(dir) > len(r.root); dir = filepath.Dir(dir) {
		if v := r.dir(dir, filepath.Base(dir)); v.refusal != notIgnored {
			return v
		}
	}
	return verdict{}
}

// file tells whether the file at path, somewhere below the root, counts.
func (r *rules) file(path, name string) verdict {
	if v, found := r.known(path, name); found {
		return v
	}
	if v := r.patterns(path); v.refusal != notIgnored {
		return v
	}
	if is, yes := r.noAsset(path, name); yes {
		return verdict{isNoAsset, is, asFor(name)}
	}
	return verdict{}
}

// patterns tells what the include and exclude patterns say of a file.
func (r *rules) patterns(path string) verdict {
	if len(r.include)+len(r.exclude) == 0 {
		return verdict{}
	}
	rel, base := r.normalized(path)
	for _, p := range r.exclude {
		if !p.dirOnly && p.match(rel, base) {
			return verdict{refusal: isExcluded, by: p.text}
		}
	}
	if len(r.include) == 0 {
		return verdict{}
	}
	for _, p := range r.include {
		if !p.dirOnly && p.match(rel, base) || p.dirOnly && p.matchAbove(rel) {
			return verdict{}
		}
	}
	return verdict{refusal: notIncluded}
}

// normalized is a path below the root, and its last name, as patterns see them.
func (r *rules) normalized(path string) (rel, base string) {
	rel = normalize(filepath.ToSlash(strings.TrimPrefix(path[len(r.root):], string(filepath.Separator))))
	return rel, rel[strings.LastIndexByte(rel, '/')+1:]
}

// pattern is one include or exclude pattern.
type pattern struct {
	text    string // as written
	glob    string // normalized, without slashes at either end
	base    bool   // no slash inside: it means a name at any depth
	dirOnly bool   // it ended in a slash: it means a directory and all below it
}

func parsePattern(text string) pattern {
	glob := strings.TrimPrefix(normalize(text), "./")
	anchored := glob != normalize(text) || strings.HasPrefix(glob, "/")
	trimmed := strings.TrimSuffix(strings.TrimPrefix(glob, "/"), "/")
	return pattern{
		text:    text,
		glob:    trimmed,
		base:    !anchored && !strings.Contains(trimmed, "/") && trimmed != "**",
		dirOnly: strings.HasSuffix(glob, "/"),
	}
}

func (p pattern) match(rel, base string) bool {
	if p.base {
		return doublestar.MatchUnvalidated(p.glob, base)
	}
	return doublestar.MatchUnvalidated(p.glob, rel)
}

// matchAbove reports whether the pattern matches a directory above rel.
func (p pattern) matchAbove(rel string) bool {
	for i := strings.LastIndexByte(rel, '/'); i > 0; i = strings.LastIndexByte(rel[:i], '/') {
		if p.match(rel[:i], rel[strings.LastIndexByte(rel[:i], '/')+1:i]) {
			return true
		}
	}
	return false
}

// normalize makes names comparable that look the same: without regard to case (artists write
// *.PNG), and composed, since macOS hands out accents decomposed. Only patterns see
// normalized names.
func normalize(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// pathKey makes paths comparable where the filesystem usually ignores case.
func pathKey(path string) string {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return normalize(path)
	}
	return path
}

// within reports whether path is dir or lies below it. Both must be clean.
func within(path, dir string) bool {
	path, dir = pathKey(path), pathKey(dir)
	if path == dir {
		return true
	}
	if !strings.HasSuffix(dir, string(filepath.Separator)) { // the root has it already
		dir += string(filepath.Separator)
	}
	return strings.HasPrefix(path, dir)
}

// detail says why an entry is ignored; kind is "file" or "folder".
func (v verdict) detail(path, kind string) drop.Detail {
	with := func(t drop.Text, more ...string) drop.Detail {
		return t.With(append([]string{"kind", kind, "path", path}, more...)...)
	}
	switch v.refusal {
	case notIgnored:
		return ""
	case isBuiltIn:
		return with(drop.TextIgnoredBuiltIn, "what", v.by)
	case isHidden, isOptional:
		return with(drop.TextIgnoredUnlessIncluded, "what", v.by, "include", v.asFor)
	case isExcluded:
		return with(drop.TextIgnoredExcluded, "pattern", v.by)
	case notIncluded:
		return with(drop.TextIgnoredNotIncluded)
	case isNoAsset:
		return with(drop.TextIgnoredNoAsset, "what", v.by, "include", v.asFor)
	case isInner:
		return with(drop.TextInnerFolder)
	case isSkipped:
		return with(drop.TextMoveTarget)
	case isTooDeep:
		return with(drop.TextTooDeep, "max", strconv.Itoa(MaxDepth))
	case notRecursive:
		return with(drop.TextNotRecursive)
	}
	return with(drop.TextIgnored)
}

// reason is why the entry is ignored; "" if it is not.
func (v verdict) reason() drop.Reason {
	switch v.refusal {
	case isBuiltIn:
		return drop.ReasonBuiltIn
	case isHidden:
		return drop.ReasonHidden
	case isExcluded:
		return drop.ReasonExcluded
	case notIncluded:
		return drop.ReasonNotIncluded
	case isOptional:
		return drop.ReasonUnlessIncluded
	case isNoAsset:
		return drop.ReasonNoAssetName
	case isInner:
		return drop.ReasonInnerFolder
	case isSkipped:
		return drop.ReasonMoveTarget
	case notRecursive:
		return drop.ReasonNotRecursive
	case isTooDeep:
		return drop.ReasonTooDeep
	case isLink:
		return drop.ReasonLink
	case isOtherType:
		return drop.ReasonNoFile
	}
	return ""
}
