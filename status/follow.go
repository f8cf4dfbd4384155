package status

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"scenario-drop/drop"
)

// errEnded means that the daemon ended a stream.
var errEnded = errors.New("scenario-drop has ended")

// lostAfter is how long the daemon may say nothing before it is taken for lost.
const lostAfter = 3 * heartbeat

// maxLine bounds a line of a stream, in bytes.
const maxLine = 1 << 20

// Heard is one sign of life of a stream of events.
type Heard struct {
	ID   int64 // to read on from later
	Lost bool  // events before it are lost: check the whole again
	// Event is what happened. Its Data is nil for the first Heard of a stream, for Lost, and for
	// what this version does not know.
	Event drop.Event
}

// Follow reads what happens after the event with a number (0: from now on), and tells what it
// hears, until ctx ends or the daemon does. The first it tells says that it reads. The error
// is never nil; it is that of hear if that has one.
func (c *Client) Follow(ctx context.Context, since int64, hear func(Heard) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	path := eventsPath
	if since != 0 {
		path += "?since=" + strconv.FormatInt(since, 10)
	}
	silence := time.AfterFunc(lostAfter, cancel)
	defer silence.Stop()
	res, end, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer end()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, maxLine)
	var block eventBlock
	for lines.Scan() {
		silence.Reset(lostAfter)
		heard, complete, err := block.add(lines.Text())
		if err == nil && complete {
			err = hear(heard)
		}
		if err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read what happens: %w", err)
	}
	return errEnded
}

// eventBlock gathers the lines of one server-sent event.
type eventBlock struct{ id, event, data string }

// add takes a line; complete tells that it ended a block that has a number.
func (b *eventBlock) add(line string) (h Heard, complete bool, err error) {
	if line == "" {
		h, complete, err = b.heard()
		*b = eventBlock{}
		return h, complete, err
	}
	field, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch field {
	case "id":
		b.id = value
	case "event":
		b.event = value
	case "data":
		b.data = value
	}
	return Heard{}, false, nil
}

func (b *eventBlock) heard() (h Heard, complete bool, err error) {
	if b.id == "" {
		return h, false, nil // a sign of life
	}
	if h.ID, err = strconv.ParseInt(b.id, 10, 64); err != nil {
		return h, false, fmt.Errorf("read the number of an event: %w", err)
	}
	h.Lost = b.event == lostEvent
	if b.data != "" && !h.Lost {
		_ = json.Unmarshal([]byte(b.data), &h.Event) // of a later version: that it happened is told
	}
	return h, true, nil
}
