package status

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// File is one version of a file, as shown to people and programs.
type File struct {
	// Item is the version's number: a failure of it is known by that in the log.
	Item int64  `json:"item"`
	Path string `json:"path"`
	// PathBytes is the path where it is not UTF-8, which Path then shows only in part.
	PathBytes []byte      `json:"path_bytes,omitempty"`
	State     drop.State  `json:"state"`
	Sentence  string      `json:"sentence"`
	Reason    drop.Reason `json:"reason,omitempty"`
	Detail    string      `json:"detail,omitempty"`
	Folder    string      `json:"folder"`
	Kind      string      `json:"kind,omitempty"`
	Size      int64       `json:"size"` // bytes
	SHA256    string      `json:"sha256,omitempty"`
	Asset     string      `json:"asset,omitempty"`
	Upload    string      `json:"upload,omitempty"`
	Tries     int         `json:"tries,omitempty"`
	Next      *time.Time  `json:"next_try,omitempty"`
	CanForce  bool        `json:"can_force,omitempty"` // held by our judgement alone: Force uploads it as it is
	// Actions are the next steps that a person can take, the likeliest first.
	Actions []drop.Action `json:"actions,omitempty"`
	Seen    time.Time     `json:"seen"`
	Updated time.Time     `json:"updated"`
}

// NewFile shows an item.
func NewFile(it ledger.Item, now time.Time) File {
	f := File{Item: it.ID, Path: it.Path, PathBytes: PathBytes(it.Path), State: it.State, Sentence: Sentence(it, now), Reason: it.Reason, Detail: Words(it.Detail), Folder: it.Root,
		Kind: it.Kind, Size: it.Fingerprint.Size, SHA256: hex.EncodeToString(it.SHA256), Asset: it.Asset, Upload: it.Upload.Remote,
		Tries: it.Attempts, CanForce: it.Forceable(), Actions: actions(it), Seen: it.Created, Updated: it.Updated}
	if it.State.Active() && it.NotBefore.After(now) && !it.WaitsToReconcile() && it.Hold != ledger.HoldFolder {
		f.Next = &it.NotBefore
	}
	return f
}

// actions are the next steps for an item: those of its reason, as far as its state lets them.
func actions(it ledger.Item) (all []drop.Action) {
	switch it.State {
	case drop.Imported, drop.Gone, drop.Superseded:
		return nil
	case drop.Failed:
		all = append(all, drop.ActionRetry)
	}
	for _, a := range it.Reason.Actions() {
		if !slices.Contains(all, a) && (a != drop.ActionUploadAnyway || it.Forceable()) {
			all = append(all, a)
		}
	}
	return all
}

// Sentence says what became of an item, for a person: its state, why, and what to do. It
// is one line of printable text, whatever names and answers it quotes.
func Sentence(it ledger.Item, now time.Time) string { return oneLine(sentence(it, now)) }

func sentence(it ledger.Item, now time.Time) string {
	var s string
	switch it.State {
	case drop.Held:
		s = "Needs attention."
	case drop.Queued, drop.Preparing:
		s = "Queued."
		if it.WaitsForInterval(now) {
			s = "Waiting."
		}
	case drop.Uploading:
		s = "Uploading."
	case drop.Completing, drop.Importing:
		s = "Sent; Scenario is importing it."
	case drop.Linking, drop.CleaningUp:
		s = fmt.Sprintf("Imported as %s; joining its collections.", it.Asset)
		switch {
		case it.Unfinished() && it.State == drop.Linking && it.Reason == drop.ReasonNotTagged:
			s = fmt.Sprintf("Imported as %s, but its tags are not set yet.", it.Asset)
		case it.Unfinished() && it.State == drop.Linking && (it.Reason == drop.ReasonNotAllowed || it.Reason == drop.ReasonPlanLimit):
			s = fmt.Sprintf("Imported as %s, but what comes after that is not all done yet.", it.Asset)
		case it.Unfinished() && it.State == drop.Linking:
			s = fmt.Sprintf("Imported as %s, but it has not joined its collections yet.", it.Asset)
		case it.Unfinished():
			s = fmt.Sprintf("Imported as %s, but its file has not been moved yet.", it.Asset)
		case it.State == drop.CleaningUp:
			s = fmt.Sprintf("Imported as %s; its file is about to be moved.", it.Asset)
		}
	case drop.Imported:
		s = fmt.Sprintf("Imported as %s %s.", it.Asset, ago(it.Updated, now))
	case drop.Failed:
		s = "Failed."
	case drop.Ignored:
		s = "Ignored."
	case drop.Superseded:
		s = "Not sent in this version."
	case drop.Gone:
		s = "Gone."
	}
	if it.State == drop.Ignored {
		switch it.Reason {
		case drop.ReasonExisting:
			s += " " + Words(drop.TextExisting.With())
		case drop.ReasonExistingAsked, drop.ReasonExistingReleased:
			s = "Not queued yet. It was there before; it is checked and uploaded with the next scan of its folder."
		}
	}
	if text := Words(it.Detail); text != "" {
		s += " " + text
		if !strings.HasSuffix(s, ".") {
			s += "."
		}
	}
	switch {
	case it.State == drop.Failed:
		s += " It is tried again when the file changes."
	case it.WaitsForInterval(now):
		s += fmt.Sprintf(" Its newest state is uploaded %s.", humanize.RelTime(it.NotBefore, now, "ago", "from now"))
	case it.State.Active() && it.NotBefore.After(now.Add(time.Second)) && !it.WaitsToReconcile() && it.Hold != ledger.HoldFolder:
		s += fmt.Sprintf(" Next try %s.", humanize.RelTime(it.NotBefore, now, "ago", "from now"))
	}
	return s
}

// ago says how long before now a time was.
func ago(t, now time.Time) string {
	if now.Sub(t).Abs() < time.Second {
		return "just now"
	}
	return humanize.RelTime(t, now, "ago", "from now")
}
