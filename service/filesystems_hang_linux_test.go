package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/standin"
	"scenario-drop/status"
	"scenario-drop/uploader"
)

// stopsWithin ends the daemon and asserts that it takes no longer than it may.
func stopsWithin(t *testing.T, limit time.Duration, stop func()) {
	t.Helper()
	began := time.Now()
	stop()
	if took := time.Since(began); took > limit {
		t.Errorf("the daemon took %v to end", took)
	}
}

// A share that hangs stalls its own folder alone, does not keep the daemon from ending or
// starting, and goes on by itself. What the status says of it takes longer to show: see
// the soak form, and the watcher's tests.
func TestShareThatHangs(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Local")
	s.config.Watches[0].Rescan = 100 * time.Millisecond
	share := s.share("Share")
	d, stop := s.run()
	s.scans(d, "Share", 1)
	share.Hang()
	share.Write(noise(1000, 1), "remote.png")
	sums := []string{sumOf(noise(1000, 1)), s.save(noise(1000, 2), "Local", "a.png")}
	s.await(drop.Imported, "Local", "a.png")
	stopsWithin(t, 10*time.Second, stop)

	d, _ = s.run() // with the share hanging from the start
	sums = append(sums, s.save(noise(1000, 3), "Local", "b.png"))
	s.await(drop.Imported, "Local", "b.png")
	share.Resume()
	s.await(drop.Imported, "Share", "remote.png")
	if f := s.folder(d, "Share"); f.Trouble != "" || f.Mode != "polling" {
		t.Errorf("the share's folder is well again, and the status says %+v", f)
	}
	s.exactlyOnce(sums...)
}

// A share whose server died is the trouble of its own folder alone, and goes on by itself
// once it is mounted again.
func TestShareThatDies(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Local")
	s.config.Watches[0].Rescan = 100 * time.Millisecond
	share := s.share("Share")
	d, _ := s.run()
	sums := []string{s.save(noise(1000, 1), "Share", "a.png")}
	s.await(drop.Imported, "Share", "a.png")
	share.Die()
	s.until("the status tells", func() bool { return s.folder(d, "Share").Trouble != "" }, func() string { return "it does not" })
	if f := s.folder(d, "Share"); !strings.Contains(f.Trouble, s.path("Share")) || !strings.Contains(f.Trouble, "tried again") {
		t.Errorf("the status: %s", f.Trouble)
	}
	sums = append(sums, s.save(noise(1000, 2), "Local", "b.png"))
	s.await(drop.Imported, "Local", "b.png")
	share.Detach()
	again := mounttest.Bind(t, share.Source, share.Mount)
	again.Write(noise(1000, 3), "c.png")
	s.await(drop.Imported, "Share", "c.png")
	s.exactlyOnce(append(sums, sumOf(noise(1000, 3)))...)
	if n := s.creates(); n != 3 {
		t.Errorf("%d uploads were made for 3 files", n)
	}
}

// impatient lets a folder be unresponsive for a second only before its files are left alone.
func impatient(d *Daemon) {
	d.engine.remake(func(o *uploader.Options) { o.AnswerWithin = time.Second })
}

// The files of a share that hangs hold no lane and no connection for long: those of other
// folders are sent meanwhile, and theirs when it answers again.
func TestHangingFilesLeaveTheirSizeClasses(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Local")
	s.config.Watches[0].Rescan = 100 * time.Millisecond
	s.config.Upload.FilesAtOnce, s.config.Upload.Connections, s.config.Upload.PartSize = 4, 2, partSize
	share := s.share("Share")
	d, stop := s.run(impatient)
	if err := d.Pause(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	var sums []string
	for i := range 12 {
		data := noise(1000, uint64(i))
		if i%3 == 0 {
			data = noise(2*partSize, uint64(i))
		}
		share.Write(data, fmt.Sprintf("%02d.png", i))
		sums = append(sums, sumOf(data))
	}
	for i := range 12 {
		s.await(drop.Queued, "Share", fmt.Sprintf("%02d.png", i))
	}
	share.Hang()
	if err := d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.until("every lane has run into it", func() bool { return len(d.engine.uploader.Transfers()) >= 4 }, func() string { return "it has not" })
	began := time.Now()
	for i, data := range [][]byte{noise(1000, 100), noise(2*partSize, 101)} {
		name := fmt.Sprintf("%d.png", i)
		sums = append(sums, s.save(data, "Local", name))
		s.await(drop.Imported, "Local", name)
	}
	t.Logf("the local files were imported after %v", time.Since(began).Round(time.Millisecond))
	told := false
	for i := range 12 {
		it, err := s.item("Share", fmt.Sprintf("%02d.png", i))
		if err != nil {
			t.Fatal(err)
		}
		told = told || it.Reason == drop.ReasonFolderUnresponsive && strings.Contains(status.Words(it.Detail), s.path("Share"))
		if !it.State.Active() {
			t.Errorf("%s is %s: %s", it.Path, it.State, it.Detail)
		}
	}
	if !told {
		t.Error("no file's reason names the folder that hangs")
	}
	stopsWithin(t, 10*time.Second, stop)
	share.Resume()
	s.run()
	for i := range 12 {
		s.await(drop.Imported, "Share", fmt.Sprintf("%02d.png", i))
	}
	s.exactlyOnce(sums...)
}

// A share that hangs while the parts of its files are being read stalls their own
// connections alone. What was sent of them counts when it answers again.
func TestShareThatHangsWhileSent(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Share", "Local")
	s.config.Watches[0].Rescan = 100 * time.Millisecond
	s.config.Upload.Connections, s.config.Upload.PartSize = 2, partSize
	share := s.share("Share", "-o", "direct_io") // no page cache hides that it hangs
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 2, When: standin.Before, Do: standin.DoDelay, Delay: 2 * time.Second, Times: 2})
	d, _ := s.run(impatient)
	var sums []string
	for i := range 2 {
		data := noise(4*partSize, uint64(i))
		share.Write(data, fmt.Sprintf("%d.png", i))
		sums = append(sums, sumOf(data))
	}
	s.until("both are being sent", func() bool { return s.server.Account().Requests[standin.OpPart] >= 2 }, func() string { return "they are not" })
	share.Hang()
	sums = append(sums, s.save(noise(2*partSize, 100), "Local", "large.png"), s.save(noise(1000, 101), "Local", "small.png"))
	s.await(drop.Imported, "Local", "large.png")
	s.await(drop.Imported, "Local", "small.png")
	if snapshot, err := d.Snapshot(t.Context()); err != nil || snapshot.Trouble != "" {
		t.Errorf("the storage is blamed: %q, %v", snapshot.Trouble, err)
	}
	share.Resume()
	for i := range 2 {
		s.await(drop.Imported, "Share", fmt.Sprintf("%d.png", i))
	}
	s.exactlyOnce(sums...)
	// The share is polled, so a file may have been begun while it was still being
	// written; such an upload is never completed.
	complete := 0
	for _, u := range s.server.Account().Uploads {
		if u.Size != 4*partSize && u.Status == "pending" {
			continue
		}
		if complete++; u.Status != "imported" {
			t.Errorf("an upload of %s is %s", u.FileName, u.Status)
		}
	}
	if complete != 4 {
		t.Errorf("%d uploads of complete files were made for 4 files", complete)
	}
}
