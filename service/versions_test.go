package service

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// waits waits until the newest state of a file, of that size, waits for version_interval.
func (s *studio) waits(size int, parts ...string) ledger.Item {
	s.t.Helper()
	var it ledger.Item
	s.until("the newest version waits", func() bool {
		var err error
		it, err = s.item(parts...)
		return err == nil && it.Fingerprint.Size == int64(size) && it.WaitsForInterval(time.Now())
	}, func() string { return fmt.Sprintf("it is %s (%s, %d bytes)", it.State, it.Reason, it.Fingerprint.Size) })
	return it
}

// A file that is saved several times within version_interval becomes two versions, however it is
// saved: the first at once, and the last state when the interval is over. So does a playlist that
// is rewritten while the stream lives. What waits says so.
func TestVersionInterval(t *testing.T) {
	for _, onChange := range []string{"version", "new"} {
		t.Run(onChange, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Live")
			w := &s.config.Watches[0]
			w.Kind, w.OnChange, w.VersionInterval = "asset", onChange, 24*time.Hour
			playlist := func(segments int) []byte {
				text := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n"
				for i := range segments {
					text += fmt.Sprintf("#EXTINF:4.0,\nsegment%d.m4s\n", i)
				}
				return []byte(text)
			}
			d, _ := s.run()
			first := s.save(playlist(1), "Live", "live.m3u8")
			s.await(drop.Imported, "Live", "live.m3u8")
			last := ""
			for n := 2; n <= 4; n++ { // in place, and by a temporary file that is renamed
				data := playlist(n)
				if n%2 == 0 {
					last = s.save(data, "Live", "live.m3u8")
				} else {
					last = s.save(data, "live.m3u8.new")
					s.must(os.Rename(s.path("live.m3u8.new"), s.path("Live", "live.m3u8")))
				}
				s.waits(len(data), "Live", "live.m3u8")
			}
			it := s.waits(len(playlist(4)), "Live", "live.m3u8")
			if says := status.Sentence(it, time.Now()); !strings.HasPrefix(says, "Waiting. A new version of a file is uploaded at most every 24h") {
				t.Errorf("it says %q", says)
			}
			if now, err := d.Snapshot(t.Context()); err != nil || now.Versions != 1 || now.Counts[drop.Held] != 0 {
				t.Errorf("the status has %d versions that wait, %d held, %v", now.Versions, now.Counts[drop.Held], err)
			}
			s.exactlyOnce(first)

			// A shorter interval is in force at once, without a scan.
			edited := withoutIntervals(s.config)
			s.must(d.engine.apply(t.Context(), edited, diff(s.config, edited)))
			s.await(drop.Imported, "Live", "live.m3u8")
			s.exactlyOnce(first, last)
			third := s.save(playlist(5), "Live", "live.m3u8")
			s.until("the next goes at once", func() bool { return len(s.server.Account().BySHA256()[third]) == 1 }, func() string { return "it does not" })
			s.exactlyOnce(first, last, third)
		})
	}
}

// A version that waits does so after a restart, and goes with a single pass, which does not wait;
// nor does what changes between two passes.
func TestOnceDoesNotWaitForVersions(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].VersionInterval = 24 * time.Hour
	_, stop := s.run()
	sums := []string{s.save(noise(1000, 1), "Characters", "a.png")}
	s.await(drop.Imported, "Characters", "a.png")
	sums = append(sums, s.save(noise(2000, 2), "Characters", "a.png"))
	s.waits(2000, "Characters", "a.png")
	stop()
	if now, err := OfflineSnapshot(t.Context(), s.config); err != nil || now.Versions != 1 {
		t.Errorf("while nothing runs %d versions wait, %v", now.Versions, err)
	}
	_, stop = s.run()
	s.waits(2000, "Characters", "a.png")
	stop()
	s.exactlyOnce(sums[0])
	s.once()
	s.exactlyOnce(sums...)
	sums = append(sums, s.save(noise(3000, 3), "Characters", "a.png"))
	s.once()
	s.exactlyOnce(sums...)
}

// A single pass does not wait for a version of a folder that was taken out of the config.
func TestOnceWithoutTheFolderOfAVersion(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches[0].VersionInterval = 24 * time.Hour
	_, stop := s.run()
	first := s.save(noise(1000, 1), "Characters", "a.png")
	s.await(drop.Imported, "Characters", "a.png")
	s.save(noise(2000, 2), "Characters", "a.png")
	s.waits(2000, "Characters", "a.png")
	stop()
	s.config.Watches = s.config.Watches[1:]
	s.once()
	s.exactlyOnce(first)
	if it, err := s.item("Characters", "a.png"); err != nil || it.State.Active() {
		t.Errorf("it is %s, %v", it.State, err)
	}
}

// A version that waits goes at once when somebody asks for the file, and a retry of everything
// leaves it alone.
func TestRetryOfAWaitingVersion(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].VersionInterval = 24 * time.Hour
	d, _ := s.run()
	first := s.save(noise(1000, 1), "Characters", "a.png")
	s.await(drop.Imported, "Characters", "a.png")
	second := s.save(noise(2000, 2), "Characters", "a.png")
	s.waits(2000, "Characters", "a.png")
	n, err := d.Retry(t.Context(), nil)
	s.must(err)
	if n != 0 {
		t.Errorf("a retry of all lets %d on", n)
	}
	s.waits(2000, "Characters", "a.png")
	s.exactlyOnce(first)
	n, err = d.Retry(t.Context(), []string{s.path("Characters", "a.png")})
	s.must(err)
	if n != 1 {
		t.Errorf("a retry of the file lets %d on", n)
	}
	s.await(drop.Imported, "Characters", "a.png")
	s.exactlyOnce(first, second)
}

// The interval is a setting of the folder: where the file has none it is 30 s.
func TestVersionIntervalByDefault(t *testing.T) {
	if w := config.DefaultWatch("/art"); w.VersionInterval != 30*time.Second {
		t.Errorf("it is %v", w.VersionInterval)
	}
}
