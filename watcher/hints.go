package watcher

import "sync"

// hint is a path that deserves a check.
type hint struct {
	path string
	made bool // the name is new there; otherwise its content or attributes changed
}

// hints collects what events tell until the folder's goroutine takes it. Putting never
// waits, so that the source of events is always drained; beyond the limit the paths are
// dropped and a scan is asked for instead.
type hints struct {
	limit int
	wake  func() // never blocks

	mu    sync.Mutex
	order []hint
	index map[string]int // place in order
	lost  bool           // events were lost: only a scan can tell
	root  bool           // something happened to the folder itself
}

// put adds a path.
func (h *hints) put(path string, made bool) {
	h.mu.Lock()
	defer h.wake()
	defer h.mu.Unlock()
	if i, ok := h.index[path]; ok {
		h.order[i].made = h.order[i].made || made
		return
	}
	if len(h.order) >= h.limit {
		h.order, h.index, h.lost = nil, nil, true
		return
	}
	if h.index == nil {
		h.index = make(map[string]int)
	}
	h.index[path] = len(h.order)
	h.order = append(h.order, hint{path, made})
}

// lose notes that events were lost.
func (h *hints) lose() {
	h.mu.Lock()
	defer h.wake()
	defer h.mu.Unlock()
	h.lost = true
}

// touchRoot notes that something happened to the folder itself.
func (h *hints) touchRoot() {
	h.mu.Lock()
	defer h.wake()
	defer h.mu.Unlock()
	h.root = true
}

// take hands over everything in order of arrival.
func (h *hints) take() (found []hint, lost, root bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	found, lost, root = h.order, h.lost, h.root
	h.order, h.index, h.lost, h.root = nil, nil, false, false
	return found, lost, root
}
