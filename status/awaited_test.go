package status

import (
	"testing"
	"time"

	"scenario-drop/drop"
)

func TestAwaitedSentences(t *testing.T) {
	now := time.Now()
	at := func(in time.Duration) *time.Time { t := now.Add(in); return &t }
	for _, tt := range []struct {
		file   AwaitedFile
		detail drop.Detail
		want   string
	}{
		{AwaitedFile{Reason: drop.ReasonBeingWritten, Size: 12 << 30}, "", "Is still being written, 12 GiB so far."},
		{AwaitedFile{Reason: drop.ReasonSettling, Until: at(800 * time.Millisecond)}, "", "Waits until it has been unchanged for another 0.8 s."},
		{AwaitedFile{Reason: drop.ReasonSettling, Until: at(90 * time.Second)}, "", "Waits until it has been unchanged for another 1m30s."},
		{AwaitedFile{Reason: drop.ReasonSettling, Until: at(-time.Second)}, "", "Waits until it has been unchanged for a while."},
		{AwaitedFile{Reason: drop.ReasonStillOpen, Size: 5}, "", "Is open in another program, 5 B so far. It is sent once that program closes it, or once it is complete and has been unchanged for 20 s."},
		{AwaitedFile{Reason: drop.ReasonBeingRead}, "", "Is new and open in another program, which may be about to write it again. That is waited for up to 10 s after its last change."},
		{AwaitedFile{Reason: drop.ReasonStillOpen}, drop.TextDatabaseInUse.With("beside", "a.db-wal"), "Is open in another program: a.db-wal lies beside it. It is checked again."},
		{AwaitedFile{Reason: drop.ReasonTransferUnfinished}, drop.TextDownloadUnfinished.With("beside", "a.png.aria2", "program", "aria2"), "Looks like a download or copy that is not finished: a.png.aria2 lies beside it. It is checked again."},
		{AwaitedFile{Reason: drop.ReasonPointer}, "", "Is a pointer to a file that is not here yet. It is checked again."},
		{AwaitedFile{Reason: drop.ReasonLooksCutOff}, drop.TextCutOff.With("what", "the end\nis missing."), `Looks incomplete so far: the end\nis missing. It is checked again.`},
		{AwaitedFile{Reason: drop.ReasonEmpty}, "", "Is empty so far. It is checked again."},
		{AwaitedFile{Reason: drop.ReasonEmpty}, drop.TextDownloadUnfinished.With("beside", "a.png.part", "program", "a browser"), "Is empty so far, and is being downloaded: a.png.part lies beside it. It is checked again."},
		{AwaitedFile{Reason: drop.ReasonUnreadable}, "", "Cannot be read so far. It is tried again."},
		{AwaitedFile{Reason: "something new"}, "", "Is not finished yet."},
	} {
		if tt.file.Say(tt.detail, now); tt.file.Sentence != tt.want {
			t.Errorf("%s: %q, want %q", tt.file.Reason, tt.file.Sentence, tt.want)
		}
	}
}

func TestPathStatusSentences(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.Local)
	next, tomorrow := now.Add(5*time.Minute), now.Add(24*time.Hour)
	for _, tt := range []struct {
		path PathStatus
		want string
	}{
		{PathStatus{}, ""},
		{PathStatus{Folder: "/in", Answered: true}, ""},
		{PathStatus{Folder: "/in", Scanning: true}, "Not seen yet: its folder is being scanned now."},
		{PathStatus{Folder: "/in", NextScan: &next}, "Not seen yet: its folder is busy or does not answer."},
		{PathStatus{Folder: "/in", Answered: true, Polling: true, Remote: true, NextScan: &next}, "Not seen yet: its folder is on a network share and is scanned again at 12:05:00."},
		{PathStatus{Folder: "/in", Answered: true, Polling: true, NextScan: &tomorrow}, "Not seen yet: its folder is scanned again at 2026-05-05 12:00."},
		{PathStatus{Folder: "/in", Answered: true, NextScan: &next}, "Not seen yet. Changes are noticed at once; the next full scan of its folder is at 12:05:00."},
	} {
		if got := tt.path.Sentence(now); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.path, got, tt.want)
		}
	}
}
