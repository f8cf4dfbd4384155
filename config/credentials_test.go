package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestNoFormattingShowsASecret(t *testing.T) {
	c := Default()
	c.Scenario.Credentials = Credentials{canaryKey, canarySecret, "environment"}
	creds := c.Scenario.Credentials

	outputs := map[string]string{
		"String":   creds.String(),
		"GoString": creds.GoString(),
		"error":    fmt.Errorf("cannot use %v", creds).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%10s"} {
		outputs[verb+" of the credentials"] = fmt.Sprintf(verb, creds)
		outputs[verb+" of a pointer"] = fmt.Sprintf(verb, &creds)
		outputs[verb+" of the config"] = fmt.Sprintf(verb, *c)
		outputs[verb+" of a pointer to the config"] = fmt.Sprintf(verb, c)
		outputs[verb+" of the section"] = fmt.Sprintf(verb, []Scenario{c.Scenario})
	}
	for name, value := range map[string]any{"credentials": creds, "pointer": &creds, "config": c} {
		content, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		outputs["JSON of "+name] = string(content)
	}
	content, err := xml.Marshal(creds)
	if err != nil {
		t.Fatal(err)
	}
	outputs["XML"] = string(content)
	var text, lines bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "c", creds, "config", c, "scenario", c.Scenario)
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("x", "c", creds, "config", c, "scenario", c.Scenario)
	outputs["text log"], outputs["JSON log"] = text.String(), lines.String()

	hex := fmt.Sprintf("%x", canarySecret)
	for name, output := range outputs {
		for _, secret := range []string{canaryKey, canarySecret, hex, strings.ToUpper(hex)} {
			if strings.Contains(output, secret) {
				t.Errorf("%s shows %s: %s", name, secret, output)
			}
		}
	}
	if got := creds.String(); got != "credentials from environment (hidden)" {
		t.Errorf("String: %s", got)
	}
}

// A secret that was pasted into the wrong place as well is taken out of the message.
func TestSecretPastedElsewhere(t *testing.T) {
	path := studio(t, "[scenario]\napi_key = '"+canaryKey+"'\napi_secret = '"+canarySecret+"'\n"+
		canarySecret+" = 1\n[[watch]]\npath = '"+canarySecret+"'\nkind = '"+canarySecret+"'\ncollections = ['"+canarySecret+"', '"+canarySecret+"']\n")
	_, err := alone().Load(path)
	if problems := problemsOf(t, err); len(problems) != 3 {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(err.Error(), canarySecret) || strings.Contains(fmt.Sprintf("%#v", err), canarySecret) {
		t.Errorf("the secret is shown: %v", err)
	}
}

func TestWhoGivesTheCredentials(t *testing.T) {
	const (
		inConfig = "[scenario]\napi_key = 'config-k'\napi_secret = 'config-s'\n"
		named    = "[scenario]\ncredentials_file = 'creds.env'\n"
		both     = named + "api_key = 'config-k'\napi_secret = 'config-s'\n"
	)
	file := func(from string) string { return EnvKey + "=" + from + "-k\n" + EnvSecret + "=" + from + "-s\n" }
	keychain := func(account string) (string, error) {
		return map[string]string{EnvKey: "keychain-k", EnvSecret: "keychain-s"}[account], nil
	}
	tests := []struct {
		name     string
		content  string
		env      []string
		file     string // creds.env beside the config
		systemd  string // $CREDENTIALS_DIRECTORY/scenario
		keychain func(string) (string, error)
		want     string // prefix of key and secret
		source   string
		problem  string // "line message part"
	}{
		{name: "environment before all", content: both, env: []string{EnvKey, "env-k", EnvSecret, "env-s"}, file: file("file"), systemd: file("systemd"), keychain: keychain, want: "env", source: "environment"},
		{name: "credentials_file before systemd", content: both, file: file("file"), systemd: file("systemd"), keychain: keychain, want: "file", source: "credentials_file"},
		{name: "systemd before the config", content: inConfig, systemd: file("systemd"), keychain: keychain, want: "systemd", source: "systemd"},
		{name: "config before the keychain", content: inConfig, keychain: keychain, want: "config", source: "config"},
		{name: "keychain last", content: "", keychain: keychain, want: "keychain", source: "keychain"},
		{name: "a file as people write it", content: named, file: "\ufeff# key of the studio\r\nexport " + EnvKey + " = \"file-k\"\r\n\r\nOTHER=x y\r\n" + EnvSecret + "='file-s'\r\n", want: "file", source: "credentials_file"},
		{name: "none", content: "[scenario]\n", problem: "1 no API key was found"},
		{name: "none and no heading", content: "", problem: "1 no API key was found"},
		{name: "half in the environment", content: both, env: []string{EnvSecret, "env-s"}, file: file("file"), problem: "1 " + EnvSecret + " is set in the environment, but " + EnvKey + " is not"},
		{name: "a colon in the environment", env: []string{EnvKey, "env:k", EnvSecret, "env-s"}, problem: "1 " + EnvKey + " in the environment holds a colon"},
		{name: "half in the file", content: named, file: "\n" + EnvKey + "=file-k\n", problem: "1 " + EnvSecret + " is missing in this credentials file"},
		{name: "twice in the file", content: named, file: file("file") + EnvKey + "=file-k\n", problem: "3 " + EnvKey + " is there twice"},
		{name: "a space in the file", content: named, file: EnvKey + "=file-k\n  " + EnvSecret + "=file s\n", problem: "2 " + EnvSecret + " holds a space"},
		{name: "half in the config", content: "[scenario]\napi_secret = 'config-s'\n", keychain: keychain, problem: "2 `api_secret` is set, but `api_key` is not"},
		{name: "half in the keychain", keychain: func(account string) (string, error) {
			if account == EnvKey {
				return "keychain-k", nil
			}
			return "", errors.New("locked")
		}, problem: "1 the keychain holds only one half"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := studio(t, test.content+watchIn)
			if test.file != "" {
				write(t, filepath.Join(filepath.Dir(path), "creds.env"), test.file)
			}
			env := test.env
			if test.systemd != "" {
				dir := t.TempDir()
				write(t, filepath.Join(dir, "scenario"), test.systemd)
				env = append(env, "CREDENTIALS_DIRECTORY", dir)
			}
			l := alone()
			l.Getenv = environment(env...)
			if test.keychain != nil {
				l.Keychain = test.keychain
			}
			c, err := l.Load(path)
			if test.problem != "" {
				problems := problemsOf(t, err)
				if len(problems) != 1 || !strings.HasPrefix(fmt.Sprintf("%d %s", problems[0].Line, problems[0].Message), test.problem) || problems[0].Hint == "" {
					t.Fatalf("got %v, want %s", err, test.problem)
				}
				l.SkipCredentials = true
				if _, err := l.Load(path); err != nil {
					t.Errorf("with SkipCredentials: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := c.Scenario.Credentials
			if got.Key != test.want+"-k" || got.Secret != test.want+"-s" || got.Source != test.source {
				t.Errorf("got %s/%s from %s", got.Key, got.Secret, got.Source)
			}
		})
	}
}

func TestKeychainIsOnlyAskedLast(t *testing.T) {
	l := alone()
	l.Keychain = func(string) (string, error) {
		t.Error("the keychain was asked")
		return "", errors.New("no")
	}
	if _, err := l.Load(studio(t, "[scenario]\napi_key = 'k'\napi_secret = 's'\n"+watchIn)); err != nil {
		t.Error(err)
	}
}

func TestSecretsThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access lists, not modes")
	}
	const inConfig = "[scenario]\n\napi_key = '" + canaryKey + "'\napi_secret = '" + canarySecret + "'\n"
	tests := []struct {
		name    string
		content string
		mode    os.FileMode // of the config and of creds.env
		want    string      // "line:column message part"; "" for no warning
	}{
		{"config for all", inConfig, 0o644, "4:14 other users of this machine can read the secret in config.toml"},
		{"config for the group", inConfig, 0o640, ""},
		{"config for all without a secret", "", 0o644, ""},
		{"credentials for all", "[scenario]\ncredentials_file = 'creds.env'\n", 0o604, "2:20 other users of this machine can read the secret in creds.env"},
		{"credentials for one", "[scenario]\ncredentials_file = 'creds.env'\n", 0o600, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := studio(t, test.content+watchIn)
			creds := filepath.Join(filepath.Dir(path), "creds.env")
			write(t, creds, EnvKey+"="+canaryKey+"\n"+EnvSecret+"="+canarySecret+"\n")
			for _, file := range []string{path, creds} {
				if err := os.Chmod(file, test.mode); err != nil {
					t.Fatal(err)
				}
			}
			l := alone()
			if test.content == "" {
				l = withKey()
			}
			c, err := l.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(c.Warnings) != 0 {
					t.Errorf("got %v", c.Warnings)
				}
				return
			}
			if len(c.Warnings) != 1 {
				t.Fatalf("got %v", c.Warnings)
			}
			w := c.Warnings[0]
			if got := fmt.Sprintf("%d:%d %s", w.Line, w.Column, w.Message); got != test.want || !strings.Contains(w.Hint, "chmod o=") {
				t.Errorf("got %v", w)
			}
		})
	}
}
