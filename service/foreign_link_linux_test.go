package service

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// A hard link to a file that others may not read, which belongs to another account than the
// folder, is not sent; those of the folder's owner, and of what everybody may read, are.
func TestHardLinkOfAnotherOwnerIsHeld(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("takes files of other accounts, which needs root")
	}
	s := newStudio(t, standin.Options{}, "Characters")
	const artist, other = 1234, 2345
	save := func(n uint64, owner int, mode os.FileMode, parts ...string) string {
		sum := s.save(noise(1000, n), parts...)
		if err := errors.Join(os.Chown(s.path(parts...), owner, owner), os.Chmod(s.path(parts...), mode)); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	link := func(from, to string) {
		t.Helper()
		if err := os.Link(s.path("outside", from), s.path("Characters", to)); err != nil {
			t.Skip(err)
		}
	}
	if err := errors.Join(os.Chown(s.path("Characters"), artist, artist), os.Mkdir(s.path("outside"), 0o755)); err != nil {
		t.Fatal(err)
	}
	var sums []string
	secret := save(1, other, 0o600, "outside", "secret.png")
	save(2, 0, 0o640, "outside", "roots.png")
	sums = append(sums, save(3, artist, 0o600, "outside", "backup.png"), save(4, other, 0o644, "outside", "shared.png"),
		save(5, other, 0o600, "Characters", "single.png")) // one name only
	for _, name := range []string{"secret.png", "roots.png", "backup.png", "shared.png"} {
		link(name, name)
	}
	d, _ := s.run()
	for _, name := range []string{"backup.png", "shared.png", "single.png"} {
		s.await(drop.Imported, "Characters", name)
	}
	for _, name := range []string{"secret.png", "roots.png"} {
		it := s.await(drop.Held, "Characters", name)
		if sentence := status.Sentence(it, time.Now()); it.Reason != drop.ReasonForeignLink || !strings.Contains(sentence, "hard link") || !strings.Contains(sentence, "copy") {
			t.Errorf("%s: %s", it.Reason, sentence)
		}
	}
	s.exactlyOnce(sums...)
	if err := os.Remove(s.path("outside", "secret.png")); err != nil { // it is the folder's alone now
		t.Fatal(err)
	}
	d.engine.watcher.Rescan()
	s.await(drop.Imported, "Characters", "secret.png")
	s.exactlyOnce(append(sums, secret)...)
}
