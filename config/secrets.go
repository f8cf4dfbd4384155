package config

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// The environment variables with the credentials, which Scenario's own SDKs read too.
// A credentials file and the OS keychain name them the same.
const (
	EnvKey    = "SCENARIO_SDK_API_KEY"
	EnvSecret = "SCENARIO_SDK_API_SECRET"
)

// credentials finds the API key and secret. The first source that gives anything is
// the one taken, and must give both, since a key with another's secret is refused by
// Scenario in a way nobody can explain:
//
//  1. the environment: set for this run, by a person, container or CI;
//  2. credentials_file, which the config names on purpose;
//  3. $CREDENTIALS_DIRECTORY/scenario, which systemd's LoadCredential= hands over;
//  4. api_key and api_secret of the config itself;
//  5. the OS keychain, asked last because it may be locked, slow or not there.
func (l Loader) credentials(c *Config, t *table, written Credentials, file string) {
	systemd := ""
	if dir := l.getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		if path := filepath.Join(dir, "scenario"); isFile(path) {
			systemd = path
		}
	}
	env := Credentials{l.getenv(EnvKey), l.getenv(EnvSecret), "environment"}
	if l.ForAService {
		env, systemd = Credentials{}, ""
	}
	var found Credentials
	switch {
	case env.Key != "" || env.Secret != "":
		found = l.fromEnvironment(t, env)
	case file != "":
		found = l.credentialsFile(c, t, file, "credentials_file")
	case t.has("credentials_file") && t.values["credentials_file"] != "":
		return // named, but not as a path: reported there
	case systemd != "":
		found = l.credentialsFile(c, t, systemd, "systemd")
	case t.set("api_key") || t.set("api_secret"):
		found = t.written(written)
	case l.ForAService:
	default:
		found = l.fromKeychain(t)
	}
	t.source.hide(found.Key)
	t.source.hide(found.Secret)
	c.Scenario.Credentials = found
}

// hide takes a value out of every message to come.
func (s *source) hide(value any) {
	s.secrets = append(s.secrets, fmt.Sprint(value))
}

// set reports whether a key is there with something in it.
func (t *table) set(key string) bool { return t.has(key) && t.values[key] != "" }

// missing is a problem about the table as a whole.
func (t *table) missing(hint, format string, args ...any) {
	t.problem("", hint, format, args...)
}

func (l Loader) fromEnvironment(t *table, c Credentials) Credentials {
	t.source.hide(c.Key)
	t.source.hide(c.Secret)
	for _, v := range []struct {
		name, value, other string
		isKey              bool
	}{{EnvKey, c.Key, EnvSecret, true}, {EnvSecret, c.Secret, EnvKey, false}} {
		if v.value == "" {
			t.missing("set both, or neither", "%s is set in the environment, but %s is not", v.other, v.name)
		} else if flaw := secretFlaw(v.isKey, v.value); flaw != "" {
			t.missing("copy it again from Scenario, whole", "%s in the environment %s", v.name, flaw)
		}
	}
	return c
}

// written are api_key and api_secret of the config.
func (t *table) written(c Credentials) Credentials {
	for _, pair := range [][2]string{{"api_key", "api_secret"}, {"api_secret", "api_key"}} {
		if t.set(pair[0]) && !t.set(pair[1]) {
			t.problem(pair[0], "both must come from one place", "`%s` is set, but `%s` is not", pair[0], pair[1])
		}
	}
	c.Source = "config"
	return c
}

func (l Loader) fromKeychain(t *table) Credentials {
	c := l.keychain()
	if c.Key != "" && c.Secret != "" {
		return c
	}
	if c.Key != "" || c.Secret != "" {
		t.missing("store both "+EnvKey+" and "+EnvSecret, "the keychain holds only one half of the API key")
		return c
	}
	t.missing("set "+EnvKey+" and "+EnvSecret+" in the environment, or write both into a file and name it in credentials_file under [scenario], "+
		"or store both in the keychain under "+KeychainService, "no API key was found")
	return Credentials{}
}

// credentialsFile reads a file with lines NAME=value. Its problems name its own lines.
func (l Loader) credentialsFile(c *Config, t *table, path, from string) Credentials {
	content, err := t.source.read(path)
	if err != nil && l.keeps(c, t, "credentials_file", path, err) {
		return l.kept.Scenario.Credentials
	}
	if err != nil {
		t.problem("credentials_file", "write two lines into it, "+EnvKey+"=… and "+EnvSecret+"=…, or remove the key",
			"the credentials file %s cannot be read: %s", oneLine(path), reason(err))
		return Credentials{}
	}
	c.follows(path, content)
	file := newSource(path, filepath.Dir(path), string(content))
	found := file.parseCredentials()
	found.Source = from
	t.source.hide(found.Key)
	t.source.hide(found.Secret)
	t.source.problems = append(t.source.problems, file.problems...)
	if from != "systemd" { // which guards the directory instead
		t.source.readableByOthers(path, t.at("credentials_file"), true)
	}
	return found
}

// parseCredentials reads lines NAME=value as in a .env file: comments with #, an
// "export" in front and quotes around are allowed, other names are passed over.
func (s *source) parseCredentials() Credentials {
	var c Credentials
	offset := 0
	lines := bufio.NewScanner(bytes.NewReader([]byte(s.text)))
	lines.Buffer(nil, maxFile+1)
	lines.Split(wholeLines)
	for lines.Scan() {
		line := lines.Text()
		start := offset
		offset += len(line)
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		name, value = strings.TrimSpace(name), unwrap(strings.TrimSpace(value))
		if name != EnvKey && name != EnvSecret {
			continue
		}
		field := &c.Key
		if name == EnvSecret {
			field = &c.Secret
		}
		at := start + strings.Index(line, name)
		if *field != "" {
			s.problem(at, "keep one of them", "%s is there twice", name)
		}
		if flaw := secretFlaw(name == EnvKey, value); flaw != "" {
			s.problem(at, "copy it again from Scenario, whole", "%s %s", name, flaw)
		}
		*field = value
	}
	for _, half := range []struct{ name, value string }{{EnvKey, c.Key}, {EnvSecret, c.Secret}} {
		if half.value == "" {
			s.problem(0, "write a line "+half.name+"=…", "%s is missing in this credentials file", half.name)
		}
	}
	return c
}

// wholeLines splits into lines that keep their ends, so that offsets add up.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func unwrap(value string) string {
	if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		return value[1 : len(value)-1]
	}
	return value
}

// secretFlaw says why a text cannot be an API key or secret, put so that it follows
// its name; "" where it can be. HTTP Basic ends the key at its first colon.
func secretFlaw(isKey bool, value string) string {
	switch {
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == 0x7f }):
		return "holds a space or a character that no key holds"
	case isKey && strings.Contains(value, ":"):
		return "holds a colon, which no API key does"
	}
	return ""
}

// keeps reports whether what was read of a file before stays in force though it cannot be
// read now: an edit need not wait for a disk that is away.
func (l Loader) keeps(c *Config, t *table, key, path string, err error) bool {
	if l.kept == nil || !slices.Contains(l.kept.files, path) {
		return false
	}
	c.follows(path, nil)
	t.source.warning(t.at(key), "is its disk or network share connected?", "the file %s cannot be read now: %s; what it said before stays in force", oneLine(path), reason(err))
	return true
}

// follows notes a file whose content counts as the config's own.
func (c *Config) follows(path string, content []byte) {
	c.files = append(c.files, path)
	c.contents = append(c.contents, content)
}

// readableByOthers warns about a file with a secret that any user can read.
func (s *source) readableByOthers(path string, offset int, holdsSecret bool) {
	if holdsSecret && othersCanRead(path) {
		s.warning(offset, "run: chmod o= "+oneLine(path), "other users of this machine can read the secret in %s", oneLine(filepath.Base(path)))
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
