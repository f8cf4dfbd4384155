package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// sdkVersion of the official Python client that the wire is held against.
const sdkVersion = "2.4.0"

// requireSDK is the environment variable that makes it a failure, not a skip, when the
// client cannot be had.
const requireSDK = "SCENARIO_DROP_REQUIRE_SDK"

const (
	sdkInstallTime = 5 * time.Minute
	sdkRunTime     = 3 * time.Minute
)

// TestOfficialSDK drives the server with Scenario's own client, which validates every
// answer. What it finds wrong is wrong here.
func TestOfficialSDK(t *testing.T) {
	python := sdkPython(t)
	for name, o := range map[string]Options{
		"friendliest": {},
		"otherwise": {Behavior: Behavior{
			ShuffleParts: true, OpaqueETag: true, EarlyEntityID: true, NoPartsOnGet: true, JobID: true, ErrorShape: "reason",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, o)
			limited := start(t, Options{Behavior: Behavior{RatePerSecond: 1, RetryAfter: "seconds"}})
			unknown := start(t, Options{Behavior: Behavior{Unknown: true}})
			ctx, cancel := context.WithTimeout(context.Background(), sdkRunTime)
			defer cancel()
			cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", "sdk_contract.py"))
			cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "NO_PROXY=127.0.0.1", "STANDIN_URL="+s.BaseURL(),
				"STANDIN_LIMITED_URL="+limited.BaseURL(), "STANDIN_UNKNOWN_URL="+unknown.BaseURL(),
				"STANDIN_KEY="+s.Key(), "STANDIN_SECRET="+s.Secret())
			var out, errOut bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errOut
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, out.Bytes(), errOut.Bytes())
			}
			compareWithAccount(t, s.Account(), out.Bytes())
			if limited.Account().RateLimited == 0 {
				t.Error("nothing was rate limited")
			}
		})
	}
}

// compareWithAccount holds what the client believes to have made against what there is.
func compareWithAccount(t *testing.T, a Account, report []byte) {
	t.Helper()
	var r struct {
		Version string
		Made    map[string]struct{ ID, SHA256 string }
	}
	if err := json.Unmarshal(report, &r); err != nil {
		t.Fatalf("report %q: %v", report, err)
	}
	if r.Version != sdkVersion {
		t.Errorf("the client is version %s", r.Version)
	}
	if len(r.Made) != 9 || len(a.Assets) != 8 || len(a.Models) != 1 || len(a.Violations) != 0 {
		t.Errorf("%d made; account: %+v", len(r.Made), a)
	}
	for kind, m := range r.Made {
		group := a.BySHA256()[m.SHA256]
		if len(group) != 1 || group[0].ID != m.ID || group[0].Project != "proj_contract" {
			t.Errorf("%s: made %+v, there is %+v", kind, m, group)
		}
	}
}

// sdkPython returns a Python that has the client: of a virtual environment in the user's
// cache directory, made by the first run.
func sdkPython(t *testing.T) string {
	t.Helper()
	python, err := preparePython(t)
	if err == nil {
		return python
	}
	message := fmt.Sprintf("SCENARIO'S OWN CLIENT COULD NOT BE HAD, the wire is untested: %v", err)
	if os.Getenv(requireSDK) == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

func preparePython(t *testing.T) (string, error) {
	system, err := exec.LookPath("python3")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	dir := filepath.Join(cache, "scenario-drop-test", "sdk-"+sdkVersion)
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return "", err
	}
	lock := flock.New(dir + ".lock")
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer lock.Close()
	python := filepath.Join(dir, "bin", "python")
	if runtime.GOOS == "windows" {
		python = filepath.Join(dir, "Scripts", "python.exe")
	}
	ctx, cancel := context.WithTimeout(context.Background(), sdkInstallTime)
	defer cancel()
	// A half-made environment, or one whose system Python is gone, is made anew.
	check := fmt.Sprintf("import scenario_sdk, httpx; assert scenario_sdk.__version__ == %q", sdkVersion)
	if exec.CommandContext(ctx, python, "-c", check).Run() == nil {
		return python, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{system, "-m", "venv", dir},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "scenario-sdk==" + sdkVersion},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", args[2], err, out)
		}
	}
	return python, nil
}
