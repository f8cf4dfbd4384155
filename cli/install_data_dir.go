package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"scenario-drop/config"
	"scenario-drop/file"
)

// writeDataDir writes the data directory of a config into it, where it does not say, so
// that the service and everybody's commands cannot come to mean another. It returns a
// note for the person, "" where there is nothing to say.
func writeDataDir(c *config.Config) (note string) {
	text, err := os.ReadFile(c.File)
	if err == nil {
		edited, ok := config.WithDataDir(string(text), c.DataDir)
		if !ok {
			return ""
		}
		if err = replaceFile(c.File, edited); err == nil {
			return fmt.Sprintf("Written into the config: data_dir = %s.", printable(c.DataDir))
		}
	}
	return fmt.Sprintf("data_dir could not be written into the config (%v). Write it yourself, so that it stays the same: data_dir = '%s'", cause(err), c.DataDir)
}

// replaceFile puts a new content in the place of a file, complete or not at all, with its
// mode and owner. A file behind a link, or in a folder that cannot be written, is left
// as it is.
func replaceFile(path, text string) (err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is a link")
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	_, err = temporary.WriteString(text)
	if err == nil {
		err = giveTo(temporary, info)
	}
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return file.SyncDir(filepath.Dir(path))
}
