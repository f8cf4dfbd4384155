package config

import (
	"path/filepath"
	"strings"
	"unicode"

	"github.com/bmatcuk/doublestar/v4"
)

const defaultMoveTo = "Uploaded"

// watches reads every [[watch]] into c and returns their tables.
func (t *table) watches(c *Config, skipFolders bool) []*table {
	tables, ok := t.tables(watchKey)
	switch {
	case !ok:
		t.problem(watchKey, "write [[watch]] in double brackets above each folder", "`watch` must be a list of tables, not %s", typeName(t.values[watchKey]))
	case len(tables) == 0:
		t.source.problem(0, `add [[watch]] and below it path = "~/Scenario"`, "there is no folder to watch")
	}
	var kept []*table
	var paths []string
	for _, sub := range tables {
		w, ok := sub.watch()
		if !ok {
			continue
		}
		c.Watches, kept, paths = append(c.Watches, w), append(kept, sub), append(paths, w.Path)
		if w.AfterUpload == "move" {
			paths = append(paths, w.MoveTo)
		}
	}
	found := map[string]place{}
	if !skipFolders {
		found = statAll(paths, statTimeout)
	}
	folders := make([]place, len(kept))
	for i, sub := range kept {
		path := c.Watches[i].Path
		if skipFolders {
			folders[i] = place{canonical: filepath.Clean(path)}
		} else {
			folders[i] = found[path]
			sub.folder(path, folders[i])
		}
		sub.suitable(c.Watches[i], folders[i].canonical)
		for j, other := range folders[:i] {
			if folders[i].same(other) {
				sub.problem("path", "keep one of them", "this folder is watched twice, first in line %d", c.Watches[j].Line)
				break
			}
		}
	}
	if skipFolders {
		return tables
	}
	for i, sub := range kept {
		sub.placement(c, c.Watches[i], folders[i].canonical)
		sub.moves(c.Watches, folders, i, found[c.Watches[i].MoveTo].canonical)
	}
	return tables
}

// watch reads one [[watch]]. ok is false where its path is of no use.
func (t *table) watch() (w Watch, ok bool) {
	path := t.path("path", "", "~/Scenario/Characters")
	d := DefaultWatch(path)
	w = d
	if t.node != nil {
		w.Line, _ = t.source.place(t.node.value)
	}
	w.Kind = t.choice("kind", d.Kind, "image", "3d", "audio", "video", "model", "avatar", "asset", "text", "auto")
	w.OtherKinds = t.choice("other_kinds", d.OtherKinds, "hold", "send")
	if w.OtherKinds == "send" && (w.Kind == "auto" || w.Kind == "asset") {
		t.source.warning(t.at("other_kinds"), "remove it, or set kind to one kind, such as \"image\"", "`other_kinds` has no effect with kind %q, which takes any", w.Kind)
	}
	w.Existing = t.choice("existing", d.Existing, "send", "skip")
	w.CollectionIDs = t.collectionIDs("collection_ids")
	w.Collections = t.names("collections")
	w.Tags = t.tags("tags")
	w.Recursive = t.bool("recursive", d.Recursive)
	w.SubfolderCollections = t.bool("subfolder_collections", d.SubfolderCollections)
	if w.SubfolderCollections && !w.Recursive {
		t.problem("subfolder_collections", "set recursive = true", "`subfolder_collections` has no effect while `recursive` is false")
	}
	if n := t.count("max_new_collections", MaxNewCollections); t.has("max_new_collections") {
		w.MaxNewCollections = n
	}
	w.Include = t.globs("include")
	w.Exclude = t.globs("exclude")
	settle, chosen := t.duration("settle", "5s", 0, MaxSettle)
	if settle > 0 && settle < MinSettle {
		t.problem("settle", `"0s" takes a file as soon as no program has it open; "" is chosen automatically`,
			"`settle` must be 0s, or from %s to %s", shortDuration(MinSettle), shortDuration(MaxSettle))
	}
	w.Settle, w.SettleAuto = settle, !chosen
	if interval, ok := t.duration("version_interval", "30s", 0, MaxVersionWait); ok {
		w.VersionInterval = interval
	}
	w.Hide = t.bool("hide", d.Hide)
	w.ParentID = t.id("parent_id", "asset_123")
	w.OnChange = t.choice("on_change", d.OnChange, "version", "new", "ignore")
	w.AfterUpload = t.choice("after_upload", d.AfterUpload, "keep", "move", "trash")
	w.MoveTo = t.moveTo("move_to", path)
	w.MaxSize = t.size("max_size", "2GiB", 1, 0)
	w.Poll = t.choice("poll", d.Poll, "auto", "always", "never")
	w.Rescan, _ = t.duration("rescan", "10m", MinRescan, MaxRescan)
	t.model(&w)

	switch {
	case !t.has("path"):
		t.problem("path", `write path = "~/Scenario/Characters" below it`, "this [[watch]] names no `path`")
	case path == "" && t.values["path"] == "":
		t.problem("path", "name the folder to watch", "`path` is empty")
	}
	return w, path != ""
}

// model refuses what Scenario does not take for an upload of kind "model".
func (t *table) model(w *Watch) {
	if w.Kind != "model" {
		return
	}
	if w.Hide {
		t.problem("hide", "remove it", "a model cannot have `hide`")
	}
	if w.ParentID != "" {
		t.problem("parent_id", "remove it", "a model cannot have a `parent_id`")
	}
	if w.OnChange != "version" {
		return
	}
	if t.has("on_change") {
		t.problem("on_change", `use "new" or "ignore"`, "a model cannot be a version of another: `on_change` must not be \"version\"")
	}
	w.OnChange = "new"
}

// placement refuses a watch folder that holds the program's own files: the ledger's
// writes would be events for ever, and the key would be sent to Scenario as an asset.
func (t *table) placement(c *Config, w Watch, folder string) {
	if relative, ok := within(folder, canonical(c.DataDir)); ok && (w.Recursive || relative == ".") {
		t.problem("path", "set data_dir to a folder outside it", "the program's own `data_dir` lies in this watch folder")
	}
	for _, file := range c.files {
		relative, ok := within(folder, canonical(file))
		if ok && w.takes(filepath.ToSlash(relative)) {
			t.problem("path", "move that file, or exclude it", "%s lies in this watch folder and would be uploaded", oneLine(filepath.Base(file)))
		}
	}
}

// takes reports whether the folder's rules let a path below it in, with / in it.
func (w *Watch) takes(relative string) bool {
	if !w.Recursive && strings.Contains(relative, "/") {
		return false
	}
	matches := func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, relative) ||
			!strings.Contains(pattern, "/") && doublestar.MatchUnvalidated("**/"+pattern, relative)
	}
	for _, pattern := range w.Exclude {
		if matches(pattern) {
			return false
		}
	}
	for _, pattern := range w.Include {
		if matches(pattern) {
			return true
		}
	}
	return len(w.Include) == 0
}

// moves refuses a move_to, canonical, from which the files of watch i would come back.
func (t *table) moves(watches []Watch, folders []place, i int, to string) {
	if watches[i].AfterUpload != "move" {
		return
	}
	own := folders[i].canonical
	if to == own {
		t.problem("move_to", "name another folder", "`move_to` is the watch folder itself")
		return
	}
	for j, other := range folders {
		_, inOther := within(other.canonical, to)
		_, holdsOwn := within(other.canonical, own)
		if inOther && !holdsOwn && (watches[j].Recursive || other.canonical == to) {
			t.problem("move_to", "name a folder that is not watched", "`move_to` lies in the folder watched in line %d", watches[j].Line)
			return
		}
	}
}

// moveTo is the folder of uploaded files, absolute.
func (t *table) moveTo(key, folder string) string {
	value := t.string(key, defaultMoveTo, defaultMoveTo)
	if value == "" {
		value = defaultMoveTo
	}
	path, problem, hint := expand(value, folder, t.source.home)
	if problem != "" {
		t.problem(key, hint, "`%s` %s", key, problem)
	}
	return path
}

// collectionIDs are ids of collections, each once.
func (t *table) collectionIDs(key string) []string {
	var ids []string
	for _, id := range t.once(key, "collection_123") {
		if !isID(id.value) {
			t.source.problem(id.at, "copy it from Scenario; a name belongs into `collections`", "this is no id of a collection")
			continue
		}
		ids = append(ids, id.value)
	}
	return ids
}

// names are names of collections, each once.
func (t *table) names(key string) []string {
	var names []string
	for _, name := range t.once(key, "Characters") {
		trimmed := strings.TrimSpace(name.value)
		if trimmed == "" {
			t.source.problem(name.at, "name the collection, or remove the text", "a collection without a name")
			continue
		}
		names = append(names, trimmed)
	}
	return names
}

// tags are texts of one line, each once, also but for case.
func (t *table) tags(key string) []string {
	var tags []string
	seen := make(map[string]string)
	for _, tag := range t.once(key, "wip") {
		trimmed := strings.TrimSpace(tag.value)
		low := strings.ToLower(trimmed)
		switch {
		case trimmed == "":
			t.source.problem(tag.at, "name the tag, or remove the text", "an empty tag in `%s`", key)
		case len(trimmed) > MaxTag:
			t.source.problem(tag.at, "shorten it", "a tag in `%s` has more than %d bytes", key, MaxTag)
		case strings.ContainsFunc(trimmed, func(r rune) bool { return !unicode.IsPrint(r) }):
			t.source.problem(tag.at, "write it on one line, of letters, digits, signs and spaces", "a tag in `%s` has characters that cannot be shown", key)
		case seen[low] != "":
			t.source.problem(tag.at, "keep one of them", "`%s` has %q and %q, which differ in case alone", key, seen[low], trimmed)
		default:
			seen[low] = trimmed
			tags = append(tags, trimmed)
		}
	}
	if len(tags) > MaxTags {
		t.problem(key, "keep those that people search for", "`%s` has %d tags, and may have %d", key, len(tags), MaxTags)
		return nil
	}
	return tags
}

// once is a list of texts in which none may be there twice.
func (t *table) once(key, example string) []text {
	var kept []text
	seen := make(map[string]bool)
	for _, item := range t.strings(key, example) {
		if seen[strings.TrimSpace(item.value)] {
			t.source.problem(item.at, "keep one of them", "the same is twice in `%s`", key)
			continue
		}
		seen[strings.TrimSpace(item.value)] = true
		kept = append(kept, item)
	}
	return kept
}

// globs are patterns for paths below the watch folder.
func (t *table) globs(key string) []string {
	var patterns []string
	for _, pattern := range t.strings(key, "**/*.png") {
		p := pattern.value
		switch f := patternFlaw(key, p); {
		case p == "":
			t.source.problem(pattern.at, `for example "**/*.png"`, "an empty pattern in `%s`", key)
		case f.what != "":
			t.source.problem(pattern.at, f.hint, "a pattern in `%s` %s", key, f.what)
		case strings.Contains(p, `\`):
			t.source.problem(pattern.at, `write / on every system, for example "**/wip/**"`, "a pattern in `%s` must not hold a backslash", key)
		case strings.HasPrefix(p, "/") || strings.HasPrefix(p, "~") || strings.HasPrefix(p, "./") || filepath.IsAbs(p):
			t.source.problem(pattern.at, `for example "**/wip/**"`, "a pattern in `%s` must be relative to the watch folder", key)
		case !doublestar.ValidatePattern(p):
			t.source.problem(pattern.at, "close every [ and {", "a pattern in `%s` is not complete", key)
		default:
			if f := questionablePattern(key, p); f.what != "" {
				t.source.warning(pattern.at, f.hint, "a pattern in `%s` %s", key, f.what)
			}
			patterns = append(patterns, p)
		}
	}
	return patterns
}
