package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// watchKey is the one array of tables at the top of the file.
const watchKey = "watch"

// read fills c from the file's tables and reports all that is wrong with them.
func (l Loader) read(c *Config, top *table) {
	s := top.source
	defaults := Default()

	top.dataDir(c)
	if info, err := os.Stat(c.DataDir); err == nil && !info.IsDir() {
		top.problem("data_dir", "name a folder; it is made when missing", "`data_dir` is no folder")
	}

	scenario := top.table("scenario")
	c.Scenario.BaseURL = scenario.baseURL("base_url", defaults.Scenario.BaseURL)
	c.Scenario.ProjectID = scenario.id("project_id", "proj_123")
	key := scenario.secret("api_key")
	secret := scenario.secret("api_secret")
	credentialsFile := scenario.path("credentials_file", "", "credentials.env")
	if !l.SkipCredentials {
		l.credentials(c, scenario, Credentials{Key: key, Secret: secret}, credentialsFile)
		l.proxy(scenario)
	}

	upload := top.table("upload")
	c.Upload.FilesAtOnce = upload.count("files_at_once", MaxFilesAtOnce)
	c.Upload.Connections = upload.count("connections", MaxConnections)
	c.Upload.PartSize = upload.size("part_size", "16MiB", MinPartSize, MaxPartSize)
	slots := upload.bandwidth("bandwidth", &c.Upload.Bandwidth)

	status := top.table("status")
	l.status(c, status, defaults.Status.Listen)

	log := top.table("log")
	c.Log.Level = log.level("level")
	c.Log.Format = log.choice("format", defaults.Log.Format, "text", "json")

	watches := top.watches(c, l.SkipFolders)
	for _, t := range append([]*table{top, scenario, upload, status, log}, append(slots, watches...)...) {
		t.unknown()
	}
	s.readableByOthers(c.File, scenario.at("api_secret"), secret != "")
	l.exposed(c, top, scenario, status, credentialsFile)
}

// level is the least severe log record that is written.
func (t *table) level(key string) slog.Level {
	switch t.choice(key, "info", "debug", "info", "warn", "error") {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

// secret is a text that is never shown, and is taken out of every message.
func (t *table) secret(key string) string {
	if value, ok := t.values[key]; ok {
		t.source.hide(value)
	}
	value := t.string(key, "", "…")
	if flaw := secretFlaw(key == "api_key", value); flaw != "" {
		t.problem(key, "copy it again from Scenario, whole", "`%s` %s", key, flaw)
		return ""
	}
	return value
}

// id is one of Scenario's ids; "" where it is not there.
func (t *table) id(key, example string) string {
	value := t.string(key, "", example)
	if value != "" && !isID(value) {
		t.problem(key, "copy it from Scenario, where it looks like "+example, "`%s` is no id of Scenario's", key)
		return ""
	}
	return value
}

func isID(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r > '~' || !bare(byte(r)) && r != '.' && r != ':'
	}) < 0
}

// baseURL is the address of the API. The key goes there, so it must be encrypted or
// stay on this machine.
func (t *table) baseURL(key, fallback string) string {
	value := t.string(key, fallback, fallback)
	if value == "" {
		return fallback
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		t.problem(key, "for example "+fallback, "`%s` is no web address", key)
	case u.User != nil:
		t.problem(key, "use api_key and api_secret, or the environment", "`%s` must not hold a user name or password", key)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		t.problem(key, "leave out ? and # and what follows", "`%s` must be an address without a query", key)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		t.problem(key, "write https://", "`%s` would send the API key unencrypted: plain http is only for this machine", key)
	case u.Scheme != "https" && u.Scheme != "http":
		t.problem(key, "for example "+fallback, "`%s` must begin with https://", key)
	default:
		return strings.TrimRight(value, "/")
	}
	return fallback
}

// isLoopback reports whether a host is this machine itself. "localhost" is by RFC 6761.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// status reads [status]: whoever can reach the page sees what is uploaded, so beyond
// this machine it needs a password.
func (l Loader) status(c *Config, t *table, fallback string) {
	listen := t.string("listen", fallback, fallback)
	password := t.path("password_file", "", "status-password")
	if listen == "" {
		listen = fallback
	}
	if password != "" {
		content, err := t.source.read(password)
		switch {
		case err != nil && l.keeps(c, t, "password_file", password, err):
		case err != nil:
			t.problem("password_file", "write the password into it, on one line", "`password_file` %s cannot be read: %s", oneLine(password), reason(err))
		default:
			c.follows(password, content)
			t.source.hide(strings.TrimSpace(string(content)))
			if flaw := PasswordFlaw(strings.TrimSpace(string(content))); flaw != "" {
				t.problem("password_file", "write a password of at least "+strconv.Itoa(MinPassword)+" characters into it, on one line", "`password_file` %s %s", oneLine(password), flaw)
			}
			t.source.readableByOthers(password, t.at("password_file"), true)
		}
	}
	c.Status = Status{Listen: listen, PasswordFile: password}
	t.page(c)
	if listen == "off" {
		c.Status.Listen = ""
		return
	}
	host, port, err := net.SplitHostPort(listen)
	if n, numErr := strconv.ParseUint(port, 10, 16); err != nil || numErr != nil || n > 65535 {
		t.problem("listen", `for example "`+fallback+`", or "off"`, "`listen` must be an address and a port, or \"off\"")
		return
	}
	t.reach(c, !isLoopback(host))
}
