package drop

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)

var everyEvent = []EventData{
	ItemMoved{Item: 7, Path: "/w/a\xff.png", PathBytes: []byte("/w/a\xff.png"), Folder: "/w", From: "linking", To: "imported", Reason: "without_parent", Kind: "image", Asset: "asset_1", Size: 9},
	ItemsChanged{Count: 1000},
	Progress{Transfers: []TransferProgress{{Item: 7, Sent: 1, Size: 2, Rate: 3, Doing: "sending"}}},
	FolderChanged{Folder: "/w", Available: true, Scanning: true, LastScan: &at, Files: 3, Ignored: 1},
	HostChanged{Trouble: "away", NextTry: &at},
	PauseChanged{Paused: true, Until: &at},
	ConfigRead{Problems: "bad"},
	AwaitedChanged{Count: 2, Bytes: 9},
	LocalDatabaseChanged{Trouble: "full"},
}

// Every event reads as it was written, and says its type.
func TestEventsInJSON(t *testing.T) {
	for _, data := range everyEvent {
		e := Event{ID: 5, At: at, Data: data}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), `"type":"`+string(data.EventType())+`"`) {
			t.Errorf("%s does not say that it is %s", text, data.EventType())
		}
		var back Event
		if err := json.Unmarshal(text, &back); err != nil {
			t.Error(err)
		}
		if m, ok := back.Data.(ItemMoved); ok {
			m.Path = string(m.PathBytes) // JSON text cannot hold it
			back.Data = m
		}
		if !reflect.DeepEqual(back, e) {
			t.Errorf("%+v was read as %+v", e, back)
		}
	}
	var e Event
	if err := json.Unmarshal([]byte(`{"id":1,"type":"of_a_later_version","data":{}}`), &e); err == nil {
		t.Error("an unknown type was read")
	}
}

// Programs rely on docs/events.md: it has every type and every key.
func TestEventsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range everyEvent {
		_, row, ok := strings.Cut(string(text), "\n| `"+string(data.EventType())+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if !ok {
			t.Errorf("%s is missing", data.EventType())
		}
		for _, key := range keys(reflect.TypeOf(data)) {
			if !strings.Contains(row, "`"+key+"`") {
				t.Errorf("%s has no %s: %s", data.EventType(), key, row)
			}
		}
	}
}

func keys(t reflect.Type) (all []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		all = append(all, key)
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			all = append(all, keys(f.Type.Elem())...)
		}
	}
	return all
}
