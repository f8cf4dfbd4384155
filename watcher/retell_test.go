package watcher

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"scenario-drop/drop"
)

// forgiving is a sink that takes held files from some time on.
type forgiving struct {
	*recorder
	takes atomic.Bool
	told  atomic.Int32
}

func (f *forgiving) Held(ctx context.Context, h Held) error {
	f.told.Add(1)
	if f.takes.Load() {
		return ErrNotAwaited
	}
	return f.recorder.Held(ctx, h)
}

// A held file of which the sink is told again stays held if nothing was decided; it is forgotten
// once the sink takes it as it is, and watched again from its next change on.
func TestReportAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	cut := drawing(t)[:100]
	write(t, path, cut)
	sink := &forgiving{recorder: newRecorder()}
	w := tuned(t, sink, quick(dir))
	start(t, w)
	eventually(t, "it is held", func() bool { return sink.reason(path) == drop.ReasonLooksCutOff })
	for _, p := range []string{path, filepath.Join(dir, "none.png")} {
		w.ReportAgain(dir, p)
	}
	w.ReportAgain(filepath.Join(dir, "no folder"), path)
	eventually(t, "the sink is told again", func() bool { return sink.told.Load() == 2 })
	if o := w.PathStatus(t.Context(), path); o.File == nil || !o.File.Held {
		t.Errorf("after that it is %+v, want held", o.File)
	}
	sink.takes.Store(true)
	w.ReportAgain(dir, path)
	eventually(t, "it is forgotten", func() bool { o := w.PathStatus(t.Context(), path); return o.Answered && o.File == nil })
	sink.takes.Store(false)
	write(t, path, cut[:90])
	eventually(t, "its next version is held", func() bool {
		o := w.PathStatus(t.Context(), path)
		return o.File != nil && o.File.Held
	})
}
