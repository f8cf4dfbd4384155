package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario-drop/config"
)

// kinds are what a folder's files may become, as in config.
var kinds = []string{"auto", "image", "3d", "audio", "video", "model", "avatar", "asset", "text"}

// Where init puts the API key.
const (
	storeConfig      = "config"
	storeKeychain    = "keychain"
	storeEnvironment = "environment" // nowhere: it is read from there
)

func (a *app) initCommand() *cobra.Command {
	var s setup
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Set it up: your API key and your folders",
		Long: `Ask for the API key, the project and the folders, and write a config that only you can read. A config that is there is
never overwritten. Where nobody can be asked, the flags say everything; the API key is then read from the environment
(SCENARIO_SDK_API_KEY, SCENARIO_SDK_API_SECRET) when files are sent, or stored with --key-stdin.`,
		Args: noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error { return a.setUp(ctx, &s) }),
	}
	f := cmd.Flags()
	f.StringArrayVar(&s.paths, "folder", nil, "watch this `folder` (may be given several times)")
	f.StringArrayVar(&s.kinds, "kind", nil, "what its files become: "+strings.Join(kinds, ", ")+" (once for all folders, or once for each)")
	f.StringArrayVar(&s.collections, "collection", nil, "the `name` of the collection its files join (once for all folders, or once for each)")
	f.StringArrayVar(&s.existing, "existing", nil, "files that are in a folder already: send them, or skip them and upload only what is saved from now on (once for all folders, or once for each)")
	f.StringVar(&s.Project, "project", "", "the project's `id` (default: the key's own)")
	f.StringVar(&s.BaseURL, "base-url", config.DefaultBaseURL, "the `address` of the API")
	f.BoolVar(&s.keyStdin, "key-stdin", false, "read the API key and its secret from stdin, one on each line")
	f.StringVar(&s.Store, "store", "", "where to keep the API key: keychain or config")
	completeDirectory(cmd, "folder")
	completeWith(cmd, "kind", kinds...)
	completeWith(cmd, "existing", "send", "skip")
	completeWith(cmd, "store", storeKeychain, storeConfig)
	return cmd
}

// setup is what init has been told.
type setup struct {
	BaseURL, Project, Listen string
	DataDir                  string // absolute
	Key, Secret, Store       string
	Folders                  []setupFolder

	paths, kinds, collections, existing []string
	keyStdin                            bool
}

// setupFolder is one folder to watch.
type setupFolder struct {
	Path        string // absolute
	Kind        string
	Collections []string
	Existing    string // "send" or "skip"
}

func (a *app) setUp(ctx context.Context, s *setup) error {
	file, err := a.newConfigFile()
	if err != nil {
		return err
	}
	ask := &prompter{app: a, in: bufio.NewReader(a.Stdin)}
	s.Listen, s.DataDir = config.DefaultListen, config.DefaultDataDir(file)
	if err := s.byFlags(ask); err != nil {
		return err
	}
	if ask.canAsk() && !s.keyStdin {
		err = ask.forAll(ctx, s)
	} else if len(s.Folders) == 0 {
		err = usagef("name at least one folder with --folder")
	}
	if err != nil {
		return err
	}
	text, err := configText(s)
	if err != nil {
		return err
	}
	for _, f := range s.Folders {
		if err := os.MkdirAll(f.Path, 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
	}
	if err := a.writeConfig(file, text); err != nil {
		return err
	}
	a.say("Written: %s", file)
	if s.Store == storeEnvironment && (a.Getenv(config.EnvKey) == "" || a.Getenv(config.EnvSecret) == "") {
		a.say("The API key is still missing: set %s and %s, or write api_key and api_secret into the config.", config.EnvKey, config.EnvSecret)
	}
	a.say("Next: scenario-drop check, then scenario-drop run")
	return nil
}

// newConfigFile is where the config is going to be. It fails when there is one.
func (a *app) newConfigFile() (string, error) {
	file := a.config
	if file == "" {
		file = a.Getenv(config.EnvFile)
	}
	if file == "" {
		file = config.UserFile()
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(file); err == nil {
		return "", fmt.Errorf("there is a config already, which is left as it is: %s (edit it, or give another place with --config)", file)
	}
	return file, nil
}

// byFlags takes what the flags say.
func (s *setup) byFlags(in *prompter) error {
	if s.Store != "" && s.Store != storeKeychain && s.Store != storeConfig {
		return usagef("--store must be %s or %s", storeKeychain, storeConfig)
	}
	if err := s.foldersByFlags(); err != nil {
		return err
	}
	if s.keyStdin {
		var err error
		if s.Key, err = in.line(); err == nil {
			s.Secret, err = in.line()
		}
		if err != nil || s.Key == "" || s.Secret == "" {
			return usagef("--key-stdin wants the API key and its secret on stdin, one on each line")
		}
		if s.Store == "" {
			s.Store = storeConfig
		}
	} else if s.Store != "" && !in.canAsk() {
		return usagef("--store wants --key-stdin where nobody can be asked for the key")
	} else if !in.canAsk() {
		s.Store = storeEnvironment
	}
	if s.Store == storeKeychain && s.Key != "" {
		return storeInKeychain(s.Key, s.Secret)
	}
	return nil
}

func (s *setup) foldersByFlags() error {
	if n := len(s.kinds); n > 1 && n != len(s.paths) {
		return usagef("--kind must be given once, or as often as --folder")
	}
	if n := len(s.collections); n > 1 && n != len(s.paths) {
		return usagef("--collection must be given once, or as often as --folder")
	}
	if n := len(s.existing); n > 1 && n != len(s.paths) {
		return usagef("--existing must be given once, or as often as --folder")
	}
	for i, p := range s.paths {
		path, err := folderPath(p)
		if err != nil {
			return err
		}
		f := setupFolder{Path: path, Kind: nth(s.kinds, i, "auto"), Existing: nth(s.existing, i, "send")}
		if f.Existing != "send" && f.Existing != "skip" {
			return usagef("--existing must be send or skip")
		}
		if !slices.Contains(kinds, f.Kind) {
			return usagef("there is no kind %q; there are: %s", f.Kind, strings.Join(kinds, ", "))
		}
		if c := nth(s.collections, i, ""); c != "" {
			f.Collections = []string{c}
		}
		s.Folders = append(s.Folders, f)
	}
	return nil
}

// nth is the ith word, or the only one, or a default if there is none.
func nth(words []string, i int, def string) string {
	switch len(words) {
	case 0:
		return def
	case 1:
		return words[0]
	}
	return words[i]
}

// folderPath makes what a person names a folder absolute. The shell has done so for ~
// already, but not at a prompt, and not on Windows.
func folderPath(p string) (string, error) {
	if rest, ok := strings.CutPrefix(filepath.ToSlash(p), "~/"); ok || p == "~" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		if p == "~" {
			rest = ""
		}
		return filepath.Join(home, filepath.FromSlash(rest)), nil
	}
	return filepath.Abs(p)
}

// writeConfig writes the config for its owner alone, and reads it back: what cannot be
// used is not left behind.
func (a *app) writeConfig(file, text string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the folder of the config: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the config: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the config: %w", err)
	}
	_, err = config.Loader{SkipCredentials: true, Getenv: a.Getenv}.Load(file)
	if problems, ok := errors.AsType[config.Problems](err); ok {
		p := problems[0]
		return usagef("no config was written: %s (%s)", p.Message, p.Hint)
	}
	return err
}
