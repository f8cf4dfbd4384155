package standin

import (
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"strings"
)

// Paths of this server's own, beside the API.
const (
	adminPath = "/_standin/"
	trapPath  = adminPath + "trap" // where the redirects of faults lead
)

// AdminHeader is the header that brings Options.AdminToken.
const AdminHeader = "X-Standin-Token"

// adminRoutes serves the account and the faults to tests in other processes:
//
//	GET    /_standin/account
//	POST   /_standin/faults         a Fault as JSON
//	DELETE /_standin/faults
//	DELETE /_standin/entities/{id}  as Server.Delete
//
// Only this machine may call, and not from a web page; with Options.AdminToken, only who
// knows it.
func (s *Server) adminRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+adminPath+"account", s.admin(func(w http.ResponseWriter, _ *http.Request) {
		s.writeJSON(w, http.StatusOK, s.Account())
	}))
	mux.HandleFunc("POST "+adminPath+"faults", s.admin(s.adminInject))
	mux.HandleFunc("DELETE "+adminPath+"faults", s.admin(func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	}))
	mux.HandleFunc("DELETE "+adminPath+"entities/{id}", s.admin(func(w http.ResponseWriter, r *http.Request) {
		if !s.Delete(r.PathValue("id")) {
			s.writeJSON(w, http.StatusNotFound, map[string]string{"error": "not found"})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	mux.HandleFunc(trapPath, func(w http.ResponseWriter, r *http.Request) {
		detail := "a redirect was followed"
		if r.Header.Get("Authorization") != "" {
			detail += ", with credentials"
		}
		s.violation(RedirectFollowed, r, detail)
		w.WriteHeader(http.StatusNoContent)
	})
}

// admin lets in who calls from this machine. A browser's cross-site requests are told by
// their Origin, and those of a page whose name was made to lead here by its Host.
func (s *Server) admin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		if err != nil || ip == nil || !ip.IsLoopback() || r.Header.Get("Origin") != "" || !leadsHere(r.Host) {
			s.writeJSON(w, http.StatusForbidden, map[string]string{"error": "only for programs on this machine"})
			return
		}
		if t := s.o.AdminToken; t != "" && !sameText(r.Header.Get(AdminHeader), t) {
			s.writeJSON(w, http.StatusForbidden, map[string]string{"error": "the header " + AdminHeader + " must bring the token that was printed at the start"})
			return
		}
		next(w, r)
	}
}

// leadsHere reports whether a Host header names this machine by itself, or by an address.
func leadsHere(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil
}

func (s *Server) adminInject(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		s.writeJSON(w, http.StatusUnsupportedMediaType, map[string]string{"error": "send application/json"})
		return
	}
	var f Fault
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	dec.DisallowUnknownFields()
	err := dec.Decode(&f)
	if err == nil {
		err = s.checkFault(f)
	}
	if err != nil {
		s.writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	s.Inject(f)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		s.log.Error("the stand-in could not write JSON", "error", err)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	s.write(w, b)
}
