package logging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/internal/testkit/logtest"
)

// lines is a log in memory.
type lines struct{ logtest.Buffer }

func (l *lines) all() []string {
	text := l.String()
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// handlers are the real ones, without the time.
func handlers(w io.Writer) map[string]slog.Handler {
	o := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	return map[string]slog.Handler{"text": slog.NewTextHandler(w, o), "json": slog.NewJSONHandler(w, o)}
}

// What one failure, and what its recovery, does at each moment: in the words fail, well,
// and wait (the lines that are due while nothing is logged).
func TestLinesOfAFailure(t *testing.T) {
	const fail, well, wait = "fail", "well", "wait"
	type step struct {
		at   time.Duration
		what string
		want string // lines, joined by a space: F is a failure's first line, F3 one that says it stands for 3, W a recovery
	}
	for name, steps := range map[string][]step{
		"one failure is a line":  {{0, fail, "F"}, {time.Minute, wait, ""}},
		"and so is its recovery": {{0, fail, "F"}, {time.Second, well, "W"}},
		"repetitions become lines at growing intervals": {
			{0, fail, "F"}, {1 * time.Second, fail, ""}, {9 * time.Second, fail, ""}, {10 * time.Second, fail, "F3"},
			{29 * time.Second, fail, ""}, {30 * time.Second, fail, "F2"}, {69 * time.Second, fail, ""}, {71 * time.Second, wait, "F1"},
			{80 * time.Second, well, "W"}},
		"what is left is told though nothing more comes": {{0, fail, "F"}, {time.Second, fail, ""}, {9 * time.Second, wait, ""}, {10 * time.Second, wait, "F1"}, {time.Hour, wait, ""}},
		"nothing is told of a failure after its recovery": {
			{0, fail, "F"}, {time.Second, fail, ""}, {2 * time.Second, well, "W"}, {10 * time.Second, wait, ""}},
		"what comes and goes is reported with its recoveries": {
			{0, fail, "F"}, {time.Second, well, "W"}, {2 * time.Second, fail, ""}, {3 * time.Second, well, ""},
			{4 * time.Second, fail, ""}, {5 * time.Second, well, ""}, {10 * time.Second, wait, "F2 W"}, {20 * time.Second, wait, ""}},
		"a failure soon after a recovery is told as soon as a line may come": {
			{0, fail, "F"}, {time.Second, well, "W"}, {2 * time.Second, fail, ""}, {10 * time.Second, wait, "F1"}, {15 * time.Second, well, "W"}},
		"after a minute without one a failure is a new one": {
			{0, fail, "F"}, {time.Second, fail, ""}, {12 * time.Second, fail, "F2"}, {13 * time.Second, well, "W"}, {73 * time.Second, fail, "F"}, {74 * time.Second, fail, ""}, {84 * time.Second, fail, "F2"}},
		"a failure without a recovery is new again in the end": {
			{0, fail, "F"}, {time.Second, fail, ""}, {time.Minute, wait, "F1"}, {3 * time.Hour, fail, "F"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, format := range []string{"text", "json"} {
				var log lines
				start := time.Now()
				now := start
				f := NewDeduplicator(handlers(&log)[format], func() time.Time { return now })
				l := slog.New(f)
				for _, s := range steps {
					before := len(log.all())
					now = start.Add(s.at)
					switch s.what {
					case fail:
						l.Warn("it fails", Failure("it"), "why", errors.New("because"))
					case well:
						l.Info("it is well", Recovery("it"))
					case wait:
						f.due(t.Context(), now)
					}
					var got []string
					for _, line := range log.all()[before:] {
						got = append(got, short(t, format, line))
					}
					if s.want != strings.Join(got, " ") {
						t.Errorf("%s: %s at %v makes the lines %q, want %q", format, s.what, s.at, got, s.want)
					}
				}
			}
		})
	}
}

// short is F with the number of failures of a line, or W.
func short(t *testing.T, format, line string) string {
	t.Helper()
	msg, failure, repeated := "", "", 0
	if format == "json" {
		var v struct {
			Msg, Failure string
			Repeated     *int
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		msg, failure = v.Msg, v.Failure
		if v.Repeated != nil {
			repeated = *v.Repeated
		}
	} else {
		for _, field := range strings.Fields(line) {
			if n, ok := strings.CutPrefix(field, "repeated="); ok {
				fmt.Sscan(n, &repeated)
			}
			if id, ok := strings.CutPrefix(field, "failure="); ok {
				failure = id
			}
		}
		msg, _, _ = strings.Cut(strings.TrimPrefix(strings.SplitN(line, "msg=", 2)[1], `"`), `"`)
	}
	if failure != "it" {
		t.Errorf("the line does not name its failure: %s", line)
	}
	if msg == "it fails" && repeated == 0 {
		return "F"
	}
	if msg == "it fails" {
		return fmt.Sprintf("F%d", repeated)
	}
	return "W"
}

// Different failures, and those with different messages, are told apart; one recovery
// ends all of an id. Records that are not marked are never touched.
func TestDifferentFailuresAreSeparate(t *testing.T) {
	var log lines
	now := time.Now()
	l := slog.New(NewDeduplicator(handlers(&log)["text"], func() time.Time { return now })).With("folder", "/art")
	for range 5 {
		l.Warn("unreachable", Failure("a"))
		l.Warn("slow", Failure("a"))
		l.Warn("unreachable", Failure("b"))
		l.Warn("file failed", "item", 1)
	}
	l.Info("well", Recovery("a"))
	if got := log.all(); len(got) != 3+5+1 || !strings.Contains(got[0], "folder=/art") {
		t.Errorf("the log is\n%s", strings.Join(got, "\n"))
	}
}

// Ten thousand failures of each of a thousand kinds leave a bounded memory and a bounded log.
func TestMemoryIsBounded(t *testing.T) {
	var log lines
	now := time.Now()
	f := NewDeduplicator(handlers(&log)["text"], func() time.Time { return now })
	l := slog.New(f)
	for i := range 1000 {
		now = now.Add(time.Millisecond)
		for range 100 {
			l.Warn("it fails", Failure(fmt.Sprint(i)))
		}
		if len(f.bursts) > maxBursts {
			t.Fatalf("%d failures are remembered", len(f.bursts))
		}
	}
	if _, ok := f.bursts[burstKey{"0", "it fails"}]; ok {
		t.Error("the failure that was idle longest is the one kept")
	}
	if got := len(log.all()); got > 2000 {
		t.Errorf("there are %d lines", got)
	}
	now = now.Add(3 * time.Hour)
	f.due(t.Context(), now)
	now = now.Add(3 * time.Hour)
	f.due(t.Context(), now)
	if len(f.bursts) != 0 {
		t.Errorf("%d failures are remembered though all are long over", len(f.bursts))
	}
	total := 0
	for _, line := range log.all() {
		n := 1
		if _, after, ok := strings.Cut(line, "repeated="); ok {
			fmt.Sscan(after, &n)
		}
		total += n
	}
	if total != 100*1000 {
		t.Errorf("the lines stand for %d failures, want 100000", total)
	}
}

// Run tells what is due by itself, and at its end all that is left; twelve hours of a
// failure every second are some twenty lines.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lines
		f := NewDeduplicator(handlers(&log)["text"], time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.Run(ctx)
		}()
		l := slog.New(f)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				for range 12 * 60 * 60 {
					l.Error("it fails", Failure("it"))
					time.Sleep(time.Second)
				}
			})
		}
		all.Wait()
		l.Error("it fails", Failure("it"))
		cancel()
		<-ended
		total := 0
		for _, line := range log.all() {
			n := 1
			if _, after, ok := strings.Cut(line, "repeated="); ok {
				fmt.Sscan(after, &n)
			}
			total += n
		}
		if n := len(log.all()); total != 12*60*60*10+1 || n < 15 || n > 25 {
			t.Errorf("%d lines stand for %d failures", n, total)
		}
	})
}
