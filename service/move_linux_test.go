package service

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/internal/testkit/mounttest"
	"scenario-drop/standin"
)

// However often a daemon is stopped, and the config edited, while files are being moved to
// another disk: each ends up whole, in one place, once.
func TestMoveToAnotherDiskIsInterrupted(t *testing.T) {
	for _, how := range []string{"a stop", "an edit"} {
		t.Run(how, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Films")
			disk := s.path("disk")
			if err := os.Mkdir(disk, 0o755); err != nil {
				t.Fatal(err)
			}
			mounttest.Tmpfs(t, disk, 512<<20)
			into := filepath.Join(disk, "Uploaded")
			s.configFile(t, into, 0)
			data := noise(48<<20, 1)
			var sums []string
			const rounds = 6
			halfway := 0
			_, stop := s.run()
			for n := range rounds {
				data = bytes.Clone(data)
				data[0] = byte(n)
				name := fmt.Sprintf("film %d.bin", n)
				sums = append(sums, s.save(data, "Films", name))
				s.until("a move begins", func() bool {
					copying, moved := names(t, into, ".scenario-drop-"), names(t, into, name)
					if len(copying) > 0 {
						halfway++
					}
					return len(copying) > 0 || len(moved) > 0
				}, func() string { it, err := s.item("Films", name); return fmt.Sprintf("%+v %v", it, err) })
				if how == "a stop" {
					stop()
					for _, left := range names(t, into, "film") {
						if info, err := os.Stat(filepath.Join(into, left)); err != nil || info.Size() != int64(len(data)) {
							t.Errorf("stopped halfway: %s has %v, %v", left, info, err)
						}
					}
					_, stop = s.run()
				} else {
					s.configFile(t, into, n+1)
				}
			}
			for n := range rounds {
				it := s.await(drop.Imported, "Films", fmt.Sprintf("film %d.bin", n))
				if it.Reason != drop.ReasonMoved {
					t.Errorf("film %d: %s %s", n, it.Reason, it.Detail)
				}
			}
			stop()
			s.exactlyOnce(sums...)
			if all := names(t, into, ""); len(all) != rounds {
				t.Errorf("in Uploaded there are %q", all)
			}
			if left := names(t, s.path("Films"), ""); len(left) != 0 {
				t.Errorf("in the watch folder there are %q", left)
			}
			if halfway == 0 {
				t.Error("no move was caught in its middle")
			}
		})
	}
}

// configFile writes the config as a file, which differs with each edit, and has s use it.
func (s *studio) configFile(t *testing.T, into string, edit int) {
	t.Helper()
	file := s.path("config.toml")
	text := fmt.Sprintf(`data_dir = '%s'
[scenario]
base_url = '%s'
api_key = '%s'
api_secret = '%s'
[upload]
files_at_once = %d
[status]
listen = 'off'
[[watch]]
path = '%s'
kind = 'asset'
settle = '0s'
after_upload = 'move'
move_to = '%s'
`, s.config.DataDir, s.server.BaseURL(), s.server.Key(), s.server.Secret(), 8+edit, s.path("Films"), into)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if edit > 0 {
		return // whoever runs takes it
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	s.config = c
}

// names lists what a directory has that begins so.
func names(t *testing.T, dir, prefix string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			found = append(found, e.Name())
		}
	}
	return found
}
