package scenariotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The forms of what goes over the wire, as Scenario's public reference has them and its official
// client checks them (scenario-sdk 2.4.0, scenario_sdk/types). An exclamation mark tells what has
// to be there; a field that is not named is let pass in an answer, and is a mistake in a request.
var (
	optionsShape = shape{"collectionIds": "strings", "hide": "bool", "parentId": "string"}

	uploadShape = shape{"id": "string!", "authorId": "string!", "ownerId": "string!", "createdAt": "string!", "updatedAt": "string!", "fileName": "string!",
		"kind": "string!", "source": "string!", "status": "string!", "assetOptions": optionsShape, "contentType": "string", "entityId": "string", "errorMessage": "string",
		"fileSize": "number", "jobId": "string", "originalFileName": "string", "partsCount": "number", "provider": "string", "url": "string",
		"parts": []shape{{"number": "number!", "url": "string!", "expires": "string!"}}}
	assetShape = shape{"id": "string!", "collectionIds": "strings!", "createdAt": "string!", "updatedAt": "string!", "kind": "string!", "mimeType": "string!", "ownerId": "string!",
		"status": "string!", "tags": "strings!", "url": "string!", "metadata": shape{"type": "string!", "name": "string", "parentId": "string"}, "properties": shape{"size": "number!"},
		"originalMimeType": "string", "originalFileUrl": "string", "isHidden": "bool"}
	modelShape      = shape{"id": "string!", "collectionIds": "strings!", "createdAt": "string!", "updatedAt": "string!", "name": "string", "status": "string!", "tags": "strings!"}
	collectionShape = shape{"id": "string!", "name": "string!", "assetCount": "number!", "modelCount": "number!", "itemCount": "number!", "ownerId": "string!", "createdAt": "string!",
		"updatedAt": "string!"}

	uploadAnswer     = shape{"upload": uploadShape}
	assetAnswer      = shape{"asset": assetShape}
	modelAnswer      = shape{"model": modelShape}
	collectionAnswer = shape{"collection": collectionShape}
	tagsRequest      = shape{"add": "strings", "delete": "strings", "strict": "bool"}

	// wire is every call that is made: method and path, and the forms of its request and its answer.
	wire = []struct {
		method, path    string
		request, answer any // nil: none
	}{
		{"POST", `/uploads`, shape{"fileName": "string!", "fileSize": "number!", "contentType": "string!", "kind": "string!", "parts": "number!", "assetOptions": optionsShape}, uploadAnswer},
		{"GET", `/uploads/[^/]+`, nil, uploadAnswer},
		{"POST", `/uploads/[^/]+/action`, shape{"action": "string!"}, uploadAnswer},
		{"GET", `/assets/[^/]+`, nil, assetAnswer},
		{"GET", `/assets`, nil, shape{"assets": []shape{assetShape}, "nextPaginationToken": "string"}},
		{"PUT", `/assets/[^/]+/tags`, tagsRequest, shape{"added": "strings!", "deleted": "strings!"}},
		{"PUT", `/models/[^/]+/tags`, tagsRequest, shape{"added": "strings!", "deleted": "strings!"}},
		{"GET", `/models/[^/]+`, nil, modelAnswer},
		{"GET", `/collections`, nil, shape{"collections": []shape{collectionShape}, "nextPaginationToken": "string"}},
		{"GET", `/collections/[^/]+`, nil, collectionAnswer},
		{"POST", `/collections`, shape{"name": "string!"}, collectionAnswer},
		{"PUT", `/collections/[^/]+/assets`, shape{"assetIds": "strings!"}, collectionAnswer},
		{"PUT", `/collections/[^/]+/models`, shape{"modelIds": "strings!"}, collectionAnswer},
	}
)

// shape is the form of an object: by field another shape, a list of them, or a word.
type shape map[string]any

// Shapes hands requests to the API on, and holds them and their successes to the documented
// forms. base is the path that the API's begin with.
func Shapes(t *testing.T, base string, next http.RoundTripper) http.RoundTripper {
	return &shapes{t, base, next}
}

type shapes struct {
	t    *testing.T
	base string
	next http.RoundTripper
}

func (s *shapes) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, s.base)
	call := r.Method + " " + path
	i := slices.IndexFunc(wire, func(w struct {
		method, path    string
		request, answer any
	}) bool {
		return w.method == r.Method && regexp.MustCompile("^"+w.path+"$").MatchString(path)
	})
	if i < 0 {
		s.t.Errorf("%s is no call of the reference", call)
		return s.next.RoundTrip(r)
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.report("request of "+call, Mismatches(body, wire[i].request, true))
	}
	resp, err := s.next.RoundTrip(r)
	if err != nil || resp.StatusCode > 299 {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.report("answer to "+call, Mismatches(body, wire[i].answer, false))
	return resp, nil
}

func (s *shapes) report(what string, mismatches []string) {
	for _, m := range mismatches {
		s.t.Errorf("%s: %s", what, m)
	}
}

// Mismatches are where JSON is not of a form. exact tells that it may hold no more than that has.
func Mismatches(text []byte, form any, exact bool) []string {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return []string{"it is no JSON"}
	}
	return mismatches("", v, form, exact)
}

func mismatches(at string, v, form any, exact bool) (all []string) {
	is := func(word string) bool {
		switch word {
		case "string":
			_, ok := v.(string)
			return ok
		case "number":
			_, ok := v.(float64)
			return ok
		case "bool":
			_, ok := v.(bool)
			return ok
		case "strings":
			list, ok := v.([]any)
			return ok && !slices.ContainsFunc(list, func(one any) bool { _, ok := one.(string); return !ok })
		}
		panic("scenariotest: " + word + " is no form")
	}
	switch form := form.(type) {
	case string:
		if word := strings.TrimSuffix(form, "!"); !is(word) {
			all = append(all, fmt.Sprintf("%s is %T, not %s", at, v, word))
		}
	case []shape:
		list, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, not a list", at, v)}
		}
		for i, one := range list {
			all = append(all, mismatches(fmt.Sprintf("%s[%d]", at, i), one, form[0], exact)...)
		}
	case shape:
		object, ok := v.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, not an object", at, v)}
		}
		for _, field := range slices.Sorted(maps.Keys(form)) {
			is, there := object[field]
			word, _ := form[field].(string)
			switch {
			case there && (is != nil || strings.HasSuffix(word, "!")):
				all = append(all, mismatches(at+"."+field, is, form[field], exact)...)
			case strings.HasSuffix(word, "!"):
				all = append(all, at+"."+field+" is missing")
			}
		}
		for field := range object {
			if _, known := form[field]; !known && exact {
				all = append(all, at+"."+field+" is not in the reference")
			}
		}
	}
	return all
}
