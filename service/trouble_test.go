package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// An upload that was half sent when the daemon ended goes on where it was: no part
// that storage has acknowledged is sent again.
func TestHalfSentUploadGoesOn(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Upload.PartSize, s.config.Upload.Connections = partSize, 2
	const parts = 6
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 4, Do: standin.DoStall})
	sum := s.save(noise(parts*partSize-1, 1), "Characters", "orc.png")
	_, stop := s.run()
	s.until("three parts are acknowledged", func() bool { return receipts(t, s) >= 3 }, func() string { return "there are fewer" })
	stop()
	s.server.ClearFaults()
	acknowledged := receipts(t, s)
	s.run()
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
	account := s.server.Account()
	if len(account.Uploads) != 1 {
		t.Errorf("there are %d uploads, want 1", len(account.Uploads))
	}
	puts := 0
	for _, p := range account.Uploads[0].Parts {
		puts += p.Puts
	}
	if limit := parts + (parts - acknowledged); puts > limit {
		t.Errorf("%d of %d parts were acknowledged, and %d were sent in all", acknowledged, parts, puts)
	}
}

func receipts(t *testing.T, s *studio) int {
	t.Helper()
	l, err := ledger.OpenReadOnly(t.Context(), LedgerPath(s.config.DataDir))
	if err != nil {
		return 0
	}
	defer l.Close()
	items, err := l.Recent(t.Context(), 1, drop.Uploading)
	if err != nil || len(items) == 0 {
		return 0
	}
	sent, err := l.PartsSent(t.Context(), items[0].Upload.ID)
	if err != nil {
		return 0
	}
	return len(sent)
}

// A file that changes while its parts are on the way is not completed; its new version
// is sent in its place.
func TestChangedWhileSentIsNeverCompleted(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s *studio, path string, data []byte){
		"written over": func(t *testing.T, s *studio, path string, data []byte) {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		},
		"replaced": func(t *testing.T, s *studio, path string, data []byte) {
			if err := os.WriteFile(path+".new", data, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		},
		"bytes changed, times kept": func(t *testing.T, s *studio, path string, data []byte) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(data[:len(data)-7], 0); err != nil {
				t.Fatal(err)
			}
			if err := f.Truncate(info.Size()); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Characters")
			s.config.Upload.PartSize = partSize
			s.config.Watches[0].Exclude = []string{"*.new"}
			const size = 3 * partSize
			old, path := noise(size, 1), s.path("Characters", "orc.png")
			s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 1, When: standin.Middle, Do: standin.DoStall})
			s.save(old, "Characters", "orc.png")
			s.run()
			s.until("the first part is under way", func() bool { return s.server.Account().Fired == 1 }, func() string { return "it is not" })
			change(t, s, path, noise(size, 2))
			now, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s.server.ClearFaults()
			want := s.save(now, "Characters", "same", "copy.png") // brings the content's hash, and a duplicate
			s.await(drop.Imported, "Characters", "same", "copy.png")
			s.await(drop.Imported, "Characters", "orc.png")
			s.exactlyOnce(want)
		})
	}
}

// Bad files end in a state with a sentence, and nothing else suffers.
func TestBadFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("names and permissions as on Linux")
	}
	s := newStudio(t, standin.Options{}, "Characters")
	good := s.save(noise(1000, 1), "Characters", "good.png")
	newline := s.save(noise(1000, 2), "Characters", "two\nlines.png")
	invalid := s.save(noise(1000, 3), "Characters", "b\xffd.png")
	s.save(nil, "Characters", "empty.png")
	cut := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDA")
	s.save(cut, "Characters", "cut.png")

	res := s.once()
	if res.Counts[drop.Imported] != 3 || res.Counts[drop.Held] != 2 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(good, newline, invalid)
	for _, name := range []string{"empty.png", "cut.png"} {
		it, err := s.item("Characters", name)
		if err != nil || it.State != drop.Held || len(status.Words(it.Detail)) < 20 {
			t.Errorf("%s: %+v, %v", name, it, err)
		}
	}
}

// A file that vanishes while it is being sent ends as gone, with a sentence.
func TestVanishesWhileSent(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Upload.PartSize = partSize
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 1, When: standin.Middle, Do: standin.DoStall})
	s.save(noise(3*partSize, 1), "Characters", "orc.png")
	s.run()
	s.until("the first part is under way", func() bool { return s.server.Account().Fired == 1 }, func() string { return "it is not" })
	if err := os.Remove(s.path("Characters", "orc.png")); err != nil {
		t.Fatal(err)
	}
	s.server.ClearFaults()
	it := s.await(drop.Gone, "Characters", "orc.png")
	if it.Detail == "" {
		t.Error("there is no sentence")
	}
	s.exactlyOnce()
}

// Part URLs that expire on the way are fetched anew, and no part is lost.
func TestExpiredURLs(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Upload.PartSize = partSize
	s.server.Inject(standin.Fault{Op: standin.OpPart, Do: standin.DoStatus, Status: 403, Skip: 1, Times: 2})
	sum := s.save(noise(6*partSize, 1), "Characters", "orc.png")
	s.once()
	s.exactlyOnce(sum)
	if n := len(s.server.Account().Uploads); n != 1 {
		t.Errorf("there are %d uploads, want 1", n)
	}
}

func TestRefusedKey(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	right := s.config.Scenario.Credentials
	s.config.Scenario.Credentials.Secret = "wrong"
	res := s.once()
	if !strings.Contains(res.Unreachable, "key") || res.Waiting != 1 {
		t.Errorf("with a wrong key: %+v", res)
	}
	if it, err := s.item("Characters", "orc.png"); err != nil || !it.State.Active() {
		t.Errorf("the file does not wait: %+v, %v", it, err)
	}
	s.config.Scenario.Credentials = right
	s.once()
	s.exactlyOnce(sum)
}

// Whatever goes wrong with a request, at whatever moment, each content becomes one
// asset, and no file fails.
func TestFaultsOfTheNetwork(t *testing.T) {
	t.Parallel()
	for _, op := range []string{standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet, standin.OpAsset, standin.OpCollections, standin.OpCollectionCreate, standin.OpLink} {
		for _, when := range []string{standin.Before, standin.Middle, standin.After} {
			t.Run(op+" "+when, func(t *testing.T) {
				t.Parallel()
				s := newStudio(t, standin.Options{ImportDelay: 20 * time.Millisecond}, "Characters", "Props")
				s.config.Upload.PartSize = partSize
				s.config.Watches[0].Collections = []string{"Characters"}
				s.config.Watches[1].Collections = []string{"Props"}
				faults := 0
				for _, f := range []standin.Fault{
					{Do: standin.DoDrop}, {Do: standin.DoDrop, Reset: true}, {Do: standin.DoStatus, Status: 500}, {Do: standin.DoStatus, Status: 503, RetryAfter: "0"},
					{Do: standin.DoStatus, Status: 429}, {Do: standin.DoGarbage}, {Do: standin.DoHTML},
				} {
					if when == standin.Middle && f.Do == standin.DoStatus {
						continue // half an answer has gone already
					}
					f.Op, f.When = op, when
					if tryInject(s.server, f) {
						faults++
					}
				}
				if faults == 0 {
					t.Skip("no such fault can strike")
				}
				data := noise(partSize+1000, 1)
				sums := []string{s.save(data, "Characters", "large.png"), s.save(noise(1000, 2), "Characters", "small.png")}
				s.once()
				s.save(data, "Props", "copy.png") // a duplicate: asset, link
				s.once()
				held := s.exactlyOnce(sums...)
				if n := len(held[sums[0]].Collections); n != 2 {
					t.Errorf("the copied content is in %d collections, want 2", n)
				}
				for _, c := range s.server.Account().Collections {
					for _, d := range s.server.Account().Collections {
						if c.Name == d.Name && c.ID != d.ID {
							t.Errorf("the collection %q was made twice", c.Name)
						}
					}
				}
				if s.server.Account().Fired == 0 {
					t.Error("no fault struck")
				}
			})
		}
	}
}

// tryInject reports whether the stand-in knows how the fault could strike.
func tryInject(s *standin.Server, f standin.Fault) (ok bool) {
	defer func() { ok = recover() == nil }()
	s.Inject(f)
	return true
}

// The points that the API's reference leaves open may turn out either way.
func TestOpenPoints(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]standin.Behavior{
		"friendly":         {},
		"shuffled parts":   {ShuffleParts: true},
		"expires offset":   {Expires: "offset"},
		"expires http":     {Expires: "http"},
		"expires unix":     {Expires: "unix"},
		"expires unix ms":  {Expires: "unix-ms"},
		"expires none":     {Expires: "none"},
		"opaque etag":      {OpaqueETag: true},
		"add twice":        {AddTwice: "error"},
		"early entity":     {EarlyEntityID: true},
		"no parts on get":  {NoPartsOnGet: true},
		"job":              {JobID: true},
		"unknown":          {Unknown: true},
		"recomplete 409":   {Recomplete: 409},
		"recomplete 200":   {Recomplete: 200},
		"long statuses":    {Statuses: []string{"complete", "validating", "validated", "brand-new"}},
		"incomplete fails": {IncompleteFails: true},
		"rate limit":       {RatePerSecond: 20, RetryAfter: "seconds"},
		"rate limit bare":  {RatePerSecond: 20},
		"errors as text":   {ErrorShape: "text", AddTwice: "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{Behavior: play, ImportDelay: 30 * time.Millisecond}, "Characters", "Props")
			s.config.Upload.PartSize = partSize
			s.config.Watches[0].Collections = []string{"Characters"}
			s.config.Watches[1].Collections = []string{"Props"}
			s.server.Inject(standin.Fault{Op: standin.OpComplete, When: standin.After, Do: standin.DoDrop})
			s.server.Inject(standin.Fault{Op: standin.OpPart, Skip: 1, Do: standin.DoDrop})
			data := noise(partSize+1000, 1)
			sums := []string{s.save(data, "Characters", "large.png"), s.save(noise(1000, 2), "Characters", "small.png")}
			s.once()
			s.save(data, "Props", "copy.png")
			res := s.once()
			if res.Counts[drop.Imported] != 1 {
				t.Errorf("the copy came to %+v", res)
			}
			if held := s.exactlyOnce(sums...); len(held[sums[0]].Collections) != 2 {
				t.Errorf("the copied content is in %v", held[sums[0]].Collections)
			}
		})
	}
}

func TestControl(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	_, stop := s.run()
	var c *status.Client
	s.until("the daemon can be reached", func() bool {
		var err error
		c, err = status.Dial(s.config.DataDir)
		return err == nil
	}, func() string { return "it cannot" })
	if err := c.Pause(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	s.await(drop.Queued, "Characters", "orc.png")
	stop()
	if _, err := c.Snapshot(t.Context()); !errors.Is(err, status.ErrNotRunning) {
		t.Errorf("with no daemon: %v", err)
	}

	s.run() // a pause outlives a restart
	s.until("the daemon can be reached", func() bool {
		var err error
		c, err = status.Dial(s.config.DataDir)
		return err == nil
	}, func() string { return "it cannot" })
	snapshot, err := c.Snapshot(t.Context())
	if err != nil || !snapshot.Paused || snapshot.Waiting() != 1 {
		t.Fatalf("%+v, %v", snapshot, err)
	}
	if err := c.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)

	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 422})
	other := s.save(noise(1000, 2), "Characters", "elf.png")
	s.await(drop.Failed, "Characters", "elf.png")
	if n, err := c.Retry(t.Context(), []string{s.path("Characters", "elf.png")}); err != nil || n != 1 {
		t.Errorf("Retry = %d, %v", n, err)
	}
	s.await(drop.Imported, "Characters", "elf.png")
	s.exactlyOnce(sum, other)
}

func TestOneDaemonPerLedger(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.run()
	_, err := Once(context.Background(), s.config, s.log(), nil, nil)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Holder.PID != os.Getpid() || locked.Holder.Doing != "run" {
		t.Errorf("a second one: %v", err)
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, "ledger.db": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(s.config.DataDir, name))
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v", name, info, err)
		}
	}
}
