package service

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// folder tells what the daemon says of a watch folder.
func (s *studio) folder(d *Daemon, name string) status.Folder {
	s.t.Helper()
	snapshot, err := d.Snapshot(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range snapshot.Folders {
		if f.Path == s.path(name) {
			return f
		}
	}
	s.t.Fatalf("%s is not watched", name)
	return status.Folder{}
}

// share puts a share in the place of a folder.
func (s *studio) share(name string, options ...string) *mounttest.Share {
	s.t.Helper()
	return mounttest.Bind(s.t, s.t.TempDir(), s.path(name), options...)
}

// creates is how many uploads were made at Scenario.
func (s *studio) creates() int { return s.server.Account().Requests[standin.OpCreate] }

// The whole product on each filesystem: what is dropped here, and on a share what comes
// from elsewhere, becomes an asset exactly once, and the status says how it is noticed.
func TestFilesystems(t *testing.T) {
	for name, c := range map[string]struct {
		mount func(s *studio, at string) (elsewhere string) // where others write; "" for nowhere
		mode  string
		why   string // a word that the reason has
	}{
		"tmpfs":    {func(s *studio, at string) string { mounttest.Tmpfs(s.t, at, 64<<20); return "" }, "events", ""},
		"ext4":     {func(s *studio, at string) string { mounttest.Ext4(s.t, at, 64<<20); return "" }, "events", ""},
		"old ext4": {func(s *studio, at string) string { mounttest.OldExt4(s.t, at, 64<<20); return "" }, "events", ""},
		"vfat":     {func(s *studio, at string) string { mounttest.Vfat(s.t, at, 64<<20); return "" }, "events", ""},
		"overlay": {func(s *studio, at string) string {
			return mounttest.Overlay(s.t, at, func(lower string) {
				if err := os.Mkdir(filepath.Join(lower, "below"), 0o755); err != nil {
					s.t.Fatal(err)
				}
			}).Lower
		}, "events", ""},
		"bindfs": {func(s *studio, at string) string { return mounttest.Bind(s.t, s.t.TempDir(), at).Source }, "polling", "fuse"},
		"sshfs":  {func(s *studio, at string) string { return mounttest.SSH(s.t, s.t.TempDir(), at).Source }, "polling", "fuse.sshfs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			s.config.Upload.PartSize = partSize
			s.config.Watches[0].Rescan = 200 * time.Millisecond // an overlay has no events for its lower layer either
			elsewhere := c.mount(s, s.path("Characters"))
			early := s.save(noise(1000, 1), "Characters", "early.png")
			d, _ := s.run()
			s.await(drop.Imported, "Characters", "early.png")
			sums := []string{early, s.save(noise(partSize+1000, 2), "Characters", "large.png"), s.save(noise(1000, 3), "Characters", "Orcs", "small.png")}
			s.await(drop.Imported, "Characters", "large.png")
			s.await(drop.Imported, "Characters", "Orcs", "small.png")
			if elsewhere != "" {
				sums = append(sums, s.saveAt(noise(2000, 4), elsewhere, "below", "remote.png"), s.saveAt(noise(partSize+2000, 5), elsewhere, "below", "remote-large.png"))
				s.await(drop.Imported, "Characters", "below", "remote.png")
				s.await(drop.Imported, "Characters", "below", "remote-large.png")
			}
			s.exactlyOnce(sums...)
			if n := s.creates(); n != len(sums) {
				t.Errorf("%d uploads were made for %d files", n, len(sums))
			}
			if f := s.folder(d, "Characters"); f.Mode != c.mode || !strings.Contains(f.Why, c.why) || (f.Why != "") != (c.mode == "polling") {
				t.Errorf("%+v", f)
			}
		})
	}
}

// saveAt is save for a directory outside of the studio's.
func (s *studio) saveAt(data []byte, dir string, parts ...string) string {
	s.t.Helper()
	path := filepath.Join(append([]string{dir}, parts...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
	return sumOf(data)
}

// A file whose lower layer is changed behind the overlay is sent anew by the next scan;
// one that is copied up becomes another file (device and inode), and no other content.
func TestOverlayLayers(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].Rescan = 200 * time.Millisecond
	first, up := noise(1000, 1), noise(1000, 2)
	lower := mounttest.Overlay(t, s.path("Characters"), func(lower string) {
		s.saveAt(first, lower, "below.png")
		s.saveAt(up, lower, "up.png")
	}).Lower
	s.run()
	s.await(drop.Imported, "Characters", "below.png")
	s.await(drop.Imported, "Characters", "up.png")

	before := identity(t, s.path("Characters", "up.png"))
	if err := os.Chmod(s.path("Characters", "up.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	if identity(t, s.path("Characters", "up.png")) == before {
		t.Log("this kernel keeps the identity of a file that is copied up")
	}
	second := s.saveAt(noise(1200, 3), lower, "below.png")
	s.until("the lower layer's new version is imported", func() bool {
		return len(s.server.Account().BySHA256()[second]) == 1
	}, func() string { it, _ := s.item("Characters", "below.png"); return string(it.State) })
	s.await(drop.Imported, "Characters", "up.png")
	s.exactlyOnce(sumOf(first), sumOf(up), second)
	if n := s.creates(); n != 3 {
		t.Errorf("%d uploads were made for 3 contents", n)
	}
}

// identity is a file's device and inode.
func identity(t *testing.T, path string) [2]uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return [2]uint64{st.Dev, st.Ino}
}

// A file that is copied up while it is being sent is still sent whole, and once.
func TestOverlayCopyUpWhileSent(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Upload.PartSize = partSize
	data := noise(3*partSize, 1)
	mounttest.Overlay(t, s.path("Characters"), func(lower string) { s.saveAt(data, lower, "orc.png") })
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 1, When: standin.Middle, Do: standin.DoStall})
	s.run()
	s.until("the first part is under way", func() bool { return s.server.Account().Fired == 1 }, func() string { return "it is not" })
	f, err := os.OpenFile(s.path("Characters", "orc.png"), os.O_RDWR, 0) // copies it up, and changes nothing
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	s.server.ClearFaults()
	s.until("it is imported", func() bool { return len(s.server.Account().BySHA256()) == 1 }, func() string { return "it is not" })
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sumOf(data))
}

// A new file that got the inode of a deleted one, and its name, size and modification
// time, is a new version all the same: its change time is another.
func TestReusedInode(t *testing.T) {
	for name, mount := range map[string]func(s *studio){
		"tmpfs": func(s *studio) { mounttest.Tmpfs(s.t, s.path("Characters"), 64<<20) },
		"ext4":  func(s *studio) { mounttest.Ext4(s.t, s.path("Characters"), 64<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			mount(s)
			s.run()
			path := s.path("Characters", "orc.png")
			when := time.Now().Add(-time.Hour)
			var sums []string
			reused := 0
			for i := range 5 {
				var before [2]uint64
				if i > 0 {
					before = identity(t, path)
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				}
				sum := s.save(noise(1000, uint64(i)), "Characters", "orc.png")
				if err := os.Chtimes(path, when, when); err != nil {
					t.Fatal(err)
				}
				if identity(t, path) == before {
					reused++
				}
				s.until("the new file is imported", func() bool { return len(s.server.Account().BySHA256()[sum]) == 1 }, func() string { return "it is not" })
				s.await(drop.Imported, "Characters", "orc.png")
				sums = append(sums, sum)
			}
			t.Logf("the inode was used again %d times of 4", reused)
			s.exactlyOnce(sums...)
		})
	}
}

// Some filesystems keep times of whole seconds, FAT of two. A file saved again at any
// moment after it was sent, with the same size, is a new version: it is not taken up
// before another save would show.
func TestCoarseTimes(t *testing.T) {
	for name, mount := range map[string]func(t testing.TB, at string, size int64){"old ext4": mounttest.OldExt4, "vfat": mounttest.Vfat} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			mount(t, s.path("Characters"), 64<<20)
			s.run()
			now := time.Now()
			time.Sleep(now.Truncate(2 * time.Second).Add(2050 * time.Millisecond).Sub(now)) // a tick begins
			first := s.save(noise(1000, 1), "Characters", "orc.png")
			s.await(drop.Imported, "Characters", "orc.png")
			second := s.save(noise(1000, 2), "Characters", "orc.png")
			s.until("the second save is imported", func() bool { return len(s.server.Account().BySHA256()[second]) == 1 }, func() string {
				it, _ := s.item("Characters", "orc.png")
				return string(it.State)
			})
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(first, second)
		})
	}
}

// A share that was mounted anew has other devices and inodes. What waits then is sent, and
// what was sent is not sent again.
func TestShareMountedAgain(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Upload.PartSize = partSize
	s.config.Watches[0].Rescan = 200 * time.Millisecond
	source := t.TempDir()
	share := mounttest.SSH(t, source, s.path("Characters"))
	d, stop := s.run()
	sums := []string{s.saveAt(noise(1000, 1), source, "sent.png")}
	s.await(drop.Imported, "Characters", "sent.png")
	if err := d.Pause(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	sums = append(sums, s.saveAt(noise(1000, 2), source, "waiting.png"), s.saveAt(noise(2*partSize, 3), source, "waiting-large.png"))
	s.await(drop.Queued, "Characters", "waiting.png")
	s.await(drop.Queued, "Characters", "waiting-large.png")
	before := identity(t, s.path("Characters", "waiting.png"))
	stop()
	share.Unmount()
	mounttest.Tmpfs(t, t.TempDir(), 1<<20) // takes the number of the device that is free now
	mounttest.SSH(t, source, s.path("Characters"))
	if identity(t, s.path("Characters", "waiting.png")) == before {
		t.Error("the share's file has kept its identity: the test shows nothing")
	}
	d, _ = s.run()
	if err := d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.await(drop.Imported, "Characters", "waiting.png")
	s.await(drop.Imported, "Characters", "waiting-large.png")
	scans := s.scans(d, "Characters", 3)
	s.exactlyOnce(sums...)
	if n := s.creates(); n != 3 {
		t.Errorf("%d uploads were made for 3 files, after %d more scans", n, scans)
	}
}

// scans waits until a folder was scanned n more times.
func (s *studio) scans(d *Daemon, name string, n int) int {
	s.t.Helper()
	var last time.Time
	done := -1
	s.until("the folder is scanned", func() bool {
		if f := s.folder(d, name); f.LastScan != nil && !f.LastScan.Equal(last) {
			last = *f.LastScan
			done++
		}
		return done >= n
	}, func() string { return "it is not" })
	return done
}

// A file that somebody elsewhere writes in pieces, with pauses, is never sent half: no
// lease tells of the writer, so only quiet does.
func TestShareWithASlowWriter(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	w := &s.config.Watches[0]
	w.SettleAuto, w.Rescan = true, 100*time.Millisecond
	share := s.share("Characters")
	s.run()
	data := noise(5000, 1)
	share.Write(data[:2000], "orc.png")
	time.Sleep(3 * time.Second) // longer than a local file would have to be quiet
	if n := s.creates(); n > 0 {
		t.Fatal("the first half was sent")
	}
	share.Write(data, "orc.png")
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sumOf(data))
}

// Files are moved from one filesystem to another with their bytes and times. Where the
// other is full a file stays where it is, whole, until there is room, and nothing half is
// left there.
func TestMoveToAnotherFilesystem(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters", "Other")
	s.config.Watches = s.config.Watches[:1]
	mounttest.Tmpfs(t, s.path("Characters"), 64<<20)
	mounttest.Ext4(t, s.path("Other"), 16<<20)
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("Other", "Uploaded")
	small, large, late := noise(1<<20, 1), noise(20<<20, 2), noise(1<<20, 3)
	when := time.Now().Add(-time.Hour).Truncate(time.Second)
	sums := []string{s.save(small, "Characters", "Orcs", "small.png"), s.save(large, "Characters", "large.png")}
	if err := os.Chtimes(s.path("Characters", "Orcs", "small.png"), when, when); err != nil {
		t.Fatal(err)
	}
	_, stop := s.run()
	var it ledger.Item
	s.until("the large file does not fit", func() bool {
		it, _ = s.item("Characters", "large.png")
		return it.Unfinished()
	}, func() string { return fmt.Sprintf("%+v", it) })
	if it.Reason != drop.ReasonCleanupFailed || !strings.Contains(status.Words(it.Detail), "no space") {
		t.Errorf("%s: %s", it.Reason, it.Detail)
	}
	s.await(drop.Imported, "Characters", "Orcs", "small.png")
	sums = append(sums, s.save(late, "Characters", "late.png"))
	s.await(drop.Imported, "Characters", "late.png")
	stop()
	s.exactlyOnce(sums...)
	for path, want := range map[string][]byte{
		s.path("Other", "Uploaded", "Orcs", "small.png"): small,
		s.path("Other", "Uploaded", "late.png"):          late,
		s.path("Characters", "large.png"):                large,
	} {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of %d, %v", path, len(got), len(want), err)
		}
	}
	if info, err := os.Stat(s.path("Other", "Uploaded", "Orcs", "small.png")); err != nil || !info.ModTime().Equal(when) {
		t.Errorf("the moved file's time is %v, %v", info, err)
	}
	if left, err := os.ReadDir(s.path("Other", "Uploaded")); err != nil || len(left) != 2 {
		t.Errorf("in the target are %v, %v", left, err)
	}
}
