package cli

import (
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
)

// readOnly is for commands that check the ledger or talk to the daemon, and neither
// need a key nor the folders.
var readOnly = config.Loader{SkipCredentials: true, SkipFolders: true}

// load finds and reads the config.
func (a *app) load(l config.Loader) (*config.Config, error) {
	path, err := config.Find(a.config, a.Getenv)
	if err != nil {
		return nil, err
	}
	l.Getenv = a.Getenv
	return l.Load(path)
}

// locate finds the data directory of the config, also while the config has problems or is no
// longer there: then for a daemon that runs by the one before.
func (a *app) locate() (config.Located, error) {
	path, err := config.Find(a.config, a.Getenv)
	if missing, ok := errors.AsType[*config.NotFoundError](err); ok {
		for _, path := range missing.Searched {
			found := config.LocateMissing(missing, path)
			if _, held, err := service.LockHolder(found.DataDir); err == nil && held {
				return found, nil
			}
		}
	}
	if err != nil {
		return config.Located{}, err
	}
	l := readOnly
	l.Getenv = a.Getenv
	found, err := l.Locate(path)
	if err != nil {
		return found, err
	}
	if dir, moved := service.WorkingDir(found.DataDir); moved {
		a.note("The edited data_dir takes effect with the next start; until then the daemon works in %s.", printable(dir))
		c := *found.Config
		c.DataDir = dir
		found.Config = &c
	}
	return found, nil
}

// reach is locate for a command that talks to the daemon or checks the ledger; it says what
// is wrong with the config.
func (a *app) reach() (config.Located, error) {
	c, err := a.locate()
	if err == nil && c.Problem != nil {
		a.note("The config has problems. A running daemon goes by the one before until they are mended:\n%s", c.Problem)
	}
	return c, err
}

// warn says what is worth saying of a config that can be used. Of a folder that is away the
// command says itself what that means.
func (a *app) warn(c *config.Config) {
	for _, w := range c.Warnings {
		if !w.Unavailable {
			a.note("warning: %s", w)
		}
	}
}

// absolute makes paths given on the command line absolute.
func absolute(paths []string) ([]string, error) {
	all := make([]string, len(paths))
	for i, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		all[i] = abs
	}
	return all, nil
}

// noArguments is cobra.NoArgs with words that say what to do.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is too much: %s takes no arguments (see: scenario-drop help %s)", args[0], cmd.Name(), cmd.Name())
	}
	return nil
}

func jsonFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "json", false, "JSON for programs instead of text for people")
}
