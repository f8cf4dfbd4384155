package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"scenario-drop/standin"
)

// The program's stand-in breaks on demand, but ends no process: that is a fault of the
// tests alone, which they play within their own process.
func TestShippedStandinKillsNobody(t *testing.T) {
	t.Parallel()
	root, _ := startStandin(t)
	client := &http.Client{Timeout: time.Minute}
	t.Cleanup(client.CloseIdleConnections)
	inject := func(fault string) int {
		t.Helper()
		res, err := client.Post(root+"/_standin/faults", "application/json", strings.NewReader(fault))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	pid := strconv.Itoa(os.Getpid())
	for _, fault := range []string{`{"do":"kill"}`, `{"do":"kill","pid":` + pid + `}`, `{"do":"drop","pid":` + pid + `}`, `{"do":"call"}`, `{"do":"call","call":"kill"}`, `{"do":"call","Call":null}`} {
		if got := inject(fault); got != http.StatusBadRequest {
			t.Errorf("%s is answered %d", fault, got)
		}
	}
	if got := inject(`{"do":"drop","op":"create"}`); got != http.StatusNoContent {
		t.Errorf("a fault that is there is answered %d", got)
	}
}

// startStandin runs the program's own stand-in and returns its address.
func startStandin(t *testing.T, args ...string) (root string, out func() string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	cmd := exec.Command(binary, append([]string{"standin", "--addr", "127.0.0.1:0", "--dir", t.TempDir()}, args...)...)
	cmd.Stdout = file
	d := (&studio{t: t}).launch(cmd)
	out = func() string {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Error(err)
		}
		return string(text) + d.output()
	}
	base := regexp.MustCompile(`base_url   = "(http://127\.0\.0\.1:\d+)/v1"`)
	until(t, "the stand-in listens", func() bool { return base.MatchString(out()) && strings.Contains(out(), "api_secret") }, out)
	return base.FindStringSubmatch(out())[1], out
}

// otherAccount makes this test binary a client of another account, which asks what stands
// in the variable, line by line, and tells what it was answered.
const otherAccount = "E2E_OTHER_ACCOUNT"

func askAll(requests string) {
	client := &http.Client{Timeout: time.Minute}
	for line := range strings.Lines(requests) {
		method, url, _ := strings.Cut(strings.TrimSpace(line), " ")
		fmt.Println(ask(client, method, url))
	}
}

// ask answers in one line: the status and the body, or "no answer".
func ask(client *http.Client, method, url string) string {
	req, err := http.NewRequest(method, url, strings.NewReader(`{"name":"X","do":"drop"}`))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	if !strings.Contains(url, "/_storage/") {
		req.SetBasicAuth(standin.DefaultKey, standin.DefaultSecret)
	}
	res, err := client.Do(req)
	if err != nil {
		return "no answer"
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return fmt.Sprintf("%d %q %v", res.StatusCode, body, err)
}
