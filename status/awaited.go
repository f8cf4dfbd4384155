package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
)

// Awaited is what the watch folders wait for: files that were seen and are not finished.
type Awaited struct {
	Count int           `json:"count"` // files
	Held  int           `json:"held"`  // of them, those that the counts have as held already
	Bytes int64         `json:"bytes"` // so far, of all of them
	Files []AwaitedFile `json:"files"` // those awaited the longest
}

// AwaitedFile is a file that is not finished.
type AwaitedFile struct {
	Path      string      `json:"path"`
	PathBytes []byte      `json:"path_bytes,omitempty"`
	Folder    string      `json:"folder"`
	Sentence  string      `json:"sentence"`
	Reason    drop.Reason `json:"reason"`
	Detail    string      `json:"detail,omitempty"` // what is missing of it, or what says that it is not finished
	Size      int64       `json:"size"`             // bytes so far
	Since     time.Time   `json:"since"`            // when it was first seen
	Changed   time.Time   `json:"changed"`          // when it changed last
	Until     *time.Time  `json:"until,omitempty"`  // when it counts as finished, unless it changes
}

// Say puts what the file waits for into words. d is what is particular to it.
func (f *AwaitedFile) Say(d drop.Detail, now time.Time) {
	switch beside := d.Value("beside"); {
	case beside != "":
		f.Detail = Printable(beside) + " lies beside it"
	case d.Is(drop.TextDate1970):
		f.Detail = "its date is 1 January 1970"
	default:
		f.Detail = d.Value("what")
	}
	f.Sentence = oneLine(f.sentence(now))
}

func (f *AwaitedFile) sentence(now time.Time) string {
	switch f.Reason {
	case drop.ReasonBeingWritten:
		return fmt.Sprintf("Is still being written, %s so far.", humanize.IBytes(uint64(max(f.Size, 0))))
	case drop.ReasonSettling:
		if f.Until != nil && f.Until.After(now) {
			return fmt.Sprintf("Waits until it has been unchanged for another %s.", seconds(f.Until.Sub(now)))
		}
		return "Waits until it has been unchanged for a while."
	case drop.ReasonStillOpen:
		if f.Detail != "" {
			return fmt.Sprintf("Is open in another program: %s. It is checked again.", f.Detail)
		}
		return fmt.Sprintf("Is open in another program, %s so far. It is sent once that program closes it, or once it is complete and has been unchanged for 20 s.", humanize.IBytes(uint64(max(f.Size, 0))))
	case drop.ReasonLooksCutOff:
		return fmt.Sprintf("Looks incomplete so far: %s. It is checked again.", strings.TrimSuffix(f.Detail, "."))
	case drop.ReasonEmpty:
		if f.Detail != "" {
			return fmt.Sprintf("Is empty so far, and is being downloaded: %s. It is checked again.", f.Detail)
		}
		return "Is empty so far. It is checked again."
	case drop.ReasonUnreadable:
		return "Cannot be read so far. It is tried again."
	case drop.ReasonBeingRead:
		return "Is new and open in another program, which may be about to write it again. That is waited for up to 10 s after its last change."
	case drop.ReasonTransferUnfinished:
		return fmt.Sprintf("Looks like a download or copy that is not finished: %s. It is checked again.", f.Detail)
	case drop.ReasonPointer:
		return "Is a pointer to a file that is not here yet. It is checked again."
	case drop.ReasonNotOnDisk:
		return "Is not on this disk yet: a cloud program keeps it elsewhere."
	}
	return "Is not finished yet."
}

// seconds is a short time in words.
func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", max(d, 100*time.Millisecond).Seconds())
	}
	return d.Round(time.Second).String()
}

// PathStatus says when a path that was not taken yet is checked.
type PathStatus struct {
	Folder   string       `json:"folder,omitempty"` // the watch folder of the running config that owns it
	File     *AwaitedFile `json:"file"`             // null: it is not awaited
	Answered bool         `json:"answered"`         // false: the folder is busy or unresponsive and could not be asked
	Scanning bool         `json:"scanning"`         // the whole folder is being scanned now
	Polling  bool         `json:"polling"`          // no events tell of changes: only scans find them
	Remote   bool         `json:"remote"`           // the folder is on a network share
	NextScan *time.Time   `json:"next_scan,omitempty"`
}

// Sentence says when a file is checked that exists and was not seen yet; "" if nothing is
// known about that.
func (o PathStatus) Sentence(now time.Time) string {
	var next string
	if o.NextScan != nil {
		next = clockText(*o.NextScan, now)
	}
	switch {
	case o.Folder == "":
		return ""
	case o.Scanning:
		return "Not seen yet: its folder is being scanned now."
	case !o.Answered:
		return "Not seen yet: its folder is busy or does not answer."
	case next == "":
		return ""
	case o.Remote && o.Polling:
		return fmt.Sprintf("Not seen yet: its folder is on a network share and is scanned again at %s.", next)
	case o.Polling:
		return fmt.Sprintf("Not seen yet: its folder is scanned again at %s.", next)
	}
	return fmt.Sprintf("Not seen yet. Changes are noticed at once; the next full scan of its folder is at %s.", next)
}

// clockText is a time of today as a clock shows it; one of another day has its date.
func clockText(t, now time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02 15:04")
}
