package config

import (
	"os"
	"path"
	"runtime"
	"strings"
)

// placesOf is where a system keeps what is no artist's work.
type placesOf struct {
	system  []string // folders of the system, and all below them
	parents []string // folders that hold such, or everybody's: only they themselves
	users   string   // the folder of all home folders
	shared  string   // a name in users that is nobody's home
	inHome  []string // folders of a home that are programs' own: only they themselves
	fold    bool     // names are compared without regard to case
}

// unsuitablePlaces is the table by system. Windows' paths have / and no drive, which is the
// system's own.
func unsuitablePlaces(goos string) placesOf {
	switch goos {
	case "windows":
		return placesOf{
			system:  []string{"/Windows", "/Program Files", "/Program Files (x86)", "/$Recycle.Bin", "/System Volume Information", "/Recovery", "/Boot"},
			parents: []string{"/", "/ProgramData", "/PerfLogs", "/Users"},
			users:   "/Users",
			inHome:  []string{"AppData", "AppData/Local", "AppData/LocalLow", "AppData/Roaming"},
			fold:    true,
		}
	case "darwin":
		return placesOf{
			system:  []string{"/System", "/Library", "/Applications", "/bin", "/sbin", "/usr", "/etc", "/private/etc", "/dev", "/cores", "/Network"},
			parents: []string{"/", "/Users", "/Volumes", "/private", "/var", "/private/var", "/opt", "/home"},
			users:   "/Users",
			shared:  "Shared",
			inHome:  []string{"Library", ".config", ".local", ".local/share", ".cache", ".ssh"},
			fold:    true,
		}
	}
	return placesOf{
		system:  []string{"/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr"},
		parents: []string{"/", "/dev", "/home", "/opt", "/run", "/var", "/var/lib", "/var/log", "/snap", "/nix", "/media", "/mnt"},
		users:   "/home",
		inHome:  []string{".config", ".local", ".local/share", ".cache", ".ssh"},
	}
}

// unsuitable says what a folder is that is none to watch: the whole disk, a folder of the
// system, somebody's whole home; "" for any other, also for one within a home. folder is
// absolute and clean, by the rules of goos; homes are further home folders; systemDrive is
// Windows' own ("C:").
func unsuitable(folder, goos, systemDrive string, homes ...string) string {
	places := unsuitablePlaces(goos)
	key := func(p string) string {
		if goos == "windows" {
			p = strings.TrimPrefix(strings.ReplaceAll(p, `\`, "/"), "//?/")
			if drive, rest, ok := strings.Cut(p, ":"); ok && strings.EqualFold(drive+":", systemDrive) {
				p = rest
			}
		}
		if places.fold {
			p = strings.ToLower(p)
		}
		return path.Clean("/" + p)
	}
	at := key(folder)
	if goos == "windows" && strings.HasPrefix(folder, `\\`) && !strings.HasPrefix(folder, `\\?\`) {
		return "" // a share
	}
	if at == "/" {
		return "the whole disk"
	}
	for _, dir := range places.system {
		if dir = key(dir); at == dir || strings.HasPrefix(at, dir+"/") {
			return "a folder of the system"
		}
	}
	if at == key(places.users) {
		return "the folder of everybody's home folders"
	}
	for _, dir := range places.parents {
		if at == key(dir) {
			return "a folder of the system"
		}
	}
	if rest, ok := strings.CutPrefix(at, key(places.users)+"/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		if name != strings.ToLower(places.shared) || places.shared == "" {
			homes = append(homes, places.users+"/"+name)
		}
	}
	if goos == "linux" {
		homes = append(homes, "/root")
	}
	for _, home := range homes {
		if home == "" || key(home) == "/" {
			continue
		}
		if at == key(home) {
			return "a whole home folder"
		}
		for _, dir := range places.inHome {
			if at == key(home+"/"+dir) {
				return "a folder of programs' own data"
			}
		}
	}
	return ""
}

// suitable warns of a watch folder in which other things than work lie, and refuses it
// where its files would be moved or trashed.
func (t *table) suitable(w Watch, canonical string) {
	home, _ := os.UserHomeDir() // not known: its usual place still is
	drive := os.Getenv("SystemDrive")
	if drive == "" {
		drive = "C:"
	}
	what := unsuitable(w.Path, runtime.GOOS, drive, home)
	if what == "" && canonical != "" {
		what = unsuitable(canonical, runtime.GOOS, drive, home)
	}
	switch {
	case what == "":
	case w.AfterUpload == "keep":
		t.source.warning(t.at("path"), "name the folder with your work in it", "%s is %s: everything in it that can be uploaded is", oneLine(w.Path), what)
	default:
		t.problem("path", "name the folder with your work in it", "%s is %s, from which nothing is moved or trashed: `after_upload` must be \"keep\" there", oneLine(w.Path), what)
	}
}
