package standin

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// apiPrefix stands before every path of the API.
const apiPrefix = "/v1"

// The records of the wire. Fields without omitempty are those that the official SDK
// requires of an answer.
type (
	uploadWire struct {
		ID               string        `json:"id"`
		AuthorID         string        `json:"authorId"`
		OwnerID          string        `json:"ownerId"`
		CreatedAt        string        `json:"createdAt"`
		UpdatedAt        string        `json:"updatedAt"`
		FileName         string        `json:"fileName"`
		OriginalFileName string        `json:"originalFileName,omitempty"`
		Kind             string        `json:"kind"`
		Source           string        `json:"source"`
		Status           string        `json:"status"`
		ContentType      string        `json:"contentType,omitempty"`
		FileSize         int64         `json:"fileSize"`
		PartsCount       int           `json:"partsCount"`
		Parts            []partWire    `json:"parts,omitempty"`
		AssetOptions     *assetOptions `json:"assetOptions,omitempty"`
		EntityID         string        `json:"entityId,omitempty"`
		ErrorMessage     string        `json:"errorMessage,omitempty"`
		JobID            string        `json:"jobId,omitempty"`
	}
	partWire struct {
		Number  int    `json:"number"`
		URL     string `json:"url"`
		Expires string `json:"expires"`
	}
	assetOptions struct {
		CollectionIDs []string `json:"collectionIds,omitempty"`
		Hide          bool     `json:"hide,omitempty"`
		ParentID      string   `json:"parentId,omitempty"`
	}
	assetWire struct {
		ID               string         `json:"id"`
		AuthorID         string         `json:"authorId"`
		OwnerID          string         `json:"ownerId"`
		CreatedAt        string         `json:"createdAt"`
		UpdatedAt        string         `json:"updatedAt"`
		CollectionIDs    []string       `json:"collectionIds"`
		EditCapabilities []string       `json:"editCapabilities"`
		Kind             string         `json:"kind"`
		Metadata         map[string]any `json:"metadata"`
		MIMEType         string         `json:"mimeType"`
		Privacy          string         `json:"privacy"`
		Properties       map[string]any `json:"properties"`
		Source           string         `json:"source"`
		Status           string         `json:"status"`
		Tags             []string       `json:"tags"`
		URL              string         `json:"url"`
		OriginalFileURL  string         `json:"originalFileUrl,omitempty"`
		OriginalMIMEType string         `json:"originalMimeType,omitempty"`
		IsHidden         bool           `json:"isHidden"`
	}
	modelWire struct {
		ID                   string   `json:"id"`
		Name                 string   `json:"name"`
		AuthorID             string   `json:"authorId"`
		OwnerID              string   `json:"ownerId"`
		CreatedAt            string   `json:"createdAt"`
		UpdatedAt            string   `json:"updatedAt"`
		Capabilities         []string `json:"capabilities"`
		CollectionIDs        []string `json:"collectionIds"`
		Custom               bool     `json:"custom"`
		ExampleAssetIDs      []string `json:"exampleAssetIds"`
		Privacy              string   `json:"privacy"`
		Source               string   `json:"source"`
		Status               string   `json:"status"`
		Tags                 []string `json:"tags"`
		TrainingImagesNumber int      `json:"trainingImagesNumber"`
		Type                 string   `json:"type"`
	}
	collectionWire struct {
		ID         string         `json:"id"`
		Name       string         `json:"name"`
		OwnerID    string         `json:"ownerId"`
		CreatedAt  string         `json:"createdAt"`
		UpdatedAt  string         `json:"updatedAt"`
		AssetCount int            `json:"assetCount"`
		ModelCount int            `json:"modelCount"`
		ItemCount  int            `json:"itemCount"`
		Thumbnail  *thumbnailWire `json:"thumbnail,omitempty"`
	}
	thumbnailWire struct {
		AssetID string `json:"assetId"`
		URL     string `json:"url"`
	}
	jobWire struct {
		JobID         string         `json:"jobId"`
		JobType       string         `json:"jobType"`
		OwnerID       string         `json:"ownerId"`
		CreatedAt     string         `json:"createdAt"`
		UpdatedAt     string         `json:"updatedAt"`
		Metadata      map[string]any `json:"metadata"`
		Progress      float64        `json:"progress"`
		Status        string         `json:"status"`
		StatusHistory []jobStep      `json:"statusHistory"`
	}
	jobStep struct {
		Date   string `json:"date"`
		Status string `json:"status"`
	}
)

// whole is a JSON number that stands for a whole one, however it is written: the SDK
// types every number as a float and may send 3.0.
type whole struct {
	value int64
	set   bool
}

// UnmarshalJSON refuses fractions and what is no number.
func (w *whole) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return fmt.Errorf("%v is no whole number", f)
	}
	w.value, w.set = int64(f), true
	return nil
}

// isoTime is the form of all the API's times.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// expiresText writes a part URL's end in one of the forms of Behavior.Expires.
func expiresText(form string, t time.Time) string {
	switch form {
	case "offset":
		return t.In(time.FixedZone("", 2*3600)).Format(time.RFC3339)
	case "http":
		return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unix-ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "none":
		return ""
	default:
		return isoTime(t)
	}
}

// encode writes an answer. With unknown set, every object in it gets a field that no
// client can know of.
func encode(v any, unknown bool) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil || !unknown {
		return b, err
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, err
	}
	return json.Marshal(withUnknown(tree))
}

func withUnknown(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = withUnknown(inner)
		}
		v["somethingNew"] = map[string]any{"of": []any{1.5, "later", nil}}
	case []any:
		for i := range v {
			v[i] = withUnknown(v[i])
		}
	}
	return v
}
