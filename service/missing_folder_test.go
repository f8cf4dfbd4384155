package service

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/standin"
)

// trouble is what the daemon says of a folder; "" for nothing.
func (s *editing) trouble(folder string) string {
	for _, f := range s.snapshot().Folders {
		if f.Path == s.path(folder) {
			return f.Trouble
		}
	}
	return "it is not watched"
}

// A folder that is away, whether at the start or because an edit names it, is its own trouble: it
// is named in the status and the log, the others go on, and it begins when it comes. So it is for
// one that is a file, and one whose place another takes.
func TestMissingFolderIsItsOwnTrouble(t *testing.T) {
	s := &editing{studio: newStudio(t, standin.Options{}), log: &logtest.Buffer{}}
	s.file = s.path("config.toml")
	s.logger = slog.New(slog.NewTextHandler(s.log, nil))
	s.write("", "", "Here")
	s.save(nil, "File")
	s.writeOnly("", "", "Here", "Disk", "File")
	s.load()
	s.d, _ = s.run()
	sums := []string{s.save(noise(1000, 1), "Here", "a.png")}
	s.await(drop.Imported, "Here", "a.png")
	for folder, want := range map[string]string{"Here": "", "Disk": "is not there", "File": "is not a folder"} {
		s.until(folder+" is told of", func() bool {
			return strings.Contains(s.trouble(folder), want) && (want != "" || s.trouble(folder) == "")
		},
			func() string { return s.trouble(folder) + s.log.String() })
	}
	if log := s.log.String(); !strings.Contains(log, "folder in trouble") || !strings.Contains(log, s.path("Disk")) {
		t.Error(log)
	}

	// An edit is taken although they are away, and may name one that is, too.
	before := strings.Count(s.log.String(), inForce)
	s.writeOnly("", "", "Here", "Disk", "File", "Later")
	s.until("the edit is in force", func() bool { return strings.Count(s.log.String(), inForce) > before }, s.log.String)
	if now := s.snapshot(); now.ConfigError != "" || len(now.Folders) != 4 {
		t.Errorf("%+v", now)
	}
	sums = append(sums, s.save(noise(1000, 2), "Here", "b.png"))
	s.await(drop.Imported, "Here", "b.png")

	// Each begins when it comes.
	sums = append(sums, s.save(noise(1000, 3), "Disk", "c.png"), s.save(noise(1000, 4), "Later", "d.png"))
	if err := os.Remove(s.path("File")); err != nil {
		t.Fatal(err)
	}
	sums = append(sums, s.save(noise(1000, 5), "File", "e.png"))
	s.await(drop.Imported, "Disk", "c.png")
	s.await(drop.Imported, "Later", "d.png")
	s.await(drop.Imported, "File", "e.png")

	// Another disk takes the place of one.
	if err := os.Rename(s.path("Disk"), s.path("Disk before")); err != nil {
		t.Fatal(err)
	}
	sums = append(sums, s.save(noise(1000, 6), "Disk", "f.png"))
	s.await(drop.Imported, "Disk", "f.png")
	s.exactlyOnce(sums...)
	for _, f := range []string{"Here", "Disk", "File", "Later"} {
		s.until(f+" is well", func() bool { return s.trouble(f) == "" }, func() string { return s.trouble(f) })
	}
}

// A single pass does all others, and says which folder it could not check; verify does not
// take its files for missing.
func TestOnceWithAMissingFolder(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Here", "Disk")
	sums := []string{s.save(noise(1000, 1), "Here", "a.png"), s.save(noise(1000, 2), "Disk", "b.png")}
	s.once()
	if err := os.Rename(s.path("Disk"), s.path("Disk away")); err != nil {
		t.Fatal(err)
	}
	sums = append(sums, s.save(noise(1000, 3), "Here", "c.png"))
	res, err := Once(t.Context(), s.config, s.log(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.ScanProblem == nil || !strings.Contains(res.ScanProblem.Error(), s.path("Disk")) || res.Counts[drop.Imported] != 1 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sums...)

	var differences []string
	_, err = Verify(t.Context(), s.config, nil, s.log(), func(v Verified) {
		for _, d := range v.Differences {
			differences = append(differences, v.Path+": "+d.Sentence)
		}
	})
	if err == nil || !strings.Contains(err.Error(), s.path("Disk")) || len(differences) != 0 {
		t.Errorf("%v, %v", err, differences)
	}
	snapshot, err := OfflineSnapshot(t.Context(), s.config)
	if err != nil || snapshot.Folders[0].Trouble != "" || !strings.Contains(snapshot.Folders[1].Trouble, "is not there") {
		t.Errorf("%+v, %v", snapshot.Folders, err)
	}
}
