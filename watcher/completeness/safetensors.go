package completeness

import (
	"encoding/json"
	"errors"

	"scenario-drop/filetype/magic"
)

// checkSafetensors wants the file to be exactly as long as the last tensor's end in the
// header says, which is what loaders demand too.
func checkSafetensors(w *window) Verdict {
	h := w.at(0, 8)
	if h == nil {
		return onlyFirst(w.size, "model")
	}
	if magic.Of(w.head()) != "safetensors" && w.size >= 10 {
		if allZero(w.head()) || allZero(h) || w.head()[8] == 0 {
			return incomplete("the model has its size but not yet its content")
		}
		return cannotTell("its content does not begin like a safetensors model")
	}
	n := length(le.Uint64(h))
	switch {
	case 8+n > w.size:
		return tooShort(w, "model", 8+n)
	case n > MaxText:
		return cannotTell("the model's header is too long to be read")
	}
	end, err := tensorsEnd(w.part(8, n))
	if err != nil {
		if t := w.at(8+n-1, 1); t[0] == 0 {
			return incomplete("the model has its size but not yet its header")
		}
		return cannotTell("the model's header cannot be read")
	}
	switch total := 8 + n + end; {
	case total > w.size:
		return tooShort(w, "model", total)
	case total < w.size:
		return cannotTell("the model is longer than its header says")
	case end == 0:
		return complete()
	}
	return w.filled(false)
}

// tensorsEnd reads the header and returns where the last tensor ends, counted from the
// end of the header.
func tensorsEnd(header *window) (int64, error) {
	d := json.NewDecoder(header.stream(0))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, errors.Join(err, errors.New("no object"))
	}
	var end int64
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, err
		}
		if key == "__metadata__" {
			if err := d.Decode(new(json.RawMessage)); err != nil {
				return 0, err
			}
			continue
		}
		var tensor struct {
			Offsets [2]uint64 `json:"data_offsets"`
		}
		if err := d.Decode(&tensor); err != nil {
			return 0, err
		}
		end = max(end, length(tensor.Offsets[1]))
	}
	_, err := d.Token()
	return end, err
}
