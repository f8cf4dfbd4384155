package drop

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is something that happened, told once it is true.
type Event struct {
	// ID is one more than that of the event before. A program that starts again goes on from the
	// time, in Unix microseconds, and so above whatever it gave before.
	ID   int64
	At   time.Time
	Data EventData
}

// EventData is what happened: one of the types below, by value.
type EventData interface{ EventType() EventType }

// EventType names what happened, in JSON and as the event of a stream. The values are stable.
type EventType string

// The types of events.
const (
	EventItemMoved     EventType = "item_moved"
	EventItemsChanged  EventType = "items_changed"
	EventProgress      EventType = "progress"
	EventFolder        EventType = "folder_changed"
	EventHost          EventType = "host_changed"
	EventPause         EventType = "pause_changed"
	EventConfig        EventType = "config_read"
	EventAwaited       EventType = "awaited_changed"
	EventLocalDatabase EventType = "local_database_changed"
)

// ItemMoved tells of one item that moved along the table of states, or whose reason changed.
type ItemMoved struct {
	Item      int64  `json:"item"`
	Path      string `json:"path"`
	PathBytes []byte `json:"path_bytes,omitempty"` // the path where it is not UTF-8
	Folder    string `json:"folder"`
	From      State  `json:"from,omitempty"` // absent: the item is new
	To        State  `json:"to"`
	Reason    Reason `json:"reason,omitempty"`
	Detail    Detail `json:"detail,omitempty"`
	Kind      string `json:"kind,omitempty"` // absent: not known yet
	Asset     string `json:"asset,omitempty"`
	Size      int64  `json:"size"` // bytes
}

// ItemsChanged tells of so many items that changed at once that each of them is not told of,
// or of items that were forgotten. Whoever follows single items reads all of them again.
type ItemsChanged struct {
	Count int `json:"count"`
}

// Progress tells of the transfers that are new, or further than when it was told last.
type Progress struct {
	Transfers []TransferProgress `json:"transfers"`
}

// TransferProgress is how far one file is.
type TransferProgress struct {
	Item  int64  `json:"item"`
	Sent  int64  `json:"sent"` // bytes
	Size  int64  `json:"size"` // bytes
	Rate  int64  `json:"rate"` // bytes per second, of late
	Doing string `json:"doing"`
}

// FolderChanged tells how a watch folder is now. One that is not watched any more is not
// available, and has no trouble.
type FolderChanged struct {
	Folder    string     `json:"folder"`
	Available bool       `json:"available"`
	Trouble   Detail     `json:"trouble,omitempty"`
	Scanning  bool       `json:"scanning"`
	LastScan  *time.Time `json:"last_scan,omitempty"` // when it ended
	Files     int        `json:"files"`               // of the last scan, that no rule ignores
	Ignored   int        `json:"ignored"`             // by the last scan
}

// HostChanged tells whether requests are sent to Scenario and its storage.
type HostChanged struct {
	Available bool       `json:"available"`
	Trouble   Detail     `json:"trouble,omitempty"`
	NextTry   *time.Time `json:"next_try,omitempty"`
}

// PauseChanged tells that uploads were paused or resumed.
type PauseChanged struct {
	Paused bool       `json:"paused"`
	Until  *time.Time `json:"until,omitempty"` // absent while paused: until they are resumed
}

// ConfigRead tells that the edited config is in force, or what is wrong with it.
type ConfigRead struct {
	Problems string `json:"problems,omitempty"` // absent: it is in force
}

// AwaitedChanged tells how many files are awaited that are not finished yet.
type AwaitedChanged struct {
	Count int   `json:"count"`
	Bytes int64 `json:"bytes"` // so far, of all of them
}

// LocalDatabaseChanged tells whether the local database can be written.
type LocalDatabaseChanged struct {
	Writable bool   `json:"writable"`
	Trouble  Detail `json:"trouble,omitempty"`
}

// EventType is of EventData, as it is of the types below.
func (ItemMoved) EventType() EventType            { return EventItemMoved }
func (ItemsChanged) EventType() EventType         { return EventItemsChanged }
func (Progress) EventType() EventType             { return EventProgress }
func (FolderChanged) EventType() EventType        { return EventFolder }
func (HostChanged) EventType() EventType          { return EventHost }
func (PauseChanged) EventType() EventType         { return EventPause }
func (ConfigRead) EventType() EventType           { return EventConfig }
func (AwaitedChanged) EventType() EventType       { return EventAwaited }
func (LocalDatabaseChanged) EventType() EventType { return EventLocalDatabase }

// eventJSON is an Event in JSON.
type eventJSON struct {
	ID   int64           `json:"id"`
	At   time.Time       `json:"at"`
	Type EventType       `json:"type"`
	Data json.RawMessage `json:"data"`
}

// MarshalJSON implements json.Marshaler.
func (e Event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(eventJSON{ID: e.ID, At: e.At, Type: e.Data.EventType(), Data: data})
}

// UnmarshalJSON implements json.Unmarshaler. It is an error for a type that this version does
// not know.
func (e *Event) UnmarshalJSON(text []byte) error {
	var j eventJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	data, err := decodeEvent(j.Type, j.Data)
	if err != nil {
		return fmt.Errorf("read event %d: %w", j.ID, err)
	}
	*e = Event{ID: j.ID, At: j.At, Data: data}
	return nil
}

func decodeEvent(t EventType, text []byte) (EventData, error) {
	switch t {
	case EventItemMoved:
		return decode[ItemMoved](text)
	case EventItemsChanged:
		return decode[ItemsChanged](text)
	case EventProgress:
		return decode[Progress](text)
	case EventFolder:
		return decode[FolderChanged](text)
	case EventHost:
		return decode[HostChanged](text)
	case EventPause:
		return decode[PauseChanged](text)
	case EventConfig:
		return decode[ConfigRead](text)
	case EventAwaited:
		return decode[AwaitedChanged](text)
	case EventLocalDatabase:
		return decode[LocalDatabaseChanged](text)
	}
	return nil, fmt.Errorf("unknown type %q", t)
}

func decode[T EventData](text []byte) (EventData, error) {
	var data T
	err := json.Unmarshal(text, &data)
	return data, err
}
