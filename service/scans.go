package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// scansKey is where the ledger remembers what the last scan of each folder counted, for
// whoever asks while nothing runs.
const scansKey = "folder_scans"

// folderScan is what the last scan of a folder counted.
type folderScan struct {
	Path        []byte         `json:"path"` // bytes, since a name need not be UTF-8
	At          time.Time      `json:"at"`
	Directories int            `json:"directories"`
	Files       int            `json:"files"`
	Ignored     status.Ignored `json:"ignored"`
}

// scanMemory writes down what scans count. Run is its goroutine; scanned may be called
// from any.
type scanMemory struct {
	ledger  *ledger.Ledger
	folders func() []watcher.FolderStatus
	log     *slog.Logger
	wake    chan struct{}

	mu   sync.Mutex
	last []folderScan // as written last
}

// rememberAgain is how old the times may get while nothing else changes: each is a durable
// change of the ledger.
const rememberAgain = 10 * time.Minute

func newScanMemory(l *ledger.Ledger, folders func() []watcher.FolderStatus, log *slog.Logger) *scanMemory {
	return &scanMemory{ledger: l, folders: folders, log: log, wake: make(chan struct{}, 1)}
}

// scanned notes that there is something new to remember.
func (m *scanMemory) scanned() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run remembers until ctx ends.
func (m *scanMemory) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.wake:
		}
		if err := m.remember(ctx); err != nil && ctx.Err() == nil {
			m.log.Debug("what the scans counted could not be written down", "why", err)
		}
	}
}

// remember writes down what the scans counted, if that is news.
func (m *scanMemory) remember(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := map[string]folderScan{}
	if m.last == nil {
		all, err := readScans(ctx, m.ledger)
		if err != nil {
			return err
		}
		m.last = all
	}
	for _, s := range m.last {
		before[string(s.Path)] = s
	}
	news := false
	var now []folderScan
	for _, f := range m.folders() {
		was, known := before[f.Path]
		if f.LastScan.IsZero() {
			if known {
				now = append(now, was)
			}
			continue
		}
		s := scanOf(f)
		same := s
		same.At = was.At
		if !known || !reflect.DeepEqual(same, was) || s.At.Sub(was.At) > rememberAgain {
			news = true
			now = append(now, s)
		} else {
			now = append(now, was)
		}
	}
	if !news {
		return nil
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	if err := m.ledger.Set(ctx, scansKey, string(text)); err != nil {
		return err
	}
	m.last = now
	return nil
}

func scanOf(f watcher.FolderStatus) folderScan {
	return folderScan{Path: []byte(f.Path), At: f.LastScan.Round(0), Directories: f.Dirs, Files: f.Files, Ignored: Ignored(f.Ignored, f.IgnoredBy)}
}

// Ignored is a count of the watcher as status tells it.
func Ignored(count int, by map[drop.Reason]watcher.IgnoredCount) status.Ignored {
	i := status.Ignored{Count: count, ByRule: make(map[drop.Reason]status.IgnoredCount, len(by))}
	for rule, n := range by {
		i.ByRule[rule] = status.IgnoredCount(n)
	}
	return i
}

// readScans returns what the ledger remembers of scans.
func readScans(ctx context.Context, l *ledger.Ledger) (all []folderScan, err error) {
	text, err := l.Get(ctx, scansKey)
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read what the scans counted: %w", err)
	}
	return all, nil
}

// recallScans fills in what the ledger remembers of the folders' last scans.
func recallScans(ctx context.Context, l *ledger.Ledger, folders []status.Folder) error {
	all, err := readScans(ctx, l)
	for _, s := range all {
		for i := range folders {
			if f := &folders[i]; f.Path == string(s.Path) {
				f.LastScan, f.Directories, f.Files, f.Ignored = &s.At, s.Directories, s.Files, s.Ignored
			}
		}
	}
	return err
}
