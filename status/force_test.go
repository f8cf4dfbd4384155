package status

import (
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// What --force does with an item, by what it says; a held file's own sentence has the command.
func TestForced(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		state      drop.State
		reason     drop.Reason
		detail     drop.Detail
		notBefore  time.Time
		does, says string
	}{
		{state: drop.Held, reason: "looks_cut_off", detail: "The file looks cut off: the OGG's last page is cut off. Save, export or copy it again.",
			does: ForceUploads, says: "Uploads it as it is, though it looks cut off: the OGG's last page is cut off."},
		{state: drop.Held, reason: "looks_cut_off", detail: "The file looks cut off: 3.5 MiB of v. 2 are missing. Copy it again.",
			does: ForceUploads, says: "though it looks cut off: 3.5 MiB of v. 2 are missing."},
		{state: drop.Held, reason: "still_open", detail: "A program still has the file open for writing. It is sent once that program closes it.",
			does: ForceUploads, says: "Uploads it as it is, though a program still has the file open for writing."},
		{state: drop.Held, reason: "transfer_unfinished", detail: "A download of aria2 is not finished: a.png.aria2 lies beside it. Let it finish.",
			does: ForceUploads, says: "Uploads it as it is, though a download of aria2 is not finished: a.png.aria2 lies beside it."},
		{state: drop.Held, reason: "pointer", detail: "It is a Git LFS pointer, not the file itself. Run git lfs pull.", does: ForceUploads,
			says: "Uploads it as it is, though it is a Git LFS pointer, not the file itself."},
		{state: drop.Ignored, reason: drop.ReasonNoAsset, detail: "It is a program. To have it uploaded, name it.", does: ForceUploads, says: "though it is a program."},
		{state: drop.Held, reason: "empty", detail: "The file is empty.", does: ForceNothing, says: "Scenario takes no empty file. The file is empty."},
		{state: drop.Held, reason: "foreign_link", detail: "It is a second name.", does: ForceNothing, says: "--force does not upload it. It is a second name."},
		{state: drop.Held, reason: "not_on_disk", does: ForceNothing, says: "nothing on this disk"},
		{state: drop.Held, reason: "keeps_changing", does: ForceNothing, says: "never completed"},
		{state: drop.Held, reason: "of a later version", does: ForceNothing, says: "cannot be uploaded as it is"},
		{state: drop.Held, reason: "unreadable", does: ForceRetries, says: "Tries it again."},
		{state: drop.Held, reason: drop.ReasonNotAllowed, detail: "No.", does: ForceRetries, says: "Tries it again. No."},
		{state: drop.Held, reason: drop.ReasonPossibleDuplicate, does: ForceRetries, says: "though Scenario may hold it already"},
		{state: drop.Failed, reason: "refused", does: ForceRetries, says: "Tries it again."},
		{state: drop.Ignored, reason: "too_large", detail: "This folder's max_size is 1 MiB.", does: ForceNothing, says: "a setting, which --force does not change. This folder's max_size is 1 MiB."},
		{state: drop.Queued, reason: drop.ReasonVersionInterval, notBefore: now.Add(time.Minute), does: ForceRetries, says: "without waiting for version_interval"},
		{state: drop.Queued, reason: "network", notBefore: now.Add(time.Minute), does: ForceRetries, says: "Tries it again now."},
		{state: drop.Queued, does: ForceNothing, says: "It is not held. Queued."},
		{state: drop.Imported, does: ForceNothing, says: "It is not held. Imported as"},
		{state: drop.Gone, does: ForceNothing, says: "checked again"},
	} {
		it := ledger.Item{Path: "/drop/a b.ogg", State: c.state, Reason: c.reason, Hold: ledger.HoldFor(c.reason), Detail: c.detail, NotBefore: c.notBefore, Asset: "asset_1", Updated: now}
		f := NewForced(it, now)
		if f.Does != c.does || !strings.Contains(f.Sentence, c.says) || f.State != c.state || f.Reason != c.reason {
			t.Errorf("%s %s: %+v, want %s, %q", c.state, c.reason, f, c.does, c.says)
		}
		shown := NewFile(it, now)
		offered := slices.Contains(shown.Actions, drop.ActionUploadAnyway)
		if uploads := c.does == ForceUploads; shown.CanForce != uploads || offered != uploads {
			t.Errorf("%s %s: can be forced %v, offers %q", c.state, c.reason, shown.CanForce, shown.Actions)
		}
	}
}

func TestSentenceOfAWaitingVersion(t *testing.T) {
	now := time.Now()
	it := ledger.Item{State: drop.Queued, Reason: drop.ReasonVersionInterval, Hold: ledger.HoldInterval, Detail: "A new version of a file is uploaded at most every 30s (version_interval).", NotBefore: now.Add(20 * time.Second)}
	if got, want := Sentence(it, now), "Waiting. A new version of a file is uploaded at most every 30s (version_interval). Its newest state is uploaded 20 seconds from now."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if got := Sentence(it, now.Add(time.Minute)); !strings.HasPrefix(got, "Queued.") {
		t.Errorf("once it is due it says %q", got)
	}
}
