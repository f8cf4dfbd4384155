package config

import (
	"testing"
	"time"
)

func TestBandwidthAt(t *testing.T) {
	path := studio(t, `[upload]
bandwidth = [
  { from = "09:00", to = "18:00", limit = "1MB/s" },
  { from = "22:30", to = "06:00", limit = "20 MiB/s" }, # past midnight
  { from = "18:00", to = "18:01", limit = "500kB/s" },
]
`+watchIn)
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("there", 5*3600)
	for clock, want := range map[string]int64{
		"08:59": 0, "09:00": 1_000_000, "12:00": 1_000_000, "17:59": 1_000_000,
		"18:00": 500_000, "18:01": 0, "22:29": 0,
		"22:30": 20 << 20, "23:59": 20 << 20, "00:00": 20 << 20, "05:59": 20 << 20, "06:00": 0,
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-01 "+clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Upload.Bandwidth.At(at).Rate; got != want {
			t.Errorf("at %s: %d, want %d", clock, got, want)
		}
	}
	for _, limit := range []Limit{{}, {Rate: 5_000_000}, {Share: 60}} {
		if got := Constant(limit).At(time.Now()); got != limit {
			t.Errorf("Constant(%+v): %+v", limit, got)
		}
	}
}

func TestShareOfTheLine(t *testing.T) {
	c, err := withKey().Load(studio(t, "[upload]\nbandwidth = [{from='09:00', to='18:00', limit='40%'}]\n"+watchIn))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if got := c.Upload.Bandwidth.At(noon); got != (Limit{Share: 40}) {
		t.Errorf("at noon: %+v", got)
	}
}

func TestTimetableAsTables(t *testing.T) {
	c, err := withKey().Load(studio(t, "[[upload.bandwidth]]\nfrom = '00:00'\nto = '12:00'\nlimit = '1MB/s'\n"+
		"[[upload.bandwidth]]\nfrom = '12:00'\nto = '24:00'\nlimit = '2MB/s'\n"+watchIn))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	if a, b := c.Upload.Bandwidth.At(noon.Add(-time.Second)), c.Upload.Bandwidth.At(noon.Add(12*time.Hour-time.Second)); a.Rate != 1_000_000 || b.Rate != 2_000_000 {
		t.Errorf("got %d and %d", a, b)
	}
}

func TestOverlaps(t *testing.T) {
	at := func(from, to int) slot { return slot{from: from * 60, to: to * 60} }
	tests := []struct {
		a, b slot
		want bool
	}{
		{at(9, 18), at(18, 22), false},
		{at(9, 18), at(17, 22), true},
		{at(9, 18), at(10, 11), true},
		{at(22, 6), at(6, 22), false},
		{at(22, 6), at(5, 7), true},
		{at(22, 6), at(21, 23), true},
		{at(22, 6), at(23, 5), true},
		{at(22, 6), at(0, 1), true},
		{at(22, 24), at(0, 6), false},
		{at(12, 24), at(23, 24), true},
		{at(0, 6), at(0, 1), true},
	}
	for _, test := range tests {
		if got := test.a.overlaps(test.b); got != test.want {
			t.Errorf("%v and %v: %v", test.a, test.b, got)
		}
		if got := test.b.overlaps(test.a); got != test.want {
			t.Errorf("%v and %v: %v", test.b, test.a, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{
		"16MiB": 16 << 20, "16 MiB": 16 << 20, "16mib": 16 << 20, "1.5GB": 1_500_000_000, "7B": 7,
		"16": -1, "": -1, "MiB": -1, "16M": -1, "1,5GB": -1, "-1MB": -1, "1e3MB": -1, "1..5MB": -1, "9999EB": -1, "10EB": -1, "5MB/s": -1,
	} {
		got, ok := parseSize(s)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("parseSize(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"collection_ids", "collections", "path", "kind", "hide", "poll"}
	for typed, want := range map[string]string{
		"colection_ids": "collection_ids", "collection_id": "collection_ids", "collection": "collections", "Collections": "collections",
		"collection-ids": "collection_ids", "paht": "path", "knd": "kind", "hidden": "", "folder": "", "": "", "lop": "",
	} {
		if got := nearest(typed, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
