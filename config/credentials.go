package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Credentials are an API key with its secret, always from one and the same source. No
// formatting, logging or JSON shows either of them; only the fields do.
type Credentials struct {
	Key, Secret string
	Source      string // "environment", "credentials_file", "systemd", "config" or "keychain"; "" for none
}

// String says where the credentials are from, and nothing of them.
func (c Credentials) String() string {
	if c.Key == "" && c.Secret == "" {
		return "no credentials"
	}
	if c.Source == "" {
		return "credentials (hidden)"
	}
	return "credentials from " + c.Source + " (hidden)"
}

// GoString is String: %#v hides them as well.
func (c Credentials) GoString() string { return c.String() }

// Format is String for every verb, since %d and %x would otherwise print the fields.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON is String as a JSON string.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// MarshalText is String for every other encoder (TOML, XML, YAML).
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
