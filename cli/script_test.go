package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"scenario-drop/samples"
	"scenario-drop/standin"
)

// patience is how long a script waits for a condition; far more than it ever takes.
const patience = time.Minute

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"scenario-drop": func() { os.Exit(Main(OS())) }})
}

// leakChecked runs the tests, which fail if they leave a goroutine behind.
type leakChecked struct{ *testing.M }

func (l leakChecked) Run() int {
	code := l.M.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestScripts runs the program, as a process of its own, against the stand-in.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               setUpScript,
		Condition: func(name string) (bool, error) {
			if name == "short" {
				return testing.Short(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": code, "serve": serve, "fault": fault, "holds": holds, "delete": deleteAsset,
			"json": jsonValue, "eventually": eventually, "sigterm": sigterm, "sample": sample, "cut": cut, "write": write, "config": writeConfig,
		},
	})
}

// setUpScript gives a script a home of its own, so that nothing of this machine's user
// is read or written.
func setUpScript(e *testscript.Env) error {
	home := filepath.Join(e.WorkDir, "home")
	for _, v := range [][2]string{
		{"HOME", home}, {"USERPROFILE", home}, {"XDG_CONFIG_HOME", filepath.Join(home, "config")}, {"XDG_DATA_HOME", filepath.Join(home, "data")},
		{"XDG_DOCUMENTS_DIR", filepath.Join(home, "Documents")}, {"LOCALAPPDATA", filepath.Join(home, "local")}, {"ProgramData", filepath.Join(home, "program")},
		{"DBUS_SESSION_BUS_ADDRESS", "unix:path=" + filepath.Join(home, "no-bus")}, {"NO_PROXY", "127.0.0.1"},
		{"SCENARIO_DROP_CONFIG", ""}, {"SCENARIO_SDK_API_KEY", ""}, {"SCENARIO_SDK_API_SECRET", ""},
	} {
		e.Setenv(v[0], v[1])
	}
	return os.MkdirAll(home, 0o700)
}

func must(ts *testscript.TestScript, neg bool, args []string, min, max int, usage string) {
	if neg || len(args) < min || max >= 0 && len(args) > max {
		ts.Fatalf("usage: %s", usage)
	}
}

// unquote takes an argument of the form q:in/n\xff\n.png, for names that a script cannot
// hold otherwise.
func unquote(ts *testscript.TestScript, arg string) string {
	text, quoted := strings.CutPrefix(arg, "q:")
	if !quoted {
		return arg
	}
	s, err := strconv.Unquote(`"` + text + `"`)
	ts.Check(err)
	return s
}

// code N PROGRAM ARG… runs a program that must end with exit code N.
func code(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 2, -1, "code N PROGRAM ARG…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	for i := range args {
		args[i] = unquote(ts, args[i])
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v ended with exit code %d, want %d", args[1:], got, want)
	}
}

// servers are the stand-ins of the scripts that run.
var (
	serversMu sync.Mutex
	servers   = map[*testscript.TestScript]*standin.Server{}
)

func server(ts *testscript.TestScript) *standin.Server {
	serversMu.Lock()
	defer serversMu.Unlock()
	s := servers[ts]
	if s == nil {
		ts.Fatalf("there is no stand-in; start one with serve")
	}
	return s
}

// serve starts a stand-in that lasts as long as the script. $BASE_URL is its address.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 0, 0, "serve")
	s, err := standin.New(standin.Options{Dir: ts.MkAbs("standin")})
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	serversMu.Lock()
	servers[ts] = s
	serversMu.Unlock()
	ts.Defer(func() {
		stop()
		ts.Check(<-ended)
		serversMu.Lock()
		delete(servers, ts)
		serversMu.Unlock()
	})
	ts.Setenv("BASE_URL", s.BaseURL())
}

// fault JSON arms a fault of the stand-in.
func fault(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 1, 1, "fault JSON")
	if args[0] == "none" {
		server(ts).ClearFaults()
		return
	}
	var f standin.Fault
	ts.Check(json.Unmarshal([]byte(args[0]), &f))
	server(ts).Inject(f)
}

// holds N [OP N]… checks how many contents the stand-in holds, each as exactly one asset
// or model, and how often operations were asked for.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 1, -1, "holds N [OP N]…")
	a := server(ts).Account()
	contents := a.BySHA256()
	if got := strconv.Itoa(len(contents)); got != args[0] {
		ts.Fatalf("the stand-in holds %s contents, want %s", got, args[0])
	}
	for sum, all := range contents {
		if len(all) != 1 {
			ts.Fatalf("the content %s became %d assets", sum, len(all))
		}
	}
	for i := 1; i+1 < len(args); i += 2 {
		if got := strconv.Itoa(a.Requests[args[i]]); got != args[i+1] {
			ts.Fatalf("%s was asked for %s times, want %s", args[i], got, args[i+1])
		}
	}
	if len(a.Violations) > 0 {
		ts.Fatalf("violations: %v", a.Violations)
	}
}

// delete NAME deletes an asset at the stand-in by its file name.
func deleteAsset(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 1, 1, "delete NAME")
	s := server(ts)
	for _, e := range s.Account().Assets {
		if e.Name == args[0] && s.Delete(e.ID) {
			return
		}
	}
	ts.Fatalf("the stand-in has no asset %q", args[0])
}

// json FILE PATH WANT looks into a JSON document, or into JSON lines as one array: keys
// and indices (from the end if below 0) with dots, len for a length. Without WANT the value
// must exist; ! means that it must not.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: [!] json FILE PATH [WANT]")
	}
	var all []any
	for d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			ts.Fatalf("not JSON: %v", err)
		}
		all = append(all, v)
	}
	var at any = all
	if len(all) == 1 && !strings.HasPrefix(args[1], "0.") && !strings.HasPrefix(args[1], "-1.") && args[1] != "len" {
		at = all[0]
	}
	got, ok := lookUp(at, strings.Split(args[1], "."))
	switch {
	case neg && ok:
		ts.Fatalf("%s is there: %v", args[1], got)
	case neg:
	case !ok:
		ts.Fatalf("there is no %s", args[1])
	case len(args) == 3 && fmt.Sprint(got) != unquote(ts, args[2]):
		ts.Fatalf("%s is %v, want %s", args[1], got, args[2])
	}
}

func lookUp(at any, path []string) (any, bool) {
	for _, key := range path {
		switch v := at.(type) {
		case map[string]any:
			if key == "len" {
				at = len(v)
				continue
			}
			next, ok := v[key]
			if !ok {
				return nil, false
			}
			at = next
		case []any:
			if key == "len" {
				at = len(v)
				continue
			}
			i, err := strconv.Atoi(key)
			if i < 0 {
				i += len(v)
			}
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// eventually REGEXP PROGRAM ARG… runs a program again and again until its output matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 2, -1, "eventually REGEXP PROGRAM ARG…")
	want := regexp.MustCompile("(?m)" + args[0])
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if want.MatchString(out) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v never said %s; at last (%v):\n%s", args[1:], args[0], err, out)
		}
	}
}

// sigterm asks all background processes to end.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 0, 0, "sigterm")
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}

// sample KIND FILE writes the sample of a kind.
func sample(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 2, 2, "sample KIND FILE")
	for _, s := range samples.All() {
		if s.Kind == args[0] {
			data, err := s.Data()
			ts.Check(err)
			ts.Check(os.WriteFile(ts.MkAbs(unquote(ts, args[1])), data, 0o600))
			return
		}
	}
	ts.Fatalf("there is no sample of kind %q", args[0])
}

// cut FROM TO N copies a file without its last N bytes.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 3, 3, "cut FROM TO N")
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data[:max(0, len(data)-n)], 0o600))
}

// write FILE TEXT writes a file; both may be q:quoted.
func write(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 2, 2, "write FILE TEXT")
	ts.Check(os.WriteFile(ts.MkAbs(unquote(ts, args[0])), []byte(unquote(ts, args[1])), 0o600))
}

// config FILE LINE… writes a config for the stand-in with the lines of a [[watch]], and
// makes it the one in use.
func writeConfig(ts *testscript.TestScript, neg bool, args []string) {
	must(ts, neg, args, 2, -1, "config FILE LINE…")
	each := "version_interval = '0s'\n" // scripts save often
	if strings.Contains(strings.Join(args, "\n"), "version_interval") {
		each = ""
	}
	text := fmt.Sprintf("data_dir = 'data'\n[scenario]\nbase_url = '%s'\napi_key = '%s'\napi_secret = '%s'\n[status]\nlisten = '127.0.0.1:0'\n[[watch]]\nsettle = '0s'\n%s%s\n",
		ts.Getenv("BASE_URL"), standin.DefaultKey, standin.DefaultSecret, each, strings.Join(args[1:], "\n"))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
	ts.Setenv("SCENARIO_DROP_CONFIG", ts.MkAbs(args[0]))
}
