package scenario

import (
	"context"
	"fmt"
	"net/url"
)

// Forbids tells what a 403 means. It returns err as it is when another call shows that
// the key works, or when it is no 403; an error of class Refused when the key, or its use
// for this project, turns out to be refused altogether; and an error of another class when
// that cannot be found out now.
func (c *Client) Forbids(ctx context.Context, err error) error {
	if ClassOf(err) != Forbidden {
		return err
	}
	if key := c.KeyWorks(ctx); key != nil {
		return key
	}
	return err
}

// KeyWorks asks for short lists until one is given, since a key with partial roles may
// have none or any of them. nil says that the key works, for the project as well.
func (c *Client) KeyWorks(ctx context.Context) error {
	const op = "asking whether the API key works"
	one := url.Values{"pageSize": {"1"}}
	var last error
	for _, r := range []request{
		{op: op, method: "GET", template: "/collections", query: one},
		{op: op, method: "GET", template: "/assets", query: one},
		{op: op, method: "GET", template: "/teams", anywhere: true},
	} {
		var got any
		_, err := c.call(ctx, r, &got)
		switch ClassOf(err) {
		case Forbidden, NotFound, Rejected: // which tell nothing of the key
			last = err
			continue
		case PlanLimit:
			return nil
		}
		if err == nil && r.anywhere && c.projectID != "" && !mentions(got, c.projectID) {
			return &Error{Op: op, Class: Refused, Message: fmt.Sprintf("it may not be used for the project %s", c.projectID)}
		}
		return err
	}
	e := *last.(*Error)
	e.Class = Refused
	return &e
}

// mentions reports whether a text is anywhere in some JSON.
func mentions(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return v == text
	case []any:
		for _, e := range v {
			if mentions(e, text) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if mentions(e, text) {
				return true
			}
		}
	}
	return false
}
