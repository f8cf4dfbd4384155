package scenario

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxParts is how many parts one upload may have.
const MaxParts = 10_000

// NewUpload is a file that is to be sent.
type NewUpload struct {
	FileName    string        // the original name, without a path; valid UTF-8
	FileSize    int64         // bytes
	ContentType string        // bare MIME type
	Kind        string        // 3d, asset, audio, avatar, image, model, text, video
	Parts       int           // how many parts will be sent: 1 … MaxParts
	Options     *AssetOptions // nil: none; must be nil for kind "model"
}

// AssetOptions say what becomes of the asset that an upload makes.
type AssetOptions struct {
	CollectionIDs []string `json:"collectionIds,omitempty"`
	Hide          bool     `json:"hide,omitempty"`
	ParentID      string   `json:"parentId,omitempty"` // the asset it derives from
}

// Upload is Scenario's record of an upload.
type Upload struct {
	ID           string
	Status       string // pending, complete, validating, validated, imported, failed, or one not known yet
	Kind         string
	FileName     string
	FileSize     int64  // bytes; 0 when not told
	EntityID     string // the asset's or, for kind "model", the model's id, once there is one
	ErrorMessage string // Scenario's words on a failed upload, printable and bounded
	JobID        string // "" when no job is to be followed
	PartsCount   int    // how many parts it has; 0 when not told

	CollectionIDs []string // which collections the asset joins as it comes about; nil when not told

	// Parts with addresses to send them to, sorted by number. CreateUpload gives all
	// of them; GetUpload gives what the server tells of a pending upload, which may be
	// none. Empty once the upload is not pending.
	Parts []Part

	ServerDate time.Time // the server's clock at the answer; zero when unknown
	ReceivedAt time.Time // this machine's clock then
}

// ServerNow is the server's clock at our now, as far as known: now itself otherwise.
func (u *Upload) ServerNow(now time.Time) time.Time {
	if u.ServerDate.IsZero() {
		return now
	}
	return u.ServerDate.Add(now.Sub(u.ReceivedAt))
}

// Part is where one part of an upload is to be put. Whoever has its URL can write to
// it: it is left out however a Part is printed.
type Part struct {
	Number  int       // from 1
	URL     string    `json:"-"`
	Expires time.Time // zero when not known
}

// String leaves out the URL.
func (p Part) String() string { return "part " + strconv.Itoa(p.Number) }

// GoString is String.
func (p Part) GoString() string { return p.String() }

// ExpiredAt reports whether the URL has expired by the server's clock (see ServerNow).
// One whose end is not known has not.
func (p Part) ExpiredAt(serverNow time.Time) bool {
	return !p.Expires.IsZero() && !serverNow.Before(p.Expires)
}

// Outcome is what an upload has come to.
type Outcome int

// The outcomes.
const (
	Sending  Outcome = iota // parts are awaited, or the call that completes it
	Working                 // Scenario is at work on it; ask again later
	Imported                // EntityID is there to stay
	Failed                  // nothing will come of it; ErrorMessage may say why
)

// String is the outcome in one lower-case word.
func (o Outcome) String() string {
	switch o {
	case Sending:
		return "sending"
	case Working:
		return "working"
	case Imported:
		return "imported"
	case Failed:
		return "failed"
	default:
		return "outcome " + strconv.Itoa(int(o))
	}
}

// Outcome reads Status:
//
//	pending                              Sending
//	imported, with an EntityID           Imported
//	failed                               Failed
//	imported without one, all the rest,
//	and what nobody knows yet            Working
//
// To take an unknown status for a failure would be dangerous: the file would be sent
// again, and become two assets if it was none.
func (u *Upload) Outcome() Outcome {
	switch status := strings.ToLower(u.Status); {
	case status == "pending":
		return Sending
	case status == "failed":
		return Failed
	case status == "imported" && u.EntityID != "":
		return Imported
	default:
		return Working
	}
}

// uploadWire is an upload as it is sent. Optional fields are lenient.
type uploadWire struct {
	ID           string           `json:"id"`
	Status       string           `json:"status"`
	Kind         lenient[string]  `json:"kind"`
	FileName     lenient[string]  `json:"fileName"`
	FileSize     lenient[float64] `json:"fileSize"`
	EntityID     lenient[string]  `json:"entityId"`
	ErrorMessage lenient[string]  `json:"errorMessage"`
	JobID        lenient[string]  `json:"jobId"`
	PartsCount   lenient[float64] `json:"partsCount"`
	AssetOptions lenient[struct {
		CollectionIDs list[string] `json:"collectionIds"`
	}] `json:"assetOptions"`
	Parts list[partWire] `json:"parts"`
}

type partWire struct {
	Number  float64 `json:"number"`
	URL     string  `json:"url"`
	Expires scalar  `json:"expires"`
}

// upload checks a record; problem says what makes it unusable. public is that of
// parsePartAddress.
func (w *uploadWire) upload(scrub func(string) string, public bool) (u *Upload, problem string) {
	switch {
	case w == nil:
		return nil, "there is no upload in it"
	case w.ID == "":
		return nil, "the upload has no id"
	case w.Status == "":
		return nil, "the upload has no status"
	case !isID(w.ID):
		return nil, "the upload's id cannot be one"
	case w.EntityID.v != "" && !isID(w.EntityID.v):
		return nil, "the id of what became of the upload cannot be one"
	}
	u = &Upload{
		ID: w.ID, Status: w.Status, Kind: w.Kind.v, FileName: w.FileName.v, FileSize: integer(w.FileSize.v),
		EntityID: w.EntityID.v, ErrorMessage: scrub(w.ErrorMessage.v), JobID: w.JobID.v,
		CollectionIDs: ids(w.AssetOptions.v.CollectionIDs),
	}
	if n := integer(w.PartsCount.v); n <= MaxParts {
		u.PartsCount = int(n)
	}
	if u.Outcome() != Sending {
		return u, "" // its part URLs, if any, are of no use
	}
	if w.Parts.tooLong {
		return nil, "the upload has too many parts"
	}
	u.Parts = make([]Part, len(w.Parts.v))
	for i, p := range w.Parts.v {
		n := integer(p.Number)
		if n < 1 || n > MaxParts {
			return nil, "a part's number is out of range"
		}
		if _, err := parsePartAddress(p.URL, public); err != nil {
			return nil, fmt.Sprintf("the address for part %d is not one to send a file to: %v", n, err)
		}
		u.Parts[i] = Part{Number: int(n), URL: p.URL, Expires: parseExpires(p.Expires.v)}
	}
	slices.SortFunc(u.Parts, func(a, b Part) int { return a.Number - b.Number })
	for i := range u.Parts {
		if i > 0 && u.Parts[i].Number == u.Parts[i-1].Number {
			return nil, fmt.Sprintf("part %d is there twice", u.Parts[i].Number)
		}
	}
	return u, ""
}

// complete checks that all parts that were asked for are there.
func (u *Upload) complete(parts int) (problem string) {
	switch {
	case u.Outcome() != Sending:
		return "the new upload is not waiting for its parts"
	case len(u.Parts) != parts:
		return fmt.Sprintf("it has %d parts in place of %d", len(u.Parts), parts)
	case u.Parts[parts-1].Number != parts:
		return fmt.Sprintf("its parts are not numbered from 1 to %d", parts)
	}
	return ""
}

// parseExpires reads the forms a time may have on the wire: RFC 3339, an HTTP date, or
// Unix seconds or milliseconds. Anything else is the zero time.
func parseExpires(v any) time.Time {
	switch v := v.(type) {
	case float64:
		return unixTime(v)
	case string:
		v = strings.TrimSpace(v)
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return unixTime(f)
		}
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t
		}
		if t, err := http.ParseTime(v); err == nil {
			return t
		}
	}
	return time.Time{}
}

// unixTime tells seconds from milliseconds by their size: 10¹¹ seconds are the year 5138.
func unixTime(f float64) time.Time {
	switch {
	case math.IsNaN(f) || f <= 0 || f > 1e14:
		return time.Time{}
	case f < 1e11:
		return time.UnixMilli(int64(f * 1000))
	default:
		return time.UnixMilli(int64(f))
	}
}
