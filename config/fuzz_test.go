package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	example, err := os.ReadFile(filepath.Join("..", "config.example.toml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add("[scenario]\napi_key = '" + canaryKey + "'\napi_secret = '" + canarySecret + "'\n[[watch]]\npath = 'in'\n")
	f.Add("[scenario]\napi_secret = " + canarySecret + "\n")
	f.Add("scenario.api_secret = \"\"\"\\\n" + canarySecret + "\"\"\"\nwatch = [{path='in', include=[\n'*.png',#\n]}]\n")
	f.Add("[\"scenario\"]\n'api_secret' = \"" + canarySecret + "\" x")
	f.Add("[[upload.bandwidth]]\nfrom='09:00'\nto='18:00'\nlimit='5MB/s'\n[upload.bandwidth.x.y]\n")
	f.Add("a.b=1\na=3\n[a]\n[[a]]\n\ufeff")
	f.Add(canarySecret + "\n[log]\n" + canarySecret + "=1\nlevel='" + canarySecret + "'")

	dir := f.TempDir()
	file := filepath.Join(dir, "config.toml")
	l := alone()
	l.SkipFolders = true // or the fuzzer would feel its way about the disk
	f.Fuzz(func(t *testing.T, content string) {
		_, err := l.parse("config.toml", file, []byte(content))
		places := check(t, content)
		if err == nil {
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("the error is %T: %v", err, err)
		}
		lines := strings.Count(content, "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > len(content)+1 {
				t.Errorf("outside the file: %v", p)
			}
			if p.Message == "" || strings.ContainsAny(p.String(), "\n\r\x1b\x00") {
				t.Errorf("not one line of words: %q", p.String())
			}
			for _, secret := range places {
				if strings.Contains(p.String(), secret) {
					t.Errorf("shows the secret %q: %v", secret, p)
				}
			}
		}
	})
}

// check compares the places found with what the library read: every key must have one.
// It returns the secrets of the content.
func check(t *testing.T, content string) (secrets []string) {
	s := newSource("config.toml", "/", content)
	values, places, ok := s.decode()
	if !ok {
		// Not TOML: whatever stands there may be the secret.
		if strings.Contains(content, canarySecret) {
			return []string{canarySecret}
		}
		return nil
	}
	compare(t, s.text, values, places.root)
	scenario, _ := values["scenario"].(map[string]any)
	for _, key := range []string{"api_key", "api_secret"} {
		if secret, ok := scenario[key].(string); ok && len(secret) >= 10 {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func compare(t *testing.T, text string, value any, n *node) {
	if n == nil {
		t.Errorf("no place for %v in %q", value, text)
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			child := n.table[key]
			if child == nil || child.key < 0 || child.key >= len(text) {
				t.Errorf("no place for the key %q in %q", key, text)
				continue
			}
			compare(t, text, v, child)
		}
	case []map[string]any:
		if len(value) != len(n.items) {
			t.Errorf("%d tables, %d places in %q", len(value), len(n.items), text)
			return
		}
		for i, v := range value {
			compare(t, text, v, n.items[i])
		}
	case []any:
		if len(value) != len(n.items) {
			t.Errorf("%d items, %d places in %q", len(value), len(n.items), text)
			return
		}
		for i, v := range value {
			compare(t, text, v, n.items[i])
		}
	case string:
		if c := text[n.value]; c != '"' && c != '\'' {
			t.Errorf("the text %q is not at %d in %q", value, n.value, text)
		}
	}
}
