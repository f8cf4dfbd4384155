package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario-drop/standin"
)

// askAs asks as another account.
func askAs(t *testing.T, uid uint32, requests []string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "other-account-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	client := filepath.Join(dir, "client")
	if err := os.WriteFile(client, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(client)
	cmd.Env = []string{otherAccount + "=" + strings.Join(requests, "\n")}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the client of another account: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(requests) {
		t.Fatalf("%d answers to %d requests:\n%s", len(lines), len(requests), out)
	}
	return lines
}

// Another account of the computer gets no answer from the stand-in, whatever it knows, and
// the well-known key is enough for one's own programs.
func TestStandinIsOneAccountsOwn(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can start a program of another account")
	}
	root, _ := startStandin(t)
	own := &http.Client{Timeout: time.Minute}
	t.Cleanup(own.CloseIdleConnections)
	if got := ask(own, "POST", root+"/v1/collections"); !strings.HasPrefix(got, "200 ") {
		t.Fatalf("the own account is answered %s", got)
	}
	part := partURL(t, own, root)
	requests := []string{
		"GET " + root + "/v1/collections", "POST " + root + "/v1/collections", "PUT " + part, "GET " + root + "/_standin/account",
		"POST " + root + "/_standin/faults", "DELETE " + root + "/_standin/faults", "GET " + root + "/",
	}
	for i, got := range askAs(t, nobody, requests) {
		if got != "no answer" {
			t.Errorf("another account asks %s and is answered %s", requests[i], got)
		}
	}
	// Nothing of it was done.
	var account standin.Account
	res, err := own.Get(root + "/_standin/account")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&account); err != nil {
		t.Fatal(err)
	}
	if len(account.Collections) != 1 || account.Received != 0 || account.Fired != 0 {
		t.Errorf("another account changed it: %+v", account)
	}
}

func partURL(t *testing.T, client *http.Client, root string) string {
	t.Helper()
	req, err := http.NewRequest("POST", root+"/v1/uploads", strings.NewReader(`{"fileName":"a.png","fileSize":24,"contentType":"image/png","kind":"image","parts":1}`))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(standin.DefaultKey, standin.DefaultSecret)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Upload struct{ Parts []struct{ URL string } }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || len(answer.Upload.Parts) != 1 {
		t.Fatalf("%d %+v %v", res.StatusCode, answer, err)
	}
	return answer.Upload.Parts[0].URL
}

// Where other accounts are let in, nobody gets far without what was printed at the start.
func TestStandinForAnyAccountHasRandomSecrets(t *testing.T) {
	t.Parallel()
	first, out := startStandin(t, "--any-account")
	second, _ := startStandin(t, "--any-account")
	client := &http.Client{Timeout: time.Minute}
	t.Cleanup(client.CloseIdleConnections)
	for _, root := range []string{first, second} {
		if got := ask(client, "GET", root+"/v1/collections"); !strings.HasPrefix(got, "401 ") {
			t.Errorf("the well-known key is answered %s", got)
		}
		if got := ask(client, "GET", root+"/_standin/account"); !strings.HasPrefix(got, "403 ") {
			t.Errorf("the account is told without the token: %s", got)
		}
	}
	token := regexp.MustCompile(standin.AdminHeader + `: (\w{20,})`).FindStringSubmatch(out())
	if token == nil {
		t.Fatalf("no token is printed:\n%s", out())
	}
	for root, want := range map[string]int{first: 200, second: 403} {
		req, err := http.NewRequest("GET", root+"/_standin/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(standin.AdminHeader, token[1])
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("with the token of the first it answers %d, want %d", res.StatusCode, want)
		}
	}
}

// What is dropped into the demo is shown to no other account: its server gives it no
// answer, and its page tells it nothing.
func TestDemoIsOneAccountsOwn(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can start a program of another account")
	}
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(binary, "demo", "--dir", filepath.Join(dir, "demo"))
	cmd.Stdout = file
	d := (&studio{t: t}).launch(cmd)
	out := func() string {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Error(err)
		}
		return string(text) + d.output()
	}
	until(t, "the samples are imported", func() bool { return strings.Contains(out(), "5 of 5 samples imported") }, out)
	var ports []int
	// The kernel's list may lack a socket while others come and go.
	until(t, "the demo's server and page listen", func() bool { ports = listening(t, d.pid()); return len(ports) >= 2 }, out)
	var requests []string
	for _, port := range ports {
		for _, path := range []string{"/_standin/account", "/v1/assets", "/v1/collections", "/"} {
			requests = append(requests, fmt.Sprintf("GET http://127.0.0.1:%d%s", port, path))
		}
	}
	silent := 0
	for i, got := range askAs(t, nobody, requests) {
		if got == "no answer" {
			silent++
		}
		if strings.Contains(got, "evening-hills") || strings.Contains(got, "asset_") {
			t.Errorf("another account asks %s and is answered %s", requests[i], got)
		}
	}
	if silent < 4 {
		t.Errorf("only %d of %d requests had no answer", silent, len(requests))
	}
	client := &http.Client{Timeout: time.Minute}
	t.Cleanup(client.CloseIdleConnections)
	for _, port := range ports {
		if got := ask(client, "GET", fmt.Sprintf("http://127.0.0.1:%d/v1/collections", port)); strings.HasPrefix(got, "200 ") {
			t.Errorf("the well-known key is good for the demo: %s", got)
		}
		if got := ask(client, "GET", fmt.Sprintf("http://127.0.0.1:%d/_standin/account", port)); strings.HasPrefix(got, "200 ") {
			t.Errorf("the demo's account is told without a token: %s", got)
		}
	}
}

// listening are the TCP ports of IPv4 that a process listens on.
func listening(t *testing.T, pid int) (ports []int) {
	t.Helper()
	own := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			own[strings.Trim(to, "socket:[]")] = true
		}
	}
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(table) {
		f := strings.Fields(string(line))
		if len(f) < 10 || f[3] != "0A" || !own[f[9]] {
			continue
		}
		port, err := strconv.ParseUint(f[1][len(f[1])-4:], 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, int(port))
	}
	return ports
}
