package watcher

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Explanation says what the rules make of one path.
type Explanation struct {
	Folder   string      `json:"folder,omitempty"` // the watch folder that owns it; empty: none does
	Accepted bool        `json:"accepted"`         // the rules would pick it up
	Exists   bool        `json:"exists"`           // something is there now
	Rule     drop.Reason `json:"rule,omitempty"`   // why not
	Detail   drop.Detail `json:"detail"`           // the same for people
}

// Explain tells which of the folders owns an absolute path and whether its rules pick
// it up. It checks what is there now, to tell links and directories; a path that is
// not there is judged by its name.
func Explain(folders []Folder, path string) Explanation {
	path = filepath.Clean(path)
	f, ok := owner(folders, path)
	if !ok {
		return Explanation{Exists: exists(path), Rule: drop.ReasonNoFolder,
			Detail: drop.TextNoFolder.With("path", path)}
	}
	out := Explanation{Folder: f.Path, Exists: exists(path)}
	root := filepath.Clean(f.Path)
	if pathKey(path) == pathKey(root) {
		out.Rule = drop.ReasonNoFile
		out.Detail = drop.TextIsWatchFolder.With("path", path)
		return out
	}
	r := compile(f, folders)
	const sep = string(filepath.Separator)
	depth := len(strings.Split(strings.TrimSuffix(root, sep), sep))
	names := strings.Split(path, sep)[depth:]
	at := root
	for i, name := range names {
		at = join(at, name)
		last := i == len(names)-1
		info, err := os.Lstat(at)
		dir := !last
		if err == nil {
			dir = info.IsDir()
			if t := info.Mode(); !dir && (!t.IsRegular() || !last) {
				out.Rule = drop.ReasonNoFile
				if t&fs.ModeSymlink != 0 {
					out.Rule = drop.ReasonLink
				}
				out.Detail = drop.TextNotRegular.With("path", at, "what", file.TypeName(t))
				return out
			}
		}
		v, kind := r.file(at, name), "file"
		if dir {
			v, kind = r.dir(at, name), "folder"
		}
		if v.refusal == notIgnored && err == nil && file.Hidden(info) {
			v = verdict{refusal: isHidden, by: hiddenByMark}
		}
		if v.refusal != notIgnored {
			out.Rule, out.Detail = v.reason(), v.detail(at, kind)
			return out
		}
		if last && dir {
			out.Rule = drop.ReasonNoFile
			out.Detail = drop.TextIsFolder.With("path", at)
			return out
		}
	}
	out.Accepted = true
	out.Detail = drop.TextPickedUp.With("path", path, "folder", f.Path)
	if !out.Exists {
		out.Detail = drop.TextWouldBePickedUp.With("path", path, "folder", f.Path)
	}
	return out
}

// Explain is the function Explain for the folders that are watched now.
func (w *Watcher) Explain(path string) Explanation {
	var folders []Folder
	for _, f := range w.list() {
		folders = append(folders, f.Folder)
	}
	return Explain(folders, path)
}

// owner is the most specific folder that contains the path.
func owner(folders []Folder, path string) (best Folder, ok bool) {
	for _, f := range folders {
		if within(path, filepath.Clean(f.Path)) && (!ok || len(f.Path) > len(best.Path)) {
			best, ok = f, true
		}
	}
	return best, ok
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
