package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// demoName is what the demo's folder is called among a person's documents.
const demoName = "Scenario Drop Demo"

// demoPlace is where a demo works. Both last: what a person puts there, or moves there,
// may be the only copy, and the account is to know tomorrow what was imported today.
type demoPlace struct {
	drop    string // the folder to drop into
	account string // the test server's account, and the local database
}

// newDemoPlace is within dir; where that is "", the person's documents have the folder, and
// the account is among their programs' data, which is never synchronised by a cloud.
func newDemoPlace(dir string) (demoPlace, error) {
	if dir != "" {
		dir, err := filepath.Abs(dir)
		return demoPlace{drop: filepath.Join(dir, "Drop"), account: dir}, err
	}
	home, err := os.UserHomeDir()
	if err != nil || !isDir(home) || filepath.Dir(home) == home {
		return demoPlace{}, usagef("your account has no home folder where the demo could keep its files; name a folder for it: scenario-drop demo --dir FOLDER")
	}
	account := filepath.Join(xdg.DataHome, "scenario-drop-demo")
	if isDir(xdg.UserDirs.Documents) {
		return demoPlace{drop: filepath.Join(xdg.UserDirs.Documents, demoName), account: account}, nil
	}
	return demoPlace{drop: filepath.Join(account, "Drop"), account: account}, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.IsDir()
}

// make makes the folders that are missing.
func (p demoPlace) make() error {
	dirs := []string{p.account}
	for _, f := range demoFolders {
		dirs = append(dirs, filepath.Join(p.drop, f.name))
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the demo cannot make its folder %s (%w); name another place for it: scenario-drop demo --dir FOLDER", dir, cause(err))
		}
	}
	return nil
}

// writeSample writes a sample where there is no file of that name, and reports whether
// the file there is the sample: a file of the person's own stays as it is.
func writeSample(path string, data []byte) (ours bool, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		there, err := os.ReadFile(path)
		return err == nil && bytes.Equal(there, data), nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	return true, errors.Join(err, f.Close())
}
