package drop

import (
	"log/slog"
	"strings"
	"testing"
)

// A Detail is what it was made of, equal to one of the same values, and adds up.
func TestDetail(t *testing.T) {
	d := TextMoved.With("path", `/a "b".png`)
	if d != TextMoved.With("path", `/a "b".png`) || d == TextMoved.With("path", "/c.png") {
		t.Error("equal values do not make equal details")
	}
	if !d.Is(TextMoved) || d.Is(TextTrashed) || Detail("").Is("") {
		t.Error("it is not the sentence that it is")
	}
	both := d.And(Detail("As it was once.")).And("").And(TextTrashed.With("why", ""))
	if got := both.Sentences(); len(got) != 3 || got[0].Values["path"] != `/a "b".png` || got[1].Text != TextAsIs || got[1].Values["words"] != "As it was once." ||
		got[2].Text != TextTrashed || got[2].Values != nil {
		t.Errorf("%+v", got)
	}
	if Detail("").And("") != "" || Detail("").And(d) != d || len(Detail("").Sentences()) != 0 {
		t.Error("nothing and nothing is something")
	}
	if got := both.Value("words"); got != "As it was once." {
		t.Errorf("the words are %q", got)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "why", TextRefused.With("words", "no", "request", "r1"))
	if got := log.String(); !strings.Contains(got, `why="refused request=r1 words=no"`) {
		t.Errorf("in the log: %s", got)
	}
}
