package scenario

import (
	"context"
	"fmt"
)

type uploadAnswer struct {
	Upload *uploadWire `json:"upload"`
}

// CreateUpload announces a file. All its parts are in the answer; otherwise the error
// is of class Garbled. An answer that was lost leaves an upload behind that no asset
// comes of: create again.
func (c *Client) CreateUpload(ctx context.Context, n NewUpload) (*Upload, error) {
	const op = "creating the upload"
	if problem := n.problem(); problem != "" {
		return nil, &Error{Op: op, Class: Rejected, Message: problem}
	}
	body := struct {
		FileName     string        `json:"fileName"`
		FileSize     int64         `json:"fileSize"`
		ContentType  string        `json:"contentType"`
		Kind         string        `json:"kind"`
		Parts        int           `json:"parts"`
		AssetOptions *AssetOptions `json:"assetOptions,omitempty"`
	}{n.FileName, n.FileSize, n.ContentType, n.Kind, n.Parts, n.Options}
	u, a, err := c.uploadCall(ctx, request{op: op, method: "POST", template: "/uploads", body: body})
	if err != nil {
		return nil, err
	}
	if problem := u.complete(n.Parts); problem != "" {
		return nil, a.garbled(op, problem)
	}
	return u, nil
}

func (n NewUpload) problem() string {
	switch {
	case n.FileName == "":
		return "the file has no name"
	case n.FileSize <= 0:
		return "the file is empty"
	case n.Parts < 1 || n.Parts > MaxParts:
		return fmt.Sprintf("%d parts are not between 1 and %d", n.Parts, MaxParts)
	case n.Kind == "model" && n.Options != nil:
		return "a model takes no options for assets"
	}
	return ""
}

// GetUpload reads an upload's record. That of a pending upload has fresh part URLs, if
// the server sends any.
func (c *Client) GetUpload(ctx context.Context, id string) (*Upload, error) {
	u, _, err := c.uploadCall(ctx, request{
		op: "asking for the upload", method: "GET", template: "/uploads/{id}", id: id,
	})
	return u, err
}

// CompleteUpload says that all parts are sent. When its answer is lost, or it is
// Rejected for having been completed already, GetUpload tells how things are: two
// uploads of the same bytes completed make two assets.
func (c *Client) CompleteUpload(ctx context.Context, id string) (*Upload, error) {
	u, _, err := c.uploadCall(ctx, request{
		op: "completing the upload", method: "POST", template: "/uploads/{id}/action", id: id,
		body: map[string]string{"action": "complete"},
	})
	return u, err
}

func (c *Client) uploadCall(ctx context.Context, r request) (*Upload, answer, error) {
	var got uploadAnswer
	a, err := c.call(ctx, r, &got)
	if err != nil {
		return nil, a, err
	}
	u, problem := got.Upload.upload(c.scrub, c.Public())
	if problem == "" && r.id != "" && u.ID != r.id {
		problem = "it is about another upload"
	}
	if problem != "" {
		return nil, a, a.garbled(r.op, problem)
	}
	u.ServerDate, u.ReceivedAt = a.date, a.received
	return u, a, nil
}

// garbled makes the error of a success that is of no use.
func (a answer) garbled(op, problem string) *Error {
	return &Error{Op: op, Class: Garbled, Status: a.status, Message: problem, RequestID: a.requestID, ServerDate: a.date}
}
