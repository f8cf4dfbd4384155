package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// A name that cannot be looked up is an outage like any other: the file waits, the log
// says what is the matter, and once the name is known it is imported.
func TestNameUnknownAtFirst(t *testing.T) {
	t.Parallel()
	if err := exec.Command("unshare", "--mount", "--propagation", "private", "mount", "--bind", "/etc/hosts", "/etc/hosts").Run(); err != nil {
		t.Skip("files under /etc cannot be replaced for one process here: ", err)
	}
	alone := fmt.Sprintf("drop%dn", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", alone).CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made: %v %s", err, out)
	}
	t.Cleanup(func() { ip(t, "netns", "del", alone) })
	const address = "10.77.1.1"
	ip(t, "-n", alone, "link", "set", "lo", "up")
	ip(t, "-n", alone, "addr", "add", address+"/32", "dev", "lo")
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	secure, authority := nettest.Certificate(t, scenarioName)
	line := nettest.New(t, s.server.BaseURL(), nettest.Options{TLS: secure, Listener: listenIn(t, alone, address+":0")})
	s.withBase(named(t, line))
	for file, text := range map[string]string{
		"hosts":         "127.0.0.1 localhost\n",
		"resolv.conf":   "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", // nobody answers there
		"nsswitch.conf": "hosts: files dns\n",
	} {
		if err := os.WriteFile(s.path(file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	cmd := exec.Command("ip", "netns", "exec", alone, "unshare", "--mount", "--propagation", "private", "sh", "-c",
		`set -e
		for f in hosts resolv.conf nsswitch.conf; do [ ! -e /etc/$f ] || mount --bind "$1/$f" /etc/$f; done
		exec "$2" run --config "$1/config.toml"`, "sh", s.dir, binary)
	cmd.Env = environment("SSL_CERT_FILE=" + authority)
	d := s.launch(cmd)
	until(t, "the log says so", func() bool {
		return strings.Contains(d.output(), "cannot be used for now") && strings.Contains(d.output(), scenarioName)
	}, d.output)
	if n := len(line.Requests()); n != 0 {
		t.Fatalf("%d requests came without a name", n)
	}
	if err := os.WriteFile(s.path("hosts"), []byte("127.0.0.1 localhost\n"+address+" "+scenarioName+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.imported(d, sum)
	s.settled(d)
	s.exactlyOnce(sum)
}
