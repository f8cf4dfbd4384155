package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/adrg/xdg"
)

// DefaultDataDir is where the data of the config at file belongs where it names no
// data_dir. It depends on nothing but where the config is, so that a person, root and a
// service's account always mean the same local database:
//
//   - the system's config: the system's place for data;
//   - config.toml in the config folder of somebody's home: that home's place for data;
//   - another name in one of those folders: a folder of that name in the place for data;
//   - any other place: beside the config.
//
// A link is followed only where the link itself is in none of those folders.
func DefaultDataDir(file string) string {
	dir, _ := placeOfData(file)
	return dir
}

// placeOfData is DefaultDataDir, and whether that is beside the config.
func placeOfData(file string) (dir string, beside bool) {
	configDir, dataDir := systemDirs(os.Getenv)
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	if dir, ok := knownDataDir(file, runtime.GOOS, configDir, dataDir); ok {
		return dir, false
	}
	if real, err := filepath.EvalSymlinks(file); err == nil && real != file {
		if dir, ok := knownDataDir(real, runtime.GOOS, configDir, dataDir); ok {
			return dir, false
		}
		file = real
	}
	return file + dataSuffix, true
}

// dataSuffix is what a data directory beside its config has after the config's name.
const dataSuffix = ".data"

// knownDataDir is DefaultDataDir for a config in one of the usual folders of a system.
// file is absolute.
func knownDataDir(file, goos, systemConfig, systemData string) (dir string, ok bool) {
	folder, name := splitPath(file, goos)
	switch home := homeOf(file, goos); {
	case samePath(folder, systemConfig, goos):
		dir = systemData
	case home != "":
		dir = joinPath(goos, home, dataInHome(goos))
	default:
		return "", false
	}
	if !samePath(name, fileName, goos) {
		dir = joinPath(goos, dir, name+dataSuffix)
	}
	return dir, true
}

// homeOf is the home folder in whose config folder a file lies; "" for a file elsewhere.
func homeOf(file, goos string) string {
	folder, _ := splitPath(file, goos)
	for _, inHome := range configInHome(goos) {
		suffix := joinPath(goos, "", inHome, appDir)
		if i := len(folder) - len(suffix); i > 0 && samePath(folder[i:], suffix, goos) {
			return folder[:i]
		}
	}
	return ""
}

func configInHome(goos string) []string {
	switch goos {
	case "windows":
		return []string{`AppData\Local`, `AppData\Roaming`}
	case "darwin":
		return []string{"Library/Application Support"}
	}
	return []string{".config"}
}

func dataInHome(goos string) string {
	switch goos {
	case "windows":
		return `AppData\Local\` + appDir
	case "darwin":
		return "Library/Application Support/" + appDir
	}
	return ".local/share/" + appDir
}

func separator(goos string) string {
	if goos == "windows" {
		return `\`
	}
	return "/"
}

func splitPath(path, goos string) (folder, name string) {
	i := strings.LastIndex(path, separator(goos))
	return path[:max(i, 0)], path[i+1:]
}

func joinPath(goos string, parts ...string) string { return strings.Join(parts, separator(goos)) }

func samePath(a, b, goos string) bool {
	if goos == "windows" || goos == "darwin" {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// dataDir reads data_dir into c. Without one, a local database that an earlier version may have
// kept for this config at another place is a problem: to begin a second one in silence
// would send every file again.
func (t *table) dataDir(c *Config) {
	const key = "data_dir"
	file := c.File
	value := t.string(key, "", "/srv/scenario-drop")
	if value != "" {
		c.DataDir = t.explicitDataDir(key, value, file)
		return
	}
	dir, beside := placeOfData(file)
	c.DataDir, c.DataBeside = dir, beside
	there, hidden := ledgerIn(dir)
	earlier := earlierDataDir(file, xdg.DataHome)
	if before, _ := ledgerIn(earlier); before && !there && !hidden {
		t.source.problem(max(0, t.at(key)), fmt.Sprintf("to go on with it write data_dir = '%s' at the top of the config, or to begin a new one data_dir = '%s'", oneLine(earlier), oneLine(dir)),
			"the config names no `data_dir`, and the local database in %s, where an earlier version looked for it, may be its own", oneLine(earlier))
	}
}

// explicitDataDir is a data_dir that the config names. Its ~ is the home that the config
// lies in, whoever asks.
func (t *table) explicitDataDir(key, value, file string) string {
	if value == "~" || strings.HasPrefix(value, "~/") || runtime.GOOS == "windows" && strings.HasPrefix(value, `~\`) {
		if t.source.home == "" {
			t.problem(key, "write the whole path, from the root", "`%s` begins with ~, which means another folder for each account, and the config lies in nobody's home", key)
			return DefaultDataDir(file)
		}
	}
	path, problem, hint := expand(value, t.source.dir, t.source.home)
	if problem != "" {
		t.problem(key, hint, "`%s` %s", key, problem)
		return DefaultDataDir(file)
	}
	return path
}

// earlierDataDir is where versions before 1.0 looked for the data of a config that names
// no data_dir: by who started them.
func earlierDataDir(file, dataHome string) string {
	config, data := systemDirs(os.Getenv)
	if filepath.Dir(file) == config || RunsAsSystem() {
		return data
	}
	dir := filepath.Join(dataHome, appDir)
	if absolute, err := filepath.Abs(dir); err == nil {
		return absolute
	}
	return dir
}

// ledgerIn reports whether a data directory has a local database, and whether that cannot
// be seen, since it is another account's.
func ledgerIn(dir string) (there, hidden bool) {
	_, err := os.Stat(filepath.Join(dir, "ledger.db"))
	return err == nil, errors.Is(err, fs.ErrPermission)
}
