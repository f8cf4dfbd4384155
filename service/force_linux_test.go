package service

import (
	"os"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// A file that a program keeps open for writing is uploaded at a person's word, while it is open.
func TestForceOfAnOpenFile(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	data := noise(1000, 1)
	sum := s.save(data, "Characters", "open.png")
	f, err := os.OpenFile(s.path("Characters", "open.png"), os.O_RDWR, 0)
	s.must(err)
	defer f.Close()
	d, _ := s.run()
	if it := s.await(drop.Held, "Characters", "open.png"); it.Reason != drop.ReasonStillOpen {
		t.Fatalf("it is held for %s", it.Reason)
	}
	_, err = d.Force(t.Context(), []string{s.path("Characters", "open.png")}, false)
	s.must(err)
	s.await(drop.Imported, "Characters", "open.png")
	s.exactlyOnce(sum)
}
