package service

import (
	"strings"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// growl is a sound that is all there.
func growl() []byte {
	return []byte("RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x08\x00\x00\x00\x80\x90\xa0\xb0\xa0\x90\x80\x70")
}

// A sound in a folder for images is held before anything of it is sent, stays so, and is taken up
// again when the folder's settings let it.
func TestOtherKindIsHeld(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Portraits")
	s.config.Watches[0].OtherKinds = "hold"
	picture := s.save(noise(1000, 1), "Portraits", "orc.png")
	sum := s.save(growl(), "Portraits", "growl.wav")
	s.save([]byte("a castle"), "Portraits", "notes")
	for range 2 {
		s.once()
		it, err := s.item("Portraits", "growl.wav")
		if err != nil || it.State != drop.Held || it.Reason != drop.ReasonOtherKind || !strings.HasPrefix(status.Words(it.Detail), "It is a sound; this folder takes images.") {
			t.Fatalf("%+v, %v", it, err)
		}
		if it, err := s.item("Portraits", "notes"); err != nil || it.State != drop.Held || it.Reason != drop.ReasonOtherKind {
			t.Fatalf("%+v, %v", it, err)
		}
	}
	s.exactlyOnce(picture)

	s.config.Watches[0].OtherKinds = "send"
	s.once()
	if held := s.exactlyOnce(picture, sum, sumOf([]byte("a castle"))); held[sum].Kind != "audio" || held[sum].MIME != "audio/wav" || held[picture].Kind != "image" {
		t.Errorf("%+v", held)
	}
}

// The folder of another kind takes what was held for its kind; a folder of its own does, too.
func TestOtherKindInAFolderOfItsOwn(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Portraits", "Portraits/Sounds")
	all := s.config.Watches
	all[0].OtherKinds = "hold"
	s.config.Watches = all[:1]
	sum := s.save(growl(), "Portraits", "Sounds", "growl.wav")
	s.once()
	if it, err := s.item("Portraits", "Sounds", "growl.wav"); err != nil || it.State != drop.Held {
		t.Fatalf("%+v, %v", it, err)
	}
	all[1].Kind = "audio"
	s.config.Watches = all
	s.once()
	if held := s.exactlyOnce(sum); held[sum].Kind != "audio" {
		t.Errorf("%+v", held)
	}
}

// A daemon at work takes the edit at once.
func TestOtherKindAfterAnEdit(t *testing.T) {
	s := newEditing(t, standin.Options{}, "", "Portraits")
	sum := s.save(growl(), "Portraits", "growl.wav")
	s.await(drop.Held, "Portraits", "growl.wav")
	s.edit("config", "", "", "Portraits\nother_kinds = 'send'")
	s.await(drop.Imported, "Portraits", "growl.wav")
	s.exactlyOnce(sum)
}

// Programs, scripts and sheets in a folder of kind "auto" are ignored: by their names without
// being opened, by their content where the name does not tell. Both are counted, and an include
// pattern that names them has them sent.
func TestAutoLeavesProgramsAtHome(t *testing.T) {
	s := newStudio(t, standin.Options{}, "All")
	s.config.Watches[0].Kind = "auto"
	program := append([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00"), make([]byte, 200)...)
	tool := s.save(program, "All", "tool")
	script := s.save([]byte("#!/bin/sh\necho castle\n"), "All", "install")
	sheet := s.save([]byte("PK\x05\x06"+strings.Repeat("\x00", 18)), "All", "budget.xlsx")
	text := s.save([]byte("a castle"), "All", "notes.txt")
	unknown := s.save([]byte("\x93\x00\xF1\x07\x93\x00\xF1\x08 of a program that nobody knows"), "All", "scene.xyz")
	for range 2 {
		s.once()
		for _, name := range []string{"tool", "install"} {
			if it, err := s.item("All", name); err != nil || it.State != drop.Ignored || it.Reason != drop.ReasonNoAsset || !strings.Contains(status.Words(it.Detail), "include") {
				t.Fatalf("%+v, %v", it, err)
			}
		}
		if _, err := s.item("All", "budget.xlsx"); err == nil {
			t.Fatal("a sheet was opened and judged, though its name tells what it is")
		}
	}
	s.exactlyOnce(text, unknown)

	s.config.Watches[0].Include = []string{"**"} // names nothing
	s.once()
	s.exactlyOnce(text, unknown)
	s.config.Watches[0].Include = []string{"**", "tool", "*.xlsx"}
	s.once()
	s.exactlyOnce(text, unknown, tool, sheet)
	s.config.Watches[0].Include, s.config.Watches[0].Kind = nil, "asset"
	s.once()
	s.exactlyOnce(text, unknown, tool, sheet, script)
}

// A person's word sends one file all the same, as what it is.
func TestOtherKindIsForced(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Portraits")
	s.config.Watches[0].OtherKinds = "hold"
	sum := s.save(growl(), "Portraits", "growl.wav")
	d, _ := s.run()
	s.await(drop.Held, "Portraits", "growl.wav")
	all, err := d.Force(t.Context(), []string{s.path("Portraits", "growl.wav")}, false)
	if err != nil || len(all) != 1 || all[0].Does != status.ForceUploads || !strings.Contains(all[0].Sentence, "it is a sound") {
		t.Fatalf("%+v, %v", all, err)
	}
	s.await(drop.Imported, "Portraits", "growl.wav")
	if held := s.exactlyOnce(sum); held[sum].Kind != "audio" {
		t.Errorf("%+v", held)
	}
}
