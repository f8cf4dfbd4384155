package status

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// What `retry --force` does with a file.
const (
	ForceUploads = "upload"  // it was held by our judgement alone, and is uploaded as it is
	ForceRetries = "retry"   // it is tried again, as without --force
	ForceNothing = "nothing" // the sentence says why
)

// Forced is what `retry --force` does, or would do, with one file.
type Forced struct {
	Path      string      `json:"path"`
	PathBytes []byte      `json:"path_bytes,omitempty"`
	Does      string      `json:"does"`             // ForceUploads, ForceRetries or ForceNothing
	State     drop.State  `json:"state,omitempty"`  // before that; "" if the local database does not know the file
	Reason    drop.Reason `json:"reason,omitempty"` // before that
	Sentence  string      `json:"sentence"`
}

// NewForced says what `retry --force` does with an item, at now, whose file is there and is taken
// by the rules of its folder.
func NewForced(it ledger.Item, now time.Time) Forced {
	does, sentence := forced(it, now)
	return Forced{Path: it.Path, PathBytes: PathBytes(it.Path), Does: does, State: it.State, Reason: it.Reason, Sentence: oneLine(sentence)}
}

// NothingForced says why `retry --force` does nothing with a file.
func NothingForced(path string, why drop.Detail) Forced {
	return Forced{Path: path, PathBytes: PathBytes(path), Does: ForceNothing, Sentence: oneLine(Words(why))}
}

func forced(it ledger.Item, now time.Time) (does, sentence string) {
	detail := Words(it.Detail)
	switch {
	case it.Forceable():
		return ForceUploads, fmt.Sprintf("Uploads it as it is, though %s.", clause(detail))
	case it.Asks():
		return ForceRetries, "Uploads it, though Scenario may hold it already."
	case it.State == drop.Failed, it.State == drop.Held && it.Reason.Has(drop.ActionRetry):
		return ForceRetries, "Tries it again. " + detail
	case it.WaitsForInterval(now):
		return ForceRetries, "Uploads the new version now, without waiting for version_interval."
	case it.State == drop.Held:
		return ForceNothing, strings.TrimSpace(notForced(it.Reason) + " " + detail)
	case it.State.Active() && !it.AfterImport() && it.NotBefore.After(now) && !it.WaitsToReconcile():
		return ForceRetries, "Tries it again now. " + detail
	case it.State == drop.Ignored && it.Hold == ledger.HoldExisting:
		return ForceRetries, "Has it checked and uploaded, though it was there before."
	case it.State == drop.Ignored:
		return ForceNothing, "It is ignored by a setting, which --force does not change. " + detail
	case it.State == drop.Gone, it.State == drop.Superseded:
		return ForceNothing, "It has yet to be checked again; try again in a moment."
	}
	return ForceNothing, "It is not held. " + Sentence(it, now)
}

// notForced says why a file that is held for a reason cannot be uploaded as it is.
func notForced(reason drop.Reason) string {
	switch reason {
	case drop.ReasonEmpty:
		return "Scenario takes no empty file."
	case drop.ReasonKeepsChanging:
		return "There is no version of it yet that could be uploaded: what changes while it is sent is never completed."
	case drop.ReasonNotOnDisk:
		return "There is nothing on this disk to upload."
	case drop.ReasonForeignLink:
		return "It may belong to somebody else, so --force does not upload it."
	}
	return "It cannot be uploaded as it is."
}

// clause is the first sentence of a detail as the end of another one.
func clause(detail string) string {
	text := firstSentence(detail)
	if rest, ok := strings.CutPrefix(text, "The file "); ok {
		return "it " + rest
	}
	first, size := utf8.DecodeRuneInString(text)
	if second, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(second) { // an abbreviation
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

// firstSentence is a text up to the end of its first sentence, without the full stop. A dot
// before a small letter or a digit ends none.
func firstSentence(text string) string {
	for i := 0; ; {
		n := strings.Index(text[i:], ". ")
		if n < 0 {
			return strings.TrimSuffix(text, ".")
		}
		i += n + len(". ")
		if next, _ := utf8.DecodeRuneInString(text[i:]); unicode.IsUpper(next) {
			return text[:i-len(". ")]
		}
	}
}
