package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What is no folder of work is known on every system; what people do watch is not.
func TestUnsuitableFolders(t *testing.T) {
	const disk, system, users, home, data = "the whole disk", "a folder of the system", "the folder of everybody's home folders", "a whole home folder", "a folder of programs' own data"
	for _, test := range []struct{ goos, folder, want string }{
		{"linux", "/", disk}, {"linux", "/usr", system}, {"linux", "/usr/share/icons", system}, {"linux", "/etc", system}, {"linux", "/var", system},
		{"linux", "/home", users}, {"linux", "/home/anna", home}, {"linux", "/root", home}, {"linux", "/home/anna/.config", data}, {"linux", "/mnt", system}, {"linux", "/srv/homes/anna", home},
		{"linux", "/home/anna/Desktop", ""}, {"linux", "/home/anna/Downloads", ""}, {"linux", "/mnt/art", ""}, {"linux", "/media/anna/CARD", ""}, {"linux", "/srv/art", ""},
		{"linux", "/tmp/x", ""}, {"linux", "/run/media/anna/USB", ""}, {"linux", "/usrx", ""}, {"linux", "/Users", ""},
		{"darwin", "/", disk}, {"darwin", "/System/Library", system}, {"darwin", "/Library", system}, {"darwin", "/Users", users}, {"darwin", "/users/Anna", home},
		{"darwin", "/Users/anna/Library", data}, {"darwin", "/Volumes", system}, {"darwin", "/Applications", system},
		{"darwin", "/Users/anna/Desktop", ""}, {"darwin", "/Users/Shared", ""}, {"darwin", "/Volumes/Art", ""}, {"darwin", "/Users/anna/Library/Mobile Documents/com~apple~CloudDocs/Art", ""}, {"darwin", "/private/tmp/x", ""},
		{"windows", `C:\`, disk}, {"windows", `c:\windows\Temp`, system}, {"windows", `C:\Program Files`, system}, {"windows", `C:\Program Files (x86)\x`, system},
		{"windows", `C:\Users`, users}, {"windows", `C:\Users\anna`, home}, {"windows", `C:/Users/Anna`, home}, {"windows", `\\?\C:\Users\anna`, home}, {"windows", `C:\Users\anna\AppData\Roaming`, data}, {"windows", `C:\ProgramData`, system},
		{"windows", `D:\Profiles\anna`, ""}, {"windows", `D:\`, ""}, {"windows", `D:\Windows`, ""}, {"windows", `C:\Users\anna\Desktop`, ""}, {"windows", `C:\Users\anna\Downloads`, ""}, {"windows", `\\nas\art`, ""}, {"windows", `\\nas\Users`, ""}, {"windows", `C:\Art`, ""},
	} {
		if got := unsuitable(test.folder, test.goos, "C:", "/srv/homes/anna"); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.goos, test.folder, got, test.want)
		}
	}
}

func TestUnsuitableFolderIsWarnedOfOrRefused(t *testing.T) {
	home := filepath.Join(t.TempDir(), "anna")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := withKey().Load(studio(t, "[[watch]]\npath = '~'\n"))
	if err != nil || len(c.Warnings) != 1 || c.Warnings[0].Line != 2 || !strings.Contains(c.Warnings[0].Message, "a whole home folder") {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, after := range []string{"trash", "move"} {
		_, err := withKey().Load(studio(t, "[[watch]]\npath = '~'\nafter_upload = '"+after+"'\n"))
		if problems := problemsOf(t, err); len(problems) != 1 || problems[0].Line != 2 || !strings.Contains(problems[0].Message, "nothing is moved or trashed") {
			t.Errorf("%s: %v", after, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(home, link); err != nil {
		t.Fatal(err)
	}
	if _, err := withKey().Load(studio(t, "[[watch]]\npath = '"+link+"'\nafter_upload = 'trash'\n")); len(problemsOf(t, err)) != 1 {
		t.Errorf("by a link: %v", err)
	}
}
