package status

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"

	"github.com/dustin/go-humanize"
)

//go:embed page.html
var pageText string

// recentOnPage is how many files the page lists.
const recentOnPage = 50

type pageData struct {
	Snapshot
	Files  []File
	Totals []Total
}

func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	snapshot, err := s.Daemon.Snapshot(r.Context())
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	data := pageData{Snapshot: snapshot}
	if data.Files, err = s.Daemon.Recent(r.Context(), recentOnPage, false); err != nil {
		s.answer(w, nil, err)
		return
	}
	data.Totals = Totals(snapshot.Counts)
	page, err := template.New("page").Funcs(template.FuncMap{
		"bytes":      func(n int64) string { return humanize.IBytes(uint64(max(n, 0))) },
		"ago":        func(t time.Time) string { return humanize.Time(t) },
		"path":       Printable,
		"stateName":  StateName,
		"sharedText": func() string { return SharedText },
		"percent": func(t Transfer) int64 {
			if t.Size == 0 {
				return 0
			}
			return 100 * t.Sent / t.Size
		},
	}).Parse(pageText)
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		s.answer(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write(b.Bytes()); err != nil {
		s.Log.Debug("the page could not be written", "why", err)
	}
}
