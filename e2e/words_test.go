package e2e

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// A proxy that does not answer is named, without its password, wherever a person looks.
func TestProxyThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	address := closedPort(t)
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	s.withBase("https://" + scenarioName + "/v1")
	s.save(noise(1000, 1), "Characters", "orc.png")
	env := environment("HTTPS_PROXY=http://anna:hush-hush@" + address)
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--config", s.path("config.toml"))...)
		cmd.Env = env
		out, _ := cmd.CombinedOutput() // it fails, as it should
		return string(out)
	}
	cmd := exec.Command(binary, "run", "--config", s.path("config.toml"))
	cmd.Env = env
	d := s.launch(cmd)
	want := "the proxy http://" + address + " (HTTPS_PROXY) does not answer"
	until(t, "the log names the proxy", func() bool { return strings.Contains(d.output(), want) }, d.output)
	texts := map[string]string{"log": d.output(), "check": run("check"), "check --json": run("check", "--json"), "status": run("status")}
	for name, text := range texts {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not name the proxy:\n%s", name, text)
		}
		if strings.Contains(text, "hush-hush") || strings.Contains(text, "anna") {
			t.Errorf("%s shows who uses the proxy:\n%s", name, text)
		}
	}
	for _, name := range []string{"check", "status"} {
		for _, word := range []string{"proxyconnect", "dial tcp", "connect: "} {
			if strings.Contains(texts[name], word) {
				t.Errorf("%s has words of the library:\n%s", name, texts[name])
			}
		}
	}
}

// A proxy's address that cannot be read is a problem, and nothing goes past it in silence.
func TestProxyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'"})
	for _, command := range []string{"check", "once"} {
		cmd := exec.CommandContext(t.Context(), binary, command, "--config", s.path("config.toml"))
		cmd.Env = environment("HTTPS_PROXY=http://anna:hush-hush/@proxy:99999999")
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "HTTPS_PROXY in the environment is no address of a proxy") {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		if strings.Contains(string(out), "hush") {
			t.Errorf("%s shows the password:\n%s", command, out)
		}
	}
}

// Two collections of one name are said, with what to do; the files join the first.
func TestTwoCollectionsOfOneName(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'\ncollections = ['Orcs']"})
	api, err := scenario.New(scenario.Options{BaseURL: s.server.BaseURL(), Key: s.server.Key(), Secret: s.server.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	defer api.CloseIdleConnections()
	for range 2 {
		if _, err := api.CreateCollection(t.Context(), "Orcs"); err != nil {
			t.Fatal(err)
		}
	}
	out, code := s.command("check")
	if code != 0 || !strings.Contains(out, `2 collections are called "Orcs": `) || !strings.Contains(out, "collection_ids") {
		t.Errorf("check (%d):\n%s", code, out)
	}
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	d := s.start()
	s.imported(d, sum)
	s.settled(d)
	if log := d.end(); strings.Count(log, "several collections have one name") != 1 || !strings.Contains(log, "collection_ids") || !strings.Contains(log, "name=Orcs") {
		t.Errorf("the log:\n%s", log)
	}
	s.exactlyOnce(sum)
}

// Whatever is wrong, nothing that a command prints has the words of Go or its libraries.
func TestNoGoWords(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	s.save(noise(100, 1), "Characters", "orc.png")
	other := func(name, old, new string) string {
		text, err := os.ReadFile(s.path("config.toml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.path(name), []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return s.path(name)
	}
	if err := os.WriteFile(s.path("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := s.path("config.toml")
	noData := other("no-data.toml", s.data, s.path("file", "data"))
	dead := other("dead.toml", s.server.BaseURL(), "http://"+closedPort(t)+"/v1")
	for _, args := range [][]string{
		{"history", "--limit", "abc", "--config", good}, {"history", "--limit", "99999999999999999999", "--config", good}, {"pause", "--for", "abc"}, {"pause", "--config", good},
		{"open", "--config", good}, {"nonsense"}, {"nonsense", "--json"}, {"status", "--nonsense"}, {"status", "--follow=abc"}, {"--config"}, {"status", "--config", s.path("none.toml")},
		{"status", "--config", s.dir}, {"once", "--config", noData}, {"run", "--config", noData}, {"check", "--config", noData}, {"check", "--json", "--config", noData},
		{"check", "--config", dead}, {"check", "--json", "--config", dead}, {"verify", "--remote", "--config", dead},
		{"standin", "--addr", "nonsense"}, {"standin", "--addr", "203.0.113.1:1"}, {"standin", "--addr", "127.0.0.1:99999"}, {"demo", "--dir", s.path("file", "demo")},
		{"init", "--config", s.path("file", "c.toml"), "--folder", s.path("file", "Art")}, {"retry", "nowhere.png", "--config", good}, {"why", "nowhere.png", "--config", good},
	} {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Env = environment("NO_PROXY=127.0.0.1")
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState.ExitCode() < 0 {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		for _, word := range []string{"strconv", "invalid argument", "invalid syntax", "dial tcp", "listen tcp", "lookup ", "EOF", "context deadline", "context canceled", "no such host", "x509:", "tls:",
			"json:", "unmarshal", "mkdir /", "open /", "stat /", "lstat ", "unlinkat", "exec:", "exit status", "goroutine", "panic", "%!", "<nil>", "?."} {
			if strings.Contains(string(out), word) {
				t.Errorf("%v says %q:\n%s", args, word, out)
			}
		}
	}
}

// closedPort is an address of this machine where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
