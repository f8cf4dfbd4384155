package service

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/samples"
	"scenario-drop/standin"
	"scenario-drop/watcher/completeness"
)

// settleFast is far below the pauses that the writers of these tests make.
const (
	settleFast  = 50 * time.Millisecond
	writerPause = 400 * time.Millisecond
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sampleFile is one of the sample files: a format whose own structure says where it ends.
func sampleFile(t *testing.T, name string) []byte {
	t.Helper()
	for _, s := range samples.All() {
		if s.Name == name {
			data, err := s.Data()
			must(t, err)
			return data
		}
	}
	t.Fatalf("there is no sample %s", name)
	return nil
}

// needLeases skips where the kernel does not tell who writes.
func needLeases(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, ".lease")
	must(t, os.WriteFile(path, []byte("x"), 0o644))
	defer os.Remove(path)
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	if file.HasWriter(f) == file.CannotTell {
		t.Skip("this filesystem does not tell who writes")
	}
}

// A file that grows, with pauses far longer than the settle time, is sent when it is
// finished and not before: its format says so, or the program keeps it open.
func TestGrowsWithPauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file string
		keepOpen   bool
	}{
		{"a format with an end, closed in the pauses", "evening-hills.png", false},
		{"a format with an end, kept open", "evening-hills.png", true},
		{"sound, closed in the pauses", "chime.wav", false},
		{"video, closed in the pauses", "bouncing-ball.mp4", false},
		{"a model, closed in the pauses", "example-lora.safetensors", false},
		{"an object, closed in the pauses", "potion.glb", false},
		{"no known format, kept open", "notes.bin", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Drop")
			s.config.Watches[0].Kind, s.config.Watches[0].Settle = "auto", settleFast
			needLeases(t, s.dir)
			data := noise(100_000, 1)
			if tt.file != "notes.bin" {
				data = sampleFile(t, tt.file)
			}
			s.run()
			path := s.path("Drop", tt.file)
			f, err := os.Create(path)
			must(t, err)
			for piece := range slices.Chunk(data, len(data)/4+1) {
				if f == nil {
					f, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
					must(t, err)
				}
				_, err = f.Write(piece)
				must(t, err)
				if !tt.keepOpen {
					must(t, f.Close())
					f = nil
				}
				time.Sleep(writerPause)
			}
			if f != nil {
				if n := len(s.server.Account().Uploads); n != 0 {
					t.Errorf("%d uploads were begun while the file was open", n)
				}
				must(t, f.Close())
			}
			s.await(drop.Imported, "Drop", tt.file)
			s.exactlyOnce(sumOf(data))
			for _, u := range s.server.Account().Uploads {
				if u.Size != int64(len(data)) {
					t.Errorf("an upload of %d bytes was begun, and the file has %d", u.Size, len(data))
				}
			}
		})
	}
}

// Of a format without an end, a program that closes the file, pauses for longer than the
// settle time, and opens it again, nobody can tell whether it is done. What cannot be
// promised is that no such pause is taken for the end. What is promised: whatever was
// sent was the whole file at a time when nobody had it open, and the finished file comes
// after it, as its next version.
func TestReopensToAppend(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	s.config.Watches[0].Kind, s.config.Watches[0].Settle = "asset", settleFast
	needLeases(t, s.dir)
	data := noise(100_000, 1)
	s.run()
	path := s.path("Drop", "notes.bin")
	const piece = 25_000
	closedAt := map[string]int{} // the file's length by the SHA-256 of what it held when it was closed
	for end := piece; end <= len(data); end += piece {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		must(t, err)
		for part := range slices.Chunk(data[end-piece:end], 5_000) { // also pausing while it is open
			_, err = f.Write(part)
			must(t, err)
			time.Sleep(2 * settleFast)
		}
		must(t, f.Close())
		closedAt[sumOf(data[:end])] = end
		if end == piece { // long enough to be taken for finished
			s.await(drop.Imported, "Drop", "notes.bin")
		}
	}
	s.until("the finished file is at Scenario", func() bool { return len(s.server.Account().BySHA256()[sumOf(data)]) == 1 }, s.told)
	s.until("all is at rest", s.atRest, s.told)
	byID := map[string]standin.Entity{}
	for sum, all := range s.server.Account().BySHA256() {
		if len(all) != 1 || closedAt[sum] == 0 {
			t.Errorf("Scenario holds %d assets of %d bytes that the file never was when it was closed", len(all), all[0].Size)
		}
		byID[all[0].ID] = all[0]
	}
	last := s.server.Account().BySHA256()[sumOf(data)][0]
	for at, older := last, 0; ; older++ {
		parent, ok := byID[at.ParentID]
		if !ok {
			if older != len(byID)-1 {
				t.Errorf("the finished file has %d versions before it, want %d", older, len(byID)-1)
			}
			break
		}
		if parent.Size >= at.Size {
			t.Errorf("a version of %d bytes comes before one of %d", parent.Size, at.Size)
		}
		at = parent
	}
	s.reasonsGiven()
}

// A file that has its full size at once and is filled later is not sent with what it
// does not hold yet: while it is open nobody takes it, and closed it ends in zeros, which
// its format forbids.
func TestPreallocated(t *testing.T) {
	t.Parallel()
	sizes := map[string]func(f *os.File, size int64) error{
		"fallocate": func(f *os.File, size int64) error { return unix.Fallocate(int(f.Fd()), 0, 0, size) },
		"sparse":    func(f *os.File, size int64) error { return f.Truncate(size) },
	}
	for _, name := range []string{"evening-hills.png", "bouncing-ball.mp4", "chime.wav", "example-lora.safetensors", "potion.glb", "notes.bin"} {
		for how, size := range sizes {
			for _, keepOpen := range []bool{true, false} {
				t.Run(fmt.Sprint(name, " ", how, " kept open ", keepOpen), func(t *testing.T) {
					t.Parallel()
					preallocated(t, name, size, keepOpen)
				})
			}
		}
	}
}

func preallocated(t *testing.T, name string, size func(*os.File, int64) error, keepOpen bool) {
	data := noise(100_000, 1)
	if name != "notes.bin" {
		data = sampleFile(t, name)
	}
	half := slices.Concat(data[:len(data)/2], make([]byte, len(data)-len(data)/2))
	empty := make([]byte, len(data))
	// Where zeros are legal data (silence, weights) the format cannot say whether they
	// are meant. Closed like this for longer than the settle time, such a file counts as
	// finished; what follows is its next version.
	told := keepOpen || completeness.Check(name, strings.NewReader(string(half)), int64(len(half))).State == completeness.Incomplete &&
		completeness.Check(name, strings.NewReader(string(empty)), int64(len(empty))).State == completeness.Incomplete

	s := newStudio(t, standin.Options{}, "Drop")
	s.config.Watches[0].Kind, s.config.Watches[0].Settle = "auto", settleFast
	needLeases(t, s.dir)
	s.run()
	path := s.path("Drop", name)
	f, err := os.Create(path)
	must(t, err)
	if err := size(f, int64(len(data))); err != nil {
		f.Close()
		t.Skip(err)
	}
	pause := func() {
		if !keepOpen {
			must(t, f.Close())
		}
		time.Sleep(writerPause)
		if !keepOpen {
			f, err = os.OpenFile(path, os.O_WRONLY, 0)
			must(t, err)
		}
	}
	pause()
	_, err = f.WriteAt(data[:len(data)/2], 0)
	must(t, err)
	pause()
	_, err = f.WriteAt(data[len(data)/2:], int64(len(data)/2))
	must(t, err)
	must(t, f.Close())
	s.until("the finished file is at Scenario", func() bool { return len(s.server.Account().BySHA256()[sumOf(data)]) == 1 }, s.told)
	s.until("all is at rest", s.atRest, s.told)
	s.reasonsGiven()
	if told {
		s.exactlyOnce(sumOf(data))
		return
	}
	for sum, all := range s.server.Account().BySHA256() {
		if len(all) != 1 || !slices.Contains([]string{sumOf(data), sumOf(half), sumOf(empty)}, sum) {
			t.Errorf("Scenario holds %d assets of something that the file never was when it was closed", len(all))
		}
	}
	if it, err := s.item("Drop", name); err != nil || it.State != drop.Imported || fmt.Sprintf("%x", it.SHA256) != sumOf(data) {
		t.Errorf("the newest version is %s %x, %v", it.State, it.SHA256, err)
	}
}

// mapping is a file mapped for writing whose descriptor is closed.
func mapping(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	m, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	must(t, err)
	must(t, f.Close())
	return m
}

// onDisks runs a test with a watch folder on the disk that temporary files are on, and
// with one on a tmpfs, where nothing is ever written back: there only the first write to
// each page of a mapping moves the file's time.
func onDisks(t *testing.T, test func(t *testing.T, s *studio)) {
	for name, dir := range map[string]string{"disk": "", "tmpfs": "/dev/shm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Drop")
			if dir != "" {
				dir, err := os.MkdirTemp(dir, "scenario-drop-test-")
				if err != nil {
					t.Skip(err)
				}
				t.Cleanup(func() { os.RemoveAll(dir) })
				s.config.DataDir, s.dir = filepath.Join(s.dir, "data"), dir
				s.config.Watches = []config.Watch{config.DefaultWatch(filepath.Join(dir, "Drop"))}
				must(t, os.Mkdir(filepath.Join(dir, "Drop"), 0o755))
			}
			w := &s.config.Watches[0]
			w.Kind, w.SettleAuto, w.Settle = "asset", false, settleFast
			needLeases(t, s.dir)
			test(t, s)
		})
	}
}

// A program may write through a mapping after it has closed its descriptor, with no
// event, and with the file's time moving now and then at most. The kernel counts it as a writer for
// as long as the mapping lasts.
func TestWritesThroughAMapping(t *testing.T) {
	t.Parallel()
	for _, sync := range []bool{false, true} {
		t.Run(fmt.Sprint("msync ", sync), func(t *testing.T) {
			onDisks(t, func(t *testing.T, s *studio) {
				data := noise(64<<10, 1)
				s.run()
				path := s.path("Drop", "notes.bin")
				must(t, os.WriteFile(s.path("notes.new"), make([]byte, len(data)), 0o644))
				m := mapping(t, s.path("notes.new"))
				must(t, os.Rename(s.path("notes.new"), path))
				for at := 0; at < len(data); at += len(data) / 4 {
					copy(m[at:at+len(data)/4], data[at:])
					if sync {
						must(t, unix.Msync(m, unix.MS_SYNC))
					}
					time.Sleep(writerPause)
				}
				if n := len(s.server.Account().Uploads); n != 0 {
					t.Errorf("%d uploads were begun while the file was mapped for writing", n)
				}
				must(t, unix.Munmap(m))
				s.await(drop.Imported, "Drop", "notes.bin")
				s.exactlyOnce(sumOf(data))
			})
		})
	}
}

// A mapping made after the file was taken for finished keeps it from being sent, or an
// upload that is under way from being completed, for as long as it lasts, even where the
// program has put the file's time back. Once it is gone the bytes are compared with those
// that were sent.
func TestMappedWhileOnItsWay(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"waiting": 64 << 10, "being sent": 2*partSize + 1000} {
		t.Run(name, func(t *testing.T) {
			onDisks(t, func(t *testing.T, s *studio) { mappedOnItsWay(t, s, size) })
		})
	}
}

func mappedOnItsWay(t *testing.T, s *studio, size int) {
	s.config.Upload.PartSize = partSize
	path, large := s.path("Drop", "notes.bin"), size > partSize
	d, _ := s.run()
	if large { // its upload is being made, and none of it was read yet
		s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStall, Times: -1})
	} else {
		must(t, d.Pause(t.Context(), time.Time{}))
	}
	s.save(noise(size, 1), "Drop", "notes.bin")
	info, err := os.Stat(path)
	must(t, err)
	if large {
		s.until("its upload is being made", func() bool { return s.server.Account().Fired == 1 }, s.told)
	} else {
		s.await(drop.Queued, "Drop", "notes.bin")
	}
	m := mapping(t, path)
	copy(m[100:], "half of the change")
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	s.server.ClearFaults()
	must(t, d.Resume(t.Context()))
	s.until("it waits for the program", func() bool {
		return slices.ContainsFunc(s.items(), func(it ledger.Item) bool { return it.Reason == drop.ReasonStillOpen })
	}, s.told)
	requests := s.server.Account().Requests
	if n := requests[standin.OpComplete]; n != 0 {
		t.Errorf("an upload was completed while the file was mapped for writing")
	}
	if n := requests[standin.OpCreate]; !large && n != 0 {
		t.Errorf("an upload was begun while the file was mapped for writing")
	}
	copy(m[200:], "the other half") // which moves no time: the page was written to before
	now := sumOf(m)
	must(t, unix.Munmap(m))
	s.until("the finished file is at Scenario", func() bool { return len(s.server.Account().BySHA256()[now]) > 0 }, s.told)
	s.until("all is at rest", s.atRest, s.told)
	s.exactlyOnce(now)
	s.reasonsGiven()
}

// What is written through a mapping after the import comes without an event; the next
// scan sees by the time that the file changed.
func TestMappedAfterImport(t *testing.T) {
	t.Parallel()
	onDisks(t, func(t *testing.T, s *studio) {
		s.config.Watches[0].Rescan = 200 * time.Millisecond
		before := s.save(noise(64<<10, 1), "Drop", "notes.bin")
		s.run()
		s.await(drop.Imported, "Drop", "notes.bin")
		m := mapping(t, s.path("Drop", "notes.bin"))
		copy(m, "a later change")
		now := sumOf(m)
		must(t, unix.Munmap(m))
		s.until("the change is a version", func() bool { return len(s.server.Account().BySHA256()[now]) == 1 }, s.told)
		if held := s.exactlyOnce(before, now); held[now].ParentID != held[before].ID {
			t.Errorf("its parent is %q, want %q", held[now].ParentID, held[before].ID)
		}
	})
}
