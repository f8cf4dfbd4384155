package service

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// Somebody who may write to the folders swaps directories in them for links to a place
// outside, again and again, while the product checks the files, reads them, looks
// again, and moves them away. Nothing from outside is ever sent, moved or trashed, and
// once there is quiet every file of the folders is at Scenario.
func TestDirectoriesSwappedForLinks(t *testing.T) {
	const files = 25
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	s := newStudio(t, standin.Options{}, "Keep", "Move", "Trash")
	s.config.Watches[1].AfterUpload, s.config.Watches[1].MoveTo = "move", s.path("Move", "Uploaded")
	s.config.Watches[2].AfterUpload = "trash"
	for i := range s.config.Watches {
		s.config.Watches[i].Rescan = time.Second
	}
	if err := os.MkdirAll(s.path("Move", "Uploaded", "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	var mine []string
	secrets := map[string][]byte{} // by path
	for i, folder := range []string{"Keep", "Move", "Trash"} {
		for n := range files {
			name := fmt.Sprintf("%02d.png", n)
			mine = append(mine, s.save(noise(3000, uint64(1000*i+n)), folder, "sub", name))
			s.save(noise(3000, uint64(500+1000*i+n)), "outside-"+folder, name)
			path := s.path("outside-"+folder, name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			secrets[path] = data
			// As like the file in the folder as it can be.
			info, err := os.Stat(s.path(folder, "sub", name))
			if err == nil {
				err = os.Chtimes(path, info.ModTime(), info.ModTime())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var swapped []string
	for _, dir := range []struct{ path, target string }{
		{s.path("Keep", "sub"), s.path("outside-Keep")}, {s.path("Move", "sub"), s.path("outside-Move")},
		{s.path("Trash", "sub"), s.path("outside-Trash")}, {s.path("Move", "Uploaded", "sub"), s.path("outside-Move")},
	} {
		// The other name must not be one that the watcher takes.
		link := filepath.Join(s.dir, fmt.Sprint("other-name-", len(swapped)))
		if err := os.Symlink(dir.target, link); err != nil {
			t.Fatal(err)
		}
		swapped = append(swapped, dir.path, link)
	}
	swap := func() {
		for i := 0; i < len(swapped); i += 2 {
			if err := unix.Renameat2(unix.AT_FDCWD, swapped[i], unix.AT_FDCWD, swapped[i+1], unix.RENAME_EXCHANGE); err != nil {
				t.Errorf("the swap failed: %v", err)
			}
		}
	}
	_, stop := s.run()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	swaps := 0
	wg.Go(func() {
		for ; ctx.Err() == nil || swaps%2 != 0; swaps++ {
			swap()
			time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		}
	})
	time.Sleep(3 * time.Second) // of swapping: whatever it meets
	during := len(s.server.Account().BySHA256())
	cancel()
	wg.Wait()
	s.until("every file of the folders is at Scenario", func() bool {
		return len(s.server.Account().BySHA256()) >= len(mine)
	}, func() string {
		return fmt.Sprintf("Scenario holds %d of %d contents, %d already while %d swaps went on", len(s.server.Account().BySHA256()), len(mine), during, swaps)
	})
	t.Logf("%d swaps; %d of %d contents were sent meanwhile", swaps, during, len(mine))
	s.until("all is tidied", func() bool {
		l, err := ledger.OpenReadOnly(t.Context(), LedgerPath(s.config.DataDir))
		if err != nil {
			return false
		}
		defer l.Close()
		counts, err := l.Counts(t.Context())
		if err != nil {
			return false
		}
		for state, n := range counts {
			if state.Active() && n > 0 {
				return false
			}
		}
		return true
	}, func() string { return "items are still on their way" })
	stop()
	s.exactlyOnce(mine...)
	for path, want := range secrets {
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what and where it was: %v", path, err)
		}
	}
	for _, dir := range []string{"outside-Keep", "outside-Move", "outside-Trash"} {
		if entries, err := os.ReadDir(s.path(dir)); err != nil || len(entries) != files {
			t.Errorf("%s holds %d files, %v; want %d", dir, len(entries), err, files)
		}
	}
}

// A directory that was replaced for good by a link, while its file was on its way: what
// the link leads to is left alone, and the file's end says so.
func TestDirectoryReplacedByALink(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: time.Second}, "Move")
	s.config.Watches[0].AfterUpload, s.config.Watches[0].MoveTo = "move", s.path("Move", "Uploaded")
	data := noise(3000, 1)
	sum := s.save(data, "Move", "sub", "a.png")
	s.save(data, "outside", "a.png")
	_, stop := s.run()
	s.await(drop.Importing, "Move", "sub", "a.png")
	if err := os.Rename(s.path("Move", "sub"), s.path("taken-away")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(s.path("outside"), s.path("Move", "sub")); err != nil {
		t.Fatal(err)
	}
	if it := s.await(drop.Imported, "Move", "sub", "a.png"); it.Reason != drop.ReasonNotCleanedUp {
		t.Errorf("%s: %s", it.Reason, it.Detail)
	}
	stop()
	s.exactlyOnce(sum)
	for _, path := range []string{s.path("outside", "a.png"), s.path("taken-away", "a.png")} {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}
