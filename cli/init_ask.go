package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
	"golang.org/x/term"

	"scenario-drop/config"
)

// prompter asks a person at the terminal.
type prompter struct {
	*app
	in *bufio.Reader
}

// canAsk reports whether somebody is there.
func (p *prompter) canAsk() bool {
	f, ok := p.Stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// line reads a line of stdin.
func (p *prompter) line() (string, error) {
	text, err := p.in.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimSpace(text), err
}

// ask asks a question; an empty answer is def.
func (p *prompter) ask(question, def string) (string, error) {
	if def != "" {
		question += " [" + def + "]"
	}
	fmt.Fprintf(p.Stderr, "%s: ", question)
	answer, err := p.line()
	if err != nil {
		return "", fmt.Errorf("nothing was written: %w", err)
	}
	if answer == "" {
		return def, nil
	}
	return answer, nil
}

// secret asks without showing what is typed.
func (p *prompter) secret(question string) (string, error) {
	fmt.Fprintf(p.Stderr, "%s (not shown): ", question)
	text, err := term.ReadPassword(int(p.Stdin.(*os.File).Fd())) // canAsk said that it is one
	fmt.Fprintln(p.Stderr)
	return strings.TrimSpace(string(text)), err
}

// forAll asks for what the flags have not said.
func (p *prompter) forAll(ctx context.Context, s *setup) (err error) {
	if err := p.forKey(ctx, s); err != nil {
		return err
	}
	if s.Project == "" {
		if s.Project, err = p.ask("Project id (empty: the key's own project)", ""); err != nil {
			return err
		}
	}
	if len(s.Folders) > 0 {
		return nil
	}
	for def := "~/Scenario"; ; def = "" {
		question := "Folder to watch"
		if def == "" {
			question = "Another folder (empty: that is all)"
		}
		answer, err := p.ask(question, def)
		if err != nil {
			return err
		}
		if answer == "" {
			return nil
		}
		f := setupFolder{Existing: nth(s.existing, 0, "send")}
		if f.Path, err = folderPath(answer); err != nil {
			return err
		}
		if f.Kind, err = p.kind(); err != nil {
			return err
		}
		c, err := p.ask("  Collection its files join, by name (empty: none)", "")
		if err != nil {
			return err
		}
		if c != "" {
			f.Collections = []string{c}
		}
		if len(s.existing) == 0 {
			if f.Existing, err = p.existing(ctx, f.Path); err != nil {
				return err
			}
		}
		s.Folders = append(s.Folders, f)
	}
}

func (p *prompter) kind() (string, error) {
	for {
		k, err := p.ask("  What its files become ("+strings.Join(kinds, ", ")+")", "auto")
		if err != nil || slices.Contains(kinds, k) {
			return k, err
		}
		p.note("  There is no kind %q.", k)
	}
}

// forKey asks for the API key and where to keep it.
func (p *prompter) forKey(ctx context.Context, s *setup) (err error) {
	if p.Getenv(config.EnvKey) != "" && p.Getenv(config.EnvSecret) != "" {
		p.note("The API key is taken from the environment (%s) and not stored.", config.EnvKey)
		s.Store = storeEnvironment
		return nil
	}
	wanted := s.Store
	if s.Key, err = p.ask("API key (empty: set it later)", ""); err != nil {
		return err
	}
	if s.Key == "" {
		s.Store = storeEnvironment
		return nil
	}
	if s.Secret, err = p.secret("API secret"); err != nil {
		return err
	}
	if s.Secret == "" {
		return errors.New("nothing was written: an API key needs its secret")
	}
	if wanted != storeConfig && keychainWorks(ctx) {
		answer, err := p.ask("Keep the key in the keychain of this computer, or in the config file? (keychain, config)", storeKeychain)
		if err != nil {
			return err
		}
		if strings.HasPrefix(answer, "k") {
			s.Store = storeKeychain
			return storeInKeychain(s.Key, s.Secret)
		}
	}
	s.Store = storeConfig
	return nil
}

// keychainPatience is how long a keychain may take to answer: one that is locked asks
// the person, and one that is not there should not hold up anything.
const keychainPatience = 5 * time.Second

// keychainWorks reports whether the operating system has a keychain for us. The question
// cannot be called off; one that is not answered is left behind.
func keychainWorks(ctx context.Context) bool {
	answer := make(chan error, 1)
	go func() {
		_, err := keyring.Get(config.KeychainService, config.EnvKey)
		answer <- err
	}()
	select {
	case err := <-answer:
		return err == nil || errors.Is(err, keyring.ErrNotFound)
	case <-time.After(keychainPatience):
	case <-ctx.Done():
	}
	return false
}

func storeInKeychain(key, secret string) error {
	err := keyring.Set(config.KeychainService, config.EnvKey, key)
	if err == nil {
		err = keyring.Set(config.KeychainService, config.EnvSecret, secret)
	}
	if err != nil {
		return fmt.Errorf("the keychain did not take the key (%w); nothing was written; try again with --store config", err)
	}
	return nil
}
