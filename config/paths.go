package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
)

// path is a text key holding a path, made absolute; fallback where it is not there or "".
func (t *table) path(key, fallback, example string) string {
	value := t.string(key, "", example)
	if value == "" {
		return fallback
	}
	path, problem, hint := expand(value, t.source.dir, t.source.home)
	if problem != "" {
		t.problem(key, hint, "`%s` %s", key, problem)
		return fallback
	}
	return path
}

// expand makes a path of the file absolute and clean. A problem is put so that it
// follows the name of the key.
func expand(value, dir, home string) (path, problem, hint string) {
	f := pathFlaw(value, runtime.GOOS == "windows")
	if f.what != "" && !strings.ContainsFunc(value, unicode.IsControl) || strings.ContainsRune(value, 0) {
		return "", f.what, f.hint
	}
	if trimmed := strings.TrimFunc(value, blank); f.what == "" && trimmed != value {
		f = flaw{"begins or ends with a space, or a mark that cannot be seen", "write it without: '" + oneLine(trimmed) + "'"}
	}
	path, problem, hint = absolutePath(value, dir, home)
	if problem == "" && f.what != "" {
		// A folder that is really called so would be there; on Windows none is, but is found.
		if _, err := os.Lstat(path); err != nil || runtime.GOOS == "windows" {
			return "", f.what, f.hint
		}
	}
	return path, problem, hint
}

// absolutePath is the place that a path of the file means. home is what ~ stands for; "":
// the home of the account the program runs as.
func absolutePath(value, dir, home string) (path, problem, hint string) {
	switch {
	case value == "~" || strings.HasPrefix(value, "~/") || runtime.GOOS == "windows" && strings.HasPrefix(value, `~\`):
		if home == "" {
			home, _ = os.UserHomeDir()
		}
		if !filepath.IsAbs(home) {
			return "", "begins with ~, but the home folder is not known here", "write the whole path, from the root"
		}
		return filepath.Join(home, value[1:]), "", ""
	case strings.HasPrefix(value, "~"):
		return "", "begins with the home folder of another user", "write the whole path, from the root"
	case filepath.IsAbs(value):
		return filepath.Clean(value), "", ""
	default:
		return filepath.Join(dir, value), "", ""
	}
}

// canonical is the path by which two spellings of one place are compared: symlinks
// resolved as far as the path exists, and in lower case where the system's usual
// filesystems do not tell case apart.
func canonical(path string) string {
	return fold(resolve(filepath.Clean(path)))
}

// fold is a path in lower case where the system's usual filesystems do not tell case apart.
func fold(path string) string {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.ToLower(path)
	}
	return path
}

func resolve(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolve(parent), filepath.Base(path))
}

// within gives the path from dir to path, both canonical, and whether path is dir
// itself or lies below it.
func within(dir, path string) (relative string, ok bool) {
	relative, err := filepath.Rel(dir, path)
	return relative, err == nil && filepath.IsLocal(relative)
}

// moveTo is where a watch folder's uploaded files go.
func moveTo(folder, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(folder, path)
}
