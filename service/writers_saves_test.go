package service

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// However a program saves, once or twice in a moment, Scenario holds what was saved
// last, nothing that was never a whole save, and each save at most once.
func TestSavedTwiceInASecond(t *testing.T) {
	t.Parallel()
	for name, save := range map[string]func(path string, data []byte) error{
		"in place": func(path string, data []byte) error { return os.WriteFile(path, data, 0o644) },
		"through a temporary file": func(path string, data []byte) error {
			if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
				return err
			}
			return os.Rename(path+".tmp", path)
		},
		"old one kept aside": func(path string, data []byte) error {
			if err := os.Rename(path, path+".bak"); err != nil && !os.IsNotExist(err) {
				return err
			}
			return os.WriteFile(path, data, 0o644)
		},
	} {
		for _, apart := range []time.Duration{0, 100 * time.Millisecond, 700 * time.Millisecond} {
			t.Run(fmt.Sprint(name, " ", apart), func(t *testing.T) {
				t.Parallel()
				if runtime.GOOS == "windows" && name != "in place" {
					t.Skip("a file that is being read cannot be renamed over there")
				}
				s := newStudio(t, standin.Options{ImportDelay: 30 * time.Millisecond}, "Characters")
				s.config.Watches[0].SettleAuto = true
				s.run()
				saves := map[string]bool{}
				var last []byte
				for i := range 3 {
					last = noise(150<<10+i, uint64(i))
					saves[sumOf(last)] = true
					if err := save(s.path("Characters", "orc.bin"), last); err != nil {
						t.Fatal(err)
					}
					time.Sleep(apart)
				}
				s.until("the last save is at Scenario", func() bool { return len(s.server.Account().BySHA256()[sumOf(last)]) == 1 }, s.told)
				s.until("all is at rest", s.atRest, s.told)
				for sum, all := range s.server.Account().BySHA256() {
					if !saves[sum] || len(all) != 1 {
						t.Errorf("Scenario holds %d assets of content that is a save: %v", len(all), saves[sum])
					}
				}
				if it, err := s.item("Characters", "orc.bin"); err != nil || it.State != drop.Imported || fmt.Sprintf("%x", it.SHA256) != sumOf(last) {
					t.Errorf("the newest version is %s %x, %v", it.State, it.SHA256, err)
				}
				s.reasonsGiven()
			})
		}
	}
}
