package scenario

import (
	"testing"
	"time"
)

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		u    Upload
		want Outcome
	}{
		{Upload{Status: "pending"}, Sending},
		{Upload{Status: "pending", EntityID: "early"}, Sending},
		{Upload{Status: "complete"}, Working},
		{Upload{Status: "validating", EntityID: "early"}, Working},
		{Upload{Status: "validated"}, Working},
		{Upload{Status: "imported"}, Working},
		{Upload{Status: "imported", EntityID: "a"}, Imported},
		{Upload{Status: "Imported", EntityID: "a"}, Imported},
		{Upload{Status: "failed"}, Failed},
		{Upload{Status: "failed", EntityID: "a"}, Failed},
		{Upload{Status: "scanning"}, Working},
		{Upload{Status: "scanning", ErrorMessage: "hm"}, Working},
	} {
		if got := c.u.Outcome(); got != c.want {
			t.Errorf("%q, entity %q: %v, want %v", c.u.Status, c.u.EntityID, got, c.want)
		}
	}
}

func TestParseExpires(t *testing.T) {
	want := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, v := range []any{
		"2025-05-01T12:00:00Z", "2025-05-01T12:00:00.000Z", "2025-05-01T14:00:00+02:00",
		"Thu, 01 May 2025 12:00:00 GMT", "1746100800", " 1746100800.0 ", "1746100800000", 1746100800.0, 1746100800000.0,
	} {
		if got := parseExpires(v); !got.Equal(want) {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, v := range []any{nil, "", "soon", "-1", "NaN", "Inf", "1e300", 0.0, true, []any{"2025-05-01T12:00:00Z"}} {
		if got := parseExpires(v); !got.IsZero() {
			t.Errorf("%v: %v", v, got)
		}
	}
}

func TestExpiredAtByTheServersClock(t *testing.T) {
	server := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	ours := server.Add(9 * time.Hour) // a machine whose clock is wrong
	u := &Upload{ServerDate: server, ReceivedAt: ours}
	p := Part{Number: 1, Expires: server.Add(time.Hour)}
	for after, want := range map[time.Duration]bool{0: false, time.Hour - 1: false, time.Hour: true, 2 * time.Hour: true} {
		if got := p.ExpiredAt(u.ServerNow(ours.Add(after))); got != want {
			t.Errorf("after %v: %v", after, got)
		}
	}
	if (Part{}).ExpiredAt(server) {
		t.Error("an unknown end has passed")
	}
	if got := (&Upload{}).ServerNow(ours); !got.Equal(ours) {
		t.Errorf("without the server's clock: %v", got)
	}
}
