package service

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// A document is saved and stays open in its program. It is sent when it has been unchanged
// for a while, unless it changes before the upload is completed: the later version is sent
// then. It is moved once its program has closed it, and not before.
func TestDocumentThatStaysOpen(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a document has to be unchanged for 20 s, twice")
	}
	s := newStudio(t, standin.Options{}, "Drop")
	needLeases(t, s.dir)
	w := &s.config.Watches[0]
	w.Kind, w.Settle, w.AfterUpload, w.MoveTo = "auto", settleFast, "move", s.path("Drop", "Uploaded")
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStall, Times: -1})
	s.run()
	data := sampleFile(t, "evening-hills.png")
	f, err := os.OpenFile(s.path("Drop", "page.png"), os.O_RDWR|os.O_CREATE, 0o644)
	must(t, err)
	defer f.Close()
	_, err = f.Write(data)
	must(t, err)
	s.until("its upload is being made", func() bool { return s.server.Account().Fired == 1 }, s.told)
	_, err = f.Write([]byte("\n")) // which a PNG may have behind its end
	must(t, err)
	s.server.ClearFaults()
	final := sumOf(append(data, '\n'))
	s.until("the later version is at Scenario", func() bool { return len(s.server.Account().BySHA256()[final]) == 1 }, s.told)
	s.exactlyOnce(final)

	it := s.await(drop.CleaningUp, "Drop", "page.png")
	s.until("it waits to be moved", func() bool {
		it, err = s.item("Drop", "page.png")
		return err == nil && it.Reason == drop.ReasonStillOpen
	}, s.told)
	if sentence := status.Sentence(it, time.Now()); !strings.Contains(sentence, "moved once that program closes it") {
		t.Error(sentence)
	}
	if _, err := os.Lstat(s.path("Drop", "page.png")); err != nil {
		t.Errorf("it was moved while a program had it open: %v", err)
	}
	must(t, f.Close())
	s.await(drop.Imported, "Drop", "page.png")
	if _, err := os.Lstat(s.path("Drop", "Uploaded", "page.png")); err != nil {
		t.Error(err)
	}
	s.exactlyOnce(final)
}

// What a program writes through a mapping may not show in the file's times: on a tmpfs it does
// not. A file that is sent while it is mapped is read once more before its upload is completed.
func TestMappedDocumentIsReadOnceMore(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a document has to be unchanged for 20 s")
	}
	s := newStudio(t, standin.Options{}, "Drop")
	dir, err := os.MkdirTemp("/dev/shm", "scenario-drop-test-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.config.DataDir, s.dir = s.path("data"), dir
	s.config.Watches[0] = config.DefaultWatch(s.path("Drop"))
	w := &s.config.Watches[0]
	w.Kind, w.SettleAuto, w.Settle = "auto", false, settleFast
	must(t, os.Mkdir(w.Path, 0o755))
	needLeases(t, s.dir)
	data := append(sampleFile(t, "evening-hills.png"), '\n') // which a PNG may have behind its end
	s.save(data, "page.png")
	m := mapping(t, s.path("page.png"))
	m[len(m)-1] = ' ' // the first write to a page moves the time
	must(t, os.Rename(s.path("page.png"), s.path("Drop", "page.png")))
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStall, Times: -1})
	s.run()
	s.until("its upload is being made", func() bool { return s.server.Account().Fired == 1 }, s.told)
	m[len(m)-1] = '\r'
	s.server.ClearFaults()
	data[len(data)-1] = '\r'
	s.until("what the file holds is at Scenario", func() bool { return len(s.server.Account().BySHA256()[sumOf(data)]) == 1 }, s.told)
	s.exactlyOnce(sumOf(data))
	must(t, unix.Munmap(m))
}
