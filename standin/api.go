package standin

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody is what the API's gateway lets through in a request's body.
const maxBody = 10 << 20

// handler routes everything this server answers.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		pattern, op string
		work        func(*apiRequest) (any, error)
	}{
		{"POST /uploads", OpCreate, s.createUpload},
		{"GET /uploads/{id}", OpGet, s.getUpload},
		{"POST /uploads/{id}/action", OpComplete, s.completeUpload},
		{"GET /assets", OpAssets, s.listAssets},
		{"POST /assets/get-bulk", OpAssetsBulk, s.getAssets},
		{"GET /assets/{id}", OpAsset, s.getAsset},
		{"GET /models/{id}", OpModel, s.getModel},
		{"PUT /assets/{id}/tags", OpTags, s.tagAsset},
		{"PUT /models/{id}/tags", OpTags, s.tagModel},
		{"GET /collections", OpCollections, s.listCollections},
		{"POST /collections", OpCollectionCreate, s.createCollection},
		{"GET /collections/{id}", OpCollection, s.getCollection},
		{"PUT /collections/{id}/assets", OpLink, s.linkAssets},
		{"PUT /collections/{id}/models", OpLink, s.linkModels},
		{"GET /jobs/{id}", OpJob, s.getJob},
		{"GET /teams", OpTeams, s.listTeams},
	} {
		method, path, _ := strings.Cut(route.pattern, " ")
		mux.HandleFunc(method+" "+apiPrefix+path, s.api(route.op, route.work))
	}
	mux.HandleFunc(apiPrefix+"/", func(w http.ResponseWriter, r *http.Request) {
		s.writeAPIError(w, &apiError{http.StatusNotFound, "no such call: " + r.Method + " " + r.URL.Path})
	})
	mux.HandleFunc("PUT "+partPath+"{upload}/{number}", s.putPart)
	mux.HandleFunc("GET "+objectPath+"{id}", s.getObject)
	s.adminRoutes(mux)
	return mux
}

// apiRequest is a request that has passed the gate: counted, read, known and allowed.
type apiRequest struct {
	id      string // {id} of the path
	project string
	origin  string // scheme and host the client used, for the URLs in the answer
	query   url.Values
	body    []byte
}

// decode reads the body's JSON object; unknown fields are let pass, as the API does.
func (r *apiRequest) decode(v any) error {
	if err := json.Unmarshal(r.body, v); err != nil {
		return badRequest("the body is not the JSON that was expected: %v", err)
	}
	return nil
}

// apiError is an answer of the API that is no success.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func notFound(what, id string) error {
	return &apiError{http.StatusNotFound, fmt.Sprintf("%s %q not found", what, id)}
}

// api wraps the work of one call with all that is common: counts, faults, the body
// limit, the rate limit, credentials, and the form of answers and errors.
func (s *Server) api(op string, work func(*apiRequest) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.requests.enter(op) {
			return
		}
		defer s.requests.leave(op)
		w.Header().Set("X-Amzn-Requestid", rand.Text())
		// The body is read before any fault, so that the client's giving up is noticed.
		limited := http.MaxBytesReader(w, r.Body, maxBody)
		var half []byte
		kind := ""
		if op == OpCreate && s.faults.byKind() {
			half, _ = io.ReadAll(limited) // an error comes again below
			kind = kindOf(half)
		}
		fault, cleared := s.faults.take(op, 0, kind)
		body, err := io.ReadAll(limited)
		body = append(half, body...)
		if err != nil {
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				s.writeAPIError(w, &apiError{http.StatusRequestEntityTooLarge, "Request Too Long"})
			}
			return
		}
		if fault.at(Before) && s.trigger(w, r, fault, cleared) {
			return
		}
		status, answer := s.perform(w, r, body, work)
		s.log.Debug("stand-in answers", "op", op, "path", r.URL.Path, "status", status)
		if fault.at(After) && s.trigger(w, r, fault, cleared) {
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.WriteHeader(status)
		if fault.at(Middle) {
			half := len(answer) / 2
			s.write(w, answer[:half])
			if s.trigger(w, r, fault, cleared) {
				return
			}
			answer = answer[half:]
		}
		s.write(w, answer)
	}
}

// perform does a call's work and returns its answer; only headers are set on w.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, body []byte, work func(*apiRequest) (any, error)) (int, []byte) {
	req := &apiRequest{id: r.PathValue("id"), origin: "http://" + r.Host, query: r.URL.Query(), body: body}
	result, err := s.gate(w, r, req)
	if err == nil {
		result, err = work(req)
	}
	if err == nil {
		var answer []byte
		if answer, err = encode(result, s.o.Behavior.Unknown); err == nil {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			return http.StatusOK, answer
		}
	}
	e, known := errors.AsType[*apiError](err)
	if !known {
		s.log.Error("the stand-in failed", "path", r.URL.Path, "error", err)
		e = &apiError{http.StatusInternalServerError, "Internal server error"}
	}
	return e.status, s.errorBody(w, e)
}

// gate lets a request pass or tells why not.
func (s *Server) gate(w http.ResponseWriter, r *http.Request, req *apiRequest) (any, error) {
	key, secret, ok := r.BasicAuth()
	if !ok || !sameText(key, s.o.Key) || !sameText(secret, s.o.Secret) {
		return nil, &apiError{http.StatusUnauthorized, "Unauthorized"}
	}
	if s.limiter != nil && !s.limiter.Allow() {
		s.requests.limited()
		s.setRetryAfter(w)
		return nil, &apiError{http.StatusTooManyRequests, "Too Many Requests"}
	}
	req.project = req.query.Get("projectId")
	if req.project == "" {
		req.project = s.defaultProject()
	} else if r.URL.Path == apiPrefix+"/teams" {
		return nil, nil // of no project
	} else if len(s.o.Projects) > 0 && !slices.Contains(s.o.Projects, req.project) {
		return nil, &apiError{http.StatusForbidden, fmt.Sprintf("the key may not use project %q", req.project)}
	}
	return nil, nil
}

// kindOf reads the kind out of the body of a create call.
func kindOf(body []byte) string {
	var b struct {
		Kind string `json:"kind"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	return b.Kind
}

// listTeams tells whose the key is: one team, with the projects that it may use.
func (s *Server) listTeams(*apiRequest) (any, error) {
	projects := []map[string]any{}
	for _, id := range s.o.Projects {
		projects = append(projects, map[string]any{"id": id, "name": "Project " + id})
	}
	if len(projects) == 0 {
		projects = append(projects, map[string]any{"id": DefaultProject, "name": "Test project"})
	}
	return map[string]any{"teams": []map[string]any{{"id": "team_standin", "name": "Test team", "plan": "enterprise", "projects": projects}}}, nil
}

func (s *Server) defaultProject() string {
	if len(s.o.Projects) > 0 {
		return s.o.Projects[0]
	}
	return DefaultProject
}

// setRetryAfter tells when the next request may come, rounded up so that obeying it
// always helps.
func (s *Server) setRetryAfter(w http.ResponseWriter) {
	wait := int(max(1, math.Ceil(1/s.o.Behavior.RatePerSecond)))
	switch s.o.Behavior.RetryAfter {
	case "seconds":
		w.Header().Set("Retry-After", strconv.Itoa(wait))
	case "date":
		at := time.Now().Add(time.Duration(wait+1) * time.Second)
		w.Header().Set("Retry-After", at.UTC().Format(http.TimeFormat))
	}
}

// errorBody writes an error in the form that is played.
func (s *Server) errorBody(w http.ResponseWriter, e *apiError) []byte {
	title := http.StatusText(e.status)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var shape any
	switch s.o.Behavior.ErrorShape {
	case "reason":
		shape = map[string]any{"error": title, "reason": e.message}
	case "nested":
		shape = map[string]any{"error": map[string]any{"code": title, "message": e.message}}
	case "message":
		shape = map[string]any{"message": e.message}
	case "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		return []byte(e.message)
	case "empty":
		w.Header().Del("Content-Type")
		return nil
	default:
		shape = map[string]any{"error": title, "message": e.message}
	}
	b, err := encode(shape, s.o.Behavior.Unknown)
	if err != nil {
		s.log.Error("the stand-in could not write an error", "error", err)
	}
	return b
}

func (s *Server) writeAPIError(w http.ResponseWriter, e *apiError) {
	b := s.errorBody(w, e)
	w.WriteHeader(e.status)
	s.write(w, b)
}

// write sends bytes at once. A client that is gone is of no interest here.
func (s *Server) write(w http.ResponseWriter, b []byte) {
	if _, err := w.Write(b); err != nil {
		s.log.Debug("the client left before its answer", "error", err)
		return
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		s.log.Debug("the client left before its answer", "error", err)
	}
}

// sameText compares without telling by its time where the texts differ.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
