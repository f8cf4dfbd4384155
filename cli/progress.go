package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"scenario-drop/service"
	"scenario-drop/status"
)

// progress shows how far a pass is: a bar where stderr is a terminal, else a line when
// something gets in the way. It is safe for concurrent use.
type progress struct {
	stderr io.Writer
	hidden bool // say nothing
	all    *mpb.Progress
	bar    *mpb.Bar

	mu      sync.Mutex
	done    int
	waiting int
	scanned bool
	sent    int64 // bytes
	trouble string
	ended   bool
}

// newProgress begins to show a pass; end ends it. With JSON nothing but the JSON is
// written, unless stderr is a terminal.
func (a *app) newProgress(asJSON bool) *progress {
	p := &progress{stderr: a.Stderr, hidden: asJSON}
	if !a.terminal(a.Stderr) {
		return p
	}
	p.all = mpb.New(mpb.WithOutput(a.Stderr), mpb.WithWidth(30), mpb.WithRefreshRate(150*time.Millisecond))
	p.bar = p.all.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarFillerClearOnAbort(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text() })))
	return p
}

// bars reports whether a bar is shown.
func (p *progress) bars() bool { return p.bar != nil }

// Write writes lines above the bar, or to stderr.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	shown := p.bar != nil && !p.ended
	p.mu.Unlock()
	if shown {
		return p.all.Write(b)
	}
	return p.stderr.Write(b)
}

// rested tells that one more file is done.
func (p *progress) rested() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

// update takes how things stand.
func (p *progress) update(s *service.Progress) {
	trouble := s.Trouble()
	p.mu.Lock()
	news := trouble != p.trouble && trouble != ""
	p.scanned, p.waiting, p.sent, p.trouble = s.Scanned, s.Waiting, s.BytesSent(), trouble
	done, total := p.done, p.done+p.waiting
	p.mu.Unlock()
	if p.bar != nil {
		p.bar.SetTotal(int64(max(total, 1)), false)
		p.bar.SetCurrent(int64(min(done, max(total, 1))))
		return
	}
	if news && !p.hidden {
		fmt.Fprintln(p.stderr, status.Text(fullStop(trouble)))
	}
}

// said reports whether the trouble stands on stderr already.
func (p *progress) said(trouble string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bar == nil && !p.hidden && p.trouble == trouble
}

// text stands beside the bar.
func (p *progress) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return progressText(p.done, p.waiting, p.sent, p.scanned, p.trouble)
}

func progressText(done, waiting int, sent int64, scanned bool, trouble string) string {
	parts := []string{fmt.Sprintf("%d of %s", done, files(done+waiting)), bytesText(sent) + " sent"}
	if !scanned {
		parts = append(parts, "looking for files")
	}
	if trouble != "" {
		parts = append(parts, status.Text(trouble))
	}
	return " " + strings.Join(parts, " · ")
}

// end takes the bar away. Further calls do nothing.
func (p *progress) end() {
	p.mu.Lock()
	first := !p.ended
	p.ended = true
	p.mu.Unlock()
	if first && p.bar != nil {
		p.bar.Abort(true)
		p.all.Wait()
	}
}
