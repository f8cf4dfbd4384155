package status

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"scenario-drop/drop"
	"scenario-drop/events"
)

// Bounds of the streams of events. The page and the control API have them each for itself.
const (
	maxStreams  = 8                // read at a time
	heartbeat   = 10 * time.Second // between two signs of life
	streamWrite = 10 * time.Second // to whoever reads slowly

	eventsPath = "/api/events"
	lostEvent  = "events_lost"
)

// eventStreams answers with what happens, as server-sent events, until the other side or ending
// ends. A reader that is too slow is told that it lost events, and one that does not read is cut.
type eventStreams struct {
	hub    *events.Hub
	ending context.Context
	// access is by what readers were let in: once it is another, they are to come again.
	access func() any
	places chan struct{} // has one for each stream

	heartbeat, writeWithin time.Duration
}

func newEventStreams(ending context.Context, hub *events.Hub, access func() any) *eventStreams {
	return &eventStreams{hub: hub, ending: ending, access: access, places: make(chan struct{}, maxStreams), heartbeat: heartbeat, writeWithin: streamWrite}
}

func (s *eventStreams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	since, err := s.since(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, fmt.Sprintf("%d read the events already; close one of them", maxStreams), http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ending, cancel)()
	defer s.hub.Join()()
	w.Header().Set("Content-Type", "text/event-stream")
	out := stream{w: w, control: http.NewResponseController(w), within: s.writeWithin}
	if err := out.control.SetReadDeadline(time.Time{}); err != nil {
		return // it is gone
	}
	s.tell(ctx, &out, since)
}

// since is the number of the event after which a request wants to read.
func (s *eventStreams) since(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID") // what a browser says when it comes again
	if text == "" {
		text = r.URL.Query().Get("since")
	}
	if text == "" {
		return s.hub.Last(), nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("since is to be the number of an event: %q", text)
	}
	return id, nil
}

// tell writes what happens after an event, until it cannot or ctx ends.
func (s *eventStreams) tell(ctx context.Context, out *stream, id int64) {
	if out.write(fmt.Sprintf("retry: 2000\nid: %d\n\n", id)) != nil {
		return
	}
	for access := s.access(); ctx.Err() == nil && s.access() == access; {
		happened, next, lost := s.hub.Since(id)
		var text strings.Builder
		if lost {
			fmt.Fprintf(&text, "event: %s\nid: %d\ndata: {}\n\n", lostEvent, next-int64(len(happened)))
		}
		for _, e := range happened {
			if err := writeEvent(&text, e); err != nil {
				return
			}
		}
		id = next
		if text.Len() > 0 && out.write(text.String()) != nil {
			return
		}
		waiting, cancel := context.WithTimeout(ctx, s.heartbeat)
		err := s.hub.Wait(waiting, id)
		cancel()
		if err != nil && ctx.Err() == nil && out.write(":\n\n") != nil {
			return
		}
	}
}

func writeEvent(text *strings.Builder, e drop.Event) error {
	e.Data = inWords(e.Data)
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	fmt.Fprintf(text, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Data.EventType(), EscapeJSON(string(data)))
	return nil
}

// inWords is an event with sentences in place of the details that they are made of.
func inWords(e drop.EventData) drop.EventData {
	in := func(d *drop.Detail) { *d = drop.Detail(Words(*d)) }
	switch e := e.(type) {
	case drop.ItemMoved:
		in(&e.Detail)
		return e
	case drop.FolderChanged:
		in(&e.Trouble)
		return e
	case drop.HostChanged:
		in(&e.Trouble)
		return e
	case drop.LocalDatabaseChanged:
		in(&e.Trouble)
		return e
	}
	return e
}

// stream is the answer that events are written to.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	within  time.Duration
}

// write sends text at once.
func (s *stream) write(text string) error {
	err := s.control.SetWriteDeadline(time.Now().Add(s.within))
	if err == nil {
		_, err = io.WriteString(s.w, text)
	}
	if err == nil {
		err = s.control.Flush()
	}
	return err
}
