package service

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// mounted shows source at the folder, until the test ends.
func mounted(t *testing.T, source, at string) {
	t.Helper()
	if err := unix.Mount(source, at, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) }) // most often it is unmounted already
}

// A disk that is unmounted under a watch folder, in the middle of an upload and with
// files waiting, is never taken for the deletion of its files. Once it is mounted again
// everything goes on where it was.
func TestUnmountedAndMountedAgain(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]func(t *testing.T) string{
		"another filesystem": func(t *testing.T) string {
			dir := t.TempDir()
			if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
				t.Skipf("cannot mount: %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
			return dir
		},
		"a folder of the same filesystem": func(t *testing.T) string { return t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Drop")
			root := s.path("Drop")
			s.config.Upload.PartSize = partSize
			disk := source(t)
			mounted(t, disk, root)
			d, _ := s.run()
			sums := []string{s.save(noise(1000, 1), "Drop", "done.png"), s.save(noise(1000, 2), "Drop", "deep", "done.png")}
			s.await(drop.Imported, "Drop", "done.png")
			s.await(drop.Imported, "Drop", "deep", "done.png")

			s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 2, Do: standin.DoStall, Times: -1})
			sums = append(sums, s.save(noise(2*partSize+1000, 3), "Drop", "deep", "half sent.png"))
			s.until("two parts are there", func() bool { return receipts(t, s) == 2 }, s.told)
			must(t, d.Pause(t.Context(), time.Time{}))
			sums = append(sums, s.save(noise(1000, 4), "Drop", "waits.png"))
			s.await(drop.Queued, "Drop", "waits.png")

			must(t, unix.Unmount(root, unix.MNT_DETACH))
			s.server.ClearFaults()
			must(t, d.Resume(t.Context()))
			s.until("what is on its way waits for the disk", func() bool {
				it, err := s.item("Drop", "waits.png")
				return err == nil && it.Reason == drop.ReasonFolderMissing && strings.Contains(status.Words(it.Detail), "connected")
			}, s.told)
			s.neverGone()

			must(t, unix.Mount(disk, root, "", unix.MS_BIND, ""))
			s.await(drop.Imported, "Drop", "waits.png")
			s.await(drop.Imported, "Drop", "deep", "half sent.png")
			s.exactlyOnce(sums...)
			s.neverGone()
			account := s.server.Account()
			if len(account.Uploads) != len(sums) {
				t.Errorf("there were %d uploads for %d files", len(account.Uploads), len(sums))
			}
			again := s.save(noise(1000, 5), "Drop", "deep", "later.png")
			s.await(drop.Imported, "Drop", "deep", "later.png")
			s.exactlyOnce(append(sums, again)...)
		})
	}
}

// A watch folder deleted and made anew while files of it are sent: what is in the new
// one is watched; what was imported is neither sent again nor taken for gone; what was
// on its way and is there again goes on.
func TestRootDeletedAndMadeAgainWhileSending(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	d, _ := s.run()
	done, waits := noise(1000, 1), noise(1000, 2)
	sums := []string{s.save(done, "Drop", "deep", "done.png")}
	s.await(drop.Imported, "Drop", "deep", "done.png")
	must(t, d.Pause(t.Context(), time.Time{}))
	sums = append(sums, s.save(waits, "Drop", "deep", "waits.png"))
	s.await(drop.Queued, "Drop", "deep", "waits.png")

	must(t, os.RemoveAll(s.path("Drop")))
	must(t, d.Resume(t.Context()))
	s.until("it waits for its folder", func() bool {
		it, err := s.item("Drop", "deep", "waits.png")
		return err == nil && it.Reason == drop.ReasonFolderMissing
	}, s.told)
	must(t, os.Mkdir(s.path("Drop"), 0o755))
	s.until("the folder is well again", func() bool {
		snapshot, err := d.Snapshot(t.Context())
		return err == nil && snapshot.Folders[0].Trouble == ""
	}, s.told)
	s.neverGone()

	s.save(done, "Drop", "deep", "done.png")
	s.save(waits, "Drop", "deep", "waits.png")
	sums = append(sums, s.save(noise(1000, 3), "Drop", "new.png"))
	s.await(drop.Imported, "Drop", "new.png")
	s.await(drop.Imported, "Drop", "deep", "waits.png")
	s.await(drop.Imported, "Drop", "deep", "done.png")
	s.until("all is at rest", s.atRest, s.told)
	s.exactlyOnce(sums...)
	if n := len(s.server.Account().Uploads); n != len(sums) {
		t.Errorf("there were %d uploads for %d contents", n, len(sums))
	}
	s.reasonsGiven()
}

// The one file of a folder deleted while it waits is gone, though its folder is empty
// then: nothing else says that the folder was replaced.
func TestDeletedFromAFolderThenEmpty(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	d, _ := s.run()
	must(t, d.Pause(t.Context(), time.Time{}))
	s.save(noise(1000, 1), "Drop", "only.png")
	s.await(drop.Queued, "Drop", "only.png")
	must(t, os.Remove(s.path("Drop", "only.png")))
	must(t, d.Resume(t.Context()))
	s.await(drop.Gone, "Drop", "only.png")
	s.exactlyOnce()
}

// neverGone asserts that no version was given up as deleted.
func (s *studio) neverGone() {
	s.t.Helper()
	for _, it := range s.items() {
		if it.State == drop.Gone {
			s.t.Errorf("%q was taken for deleted: %s", it.Path, it.Detail)
		}
	}
}
