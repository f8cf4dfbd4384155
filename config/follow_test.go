package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// told is one call of Follow's function: the log format of the config, or its problems.
type told struct {
	format string
	err    error
}

// follow starts to follow a config and returns what it tells.
func follow(t *testing.T, l Loader, path string) (*Config, <-chan told) {
	t.Helper()
	c, err := l.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls := make(chan told, 100)
	done := make(chan error, 1)
	go func() {
		done <- l.Follow(ctx, c, func(c *Config, err error) {
			if err != nil {
				calls <- told{err: err}
				return
			}
			calls <- told{format: c.Log.Format}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Follow: %v", err)
		}
	})
	return c, calls
}

func next(t *testing.T, calls <-chan told) told {
	t.Helper()
	select {
	case call := <-calls:
		return call
	case <-time.After(20 * time.Second):
		t.Fatal("no change was told")
		return told{}
	}
}

func wantFormat(t *testing.T, calls <-chan told, format string) {
	t.Helper()
	if got := next(t, calls); got.err != nil || got.format != format {
		t.Fatalf("got %+v, want %s", got, format)
	}
}

func formatted(format string) string { return "[log]\nformat = '" + format + "'\n" + watchIn }

// byEvents only hears of changes by events within a test's time; byPolling only
// without them.
func byEvents() Loader {
	l := withKey()
	l.Debounce, l.Reread = 10*time.Millisecond, time.Hour
	return l
}

func byPolling() Loader {
	l := withKey()
	l.Debounce, l.Reread = time.Hour, 10*time.Millisecond
	return l
}

func TestFollowEdits(t *testing.T) {
	for name, loader := range map[string]Loader{"by events": byEvents(), "by polling": byPolling()} {
		t.Run(name, func(t *testing.T) {
			path := studio(t, formatted("text"))
			_, calls := follow(t, loader, path)

			replace(t, path, formatted("json"))
			wantFormat(t, calls, "json")

			write(t, path, formatted("text")) // in place
			for got := next(t, calls); got.format != "text"; got = next(t, calls) {
				// Cut short by the truncation: told as a problem, and corrected after.
				if got.err == nil {
					t.Fatalf("got %+v", got)
				}
			}

			replace(t, path, formatted("jsn"))
			if got := next(t, calls); got.err == nil || !strings.Contains(got.err.Error(), "config.toml:2:10: ") {
				t.Fatalf("a bad edit: %+v", got)
			}
			replace(t, path, formatted("text")) // back to the one in use
			wantFormat(t, calls, "text")
		})
	}
}

// An order is told of although nothing changed, and so are problems that were told before.
func TestFollowOrders(t *testing.T) {
	reload := make(chan struct{}, 1)
	reload <- struct{}{} // before there is anybody to take it
	l := withKey()
	l.Debounce, l.Reread, l.Reload = time.Hour, time.Hour, reload
	path := studio(t, formatted("text"))
	_, calls := follow(t, l, path)
	wantFormat(t, calls, "text")
	replace(t, path, formatted("jsn"))
	for range 2 {
		reload <- struct{}{}
		if got := next(t, calls); got.err == nil {
			t.Fatalf("a bad edit: %+v", got)
		}
	}
}

// replace saves as most editors do: to a new file, renamed over the old one.
func replace(t *testing.T, path, content string) {
	t.Helper()
	write(t, path+"~", content)
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

// The way of Kubernetes: config.toml -> ..data/config.toml, and ..data is swapped.
func TestFollowSwappedSymlink(t *testing.T) {
	path := studio(t, "")
	dir := filepath.Dir(path)
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symlinks here:", err)
		}
	}
	for i, format := range []string{"text", "json"} {
		version := filepath.Join(dir, fmt.Sprintf("..%d", i))
		if err := os.Mkdir(version, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(version, "config.toml"), formatted(format))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	link("..0", "..data")
	link(filepath.Join("..data", "config.toml"), "config.toml")
	_, calls := follow(t, byEvents(), path)

	link("..1", "..tmp")
	if err := os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	wantFormat(t, calls, "json")
}

// A symlink into another directory, in which the file is replaced.
func TestFollowTargetElsewhere(t *testing.T) {
	path := studio(t, "")
	target := filepath.Join(t.TempDir(), "real.toml")
	write(t, target, formatted("text"))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip("no symlinks here:", err)
	}
	_, calls := follow(t, byEvents(), path)
	replace(t, target, formatted("json"))
	wantFormat(t, calls, "json")
}

func TestFollowChangeSinceLoad(t *testing.T) {
	l := byEvents()
	path := studio(t, formatted("text"))
	c, err := l.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, path, formatted("json"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got string
	if err := l.Follow(ctx, c, func(c *Config, err error) {
		got = c.Log.Format
		cancel()
	}); err != nil || got != "json" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A save that changes nothing is not told, nor is a folder that vanished: what is told
// next is the next real change.
func TestFollowReportsNoChangeWithoutOne(t *testing.T) {
	path := studio(t, formatted("text"))
	_, calls := follow(t, byPolling(), path)
	replace(t, path, formatted("text"))
	if err := os.Remove(filepath.Join(filepath.Dir(path), "in")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // gives a wrong call its chance; a right run needs none
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	replace(t, path, formatted("json"))
	wantFormat(t, calls, "json")
	if len(calls) != 0 {
		t.Errorf("also told: %+v", <-calls)
	}
}

func TestFollowProblemsThatEndByThemselves(t *testing.T) {
	path := studio(t, formatted("text"))
	_, calls := follow(t, byPolling(), path)
	replace(t, path, "[status]\npassword_file = 'later'\n"+formatted("json"))
	if got := next(t, calls); got.err == nil || !strings.Contains(got.err.Error(), "does not exist") {
		t.Fatalf("got %+v", got)
	}
	replace(t, filepath.Join(filepath.Dir(path), "later"), "a good password")
	wantFormat(t, calls, "json")
}

// A folder that is away, and a file with secrets on a disk that is, keep no edit from being
// taken; what the file said before stays in force.
func TestFollowWhileADiskIsUnavailable(t *testing.T) {
	files := "[scenario]\ncredentials_file = 'disk/creds.env'\n[status]\npassword_file = 'disk/password'\n"
	path := studio(t, files+formatted("text"))
	disk := filepath.Join(filepath.Dir(path), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(disk, "creds.env"), EnvKey+"="+canaryKey+"\n"+EnvSecret+"="+canarySecret+"\n")
	write(t, filepath.Join(disk, "password"), "a good password")
	l := byPolling()
	l.Getenv = environment()
	_, calls := follow(t, l, path)
	if err := os.Rename(disk, disk+" away"); err != nil {
		t.Fatal(err)
	}
	replace(t, path, files+formatted("json")+"[[watch]]\npath = 'nowhere'\n")
	for got := next(t, calls); got.format != "json"; got = next(t, calls) { // "text": that the files are away is told, too
		if got.err != nil {
			t.Fatal(got.err)
		}
	}
	if err := os.Rename(disk+" away", disk); err != nil {
		t.Fatal(err)
	}
	wantFormat(t, calls, "json")
}

func TestFollowCredentialsFile(t *testing.T) {
	path := studio(t, "[scenario]\ncredentials_file = 'creds.env'\n"+formatted("json"))
	creds := filepath.Join(filepath.Dir(path), "creds.env")
	write(t, creds, EnvKey+"=old\n"+EnvSecret+"="+canarySecret+"\n")
	l := byEvents()
	l.Getenv = environment()
	_, calls := follow(t, l, path)
	replace(t, creds, EnvKey+"=new\n"+EnvSecret+"="+canarySecret+"\n")
	wantFormat(t, calls, "json")
}

func TestFollowVanishedFile(t *testing.T) {
	path := studio(t, formatted("text"))
	_, calls := follow(t, byPolling(), path)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if got := next(t, calls); got.err == nil || !strings.Contains(got.err.Error(), "does not exist") {
		t.Fatalf("got %+v", got)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	wantFormat(t, calls, "text")
}

func TestFollowNeedsAFile(t *testing.T) {
	if err := (Loader{}).Follow(context.Background(), Default(), nil); err == nil {
		t.Error("no error")
	}
}
