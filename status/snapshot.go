// Package status shows what the daemon does: a page for people and JSON for programs,
// over HTTP on the loopback interface, and the few calls that control a running daemon
// (pause, resume, retry). It knows what the ledger and the daemon tell it, and nothing
// of how files are sent.
package status

import (
	"context"
	"time"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// Snapshot is what the daemon is doing at one moment.
type Snapshot struct {
	Running      bool               `json:"running"` // false: nobody runs; the rest is what the ledger knows
	Version      string             `json:"version,omitempty"`
	PID          int                `json:"pid,omitempty"`
	Started      *time.Time         `json:"started,omitempty"`
	ConfigFile   string             `json:"config_file,omitempty"`
	ConfigError  string             `json:"config_error,omitempty"` // why the newest edit of the config is not in force
	Paused       bool               `json:"paused"`
	PausedUntil  *time.Time         `json:"paused_until,omitempty"` // absent while paused: until resumed
	Trouble      string             `json:"trouble,omitempty"`      // why nothing can be sent at the moment
	Counts       map[drop.State]int `json:"counts"`
	NeedDecision int                `json:"need_decision"`    // files held until the user says whether to send them
	Unfinished   int                `json:"unfinished"`       // imported files of which something that comes after that failed
	BytesSent    int64              `json:"bytes_sent"`       // since the start
	Versions     int                `json:"versions_waiting"` // of the queued: new versions that wait for version_interval
	Awaited      Awaited            `json:"awaited"`          // files that are not finished yet; only while a daemon runs
	Transfers    []Transfer         `json:"transfers"`
	Folders      []Folder           `json:"folders"`
}

// Waiting is how many items are on their way.
func (s Snapshot) Waiting() int {
	n := 0
	for state, count := range s.Counts {
		if state.Active() {
			n += count
		}
	}
	return n
}

// DecisionText says in a line that files wait for the user's word; "" when none does.
func (s Snapshot) DecisionText() string {
	return countText(s.NeedDecision, "1 file may have been sent before and waits for your answer.", " files may have been sent before and wait for your answer.")
}

// UnfinishedText says in a line that imported files have something left to be done; "" when
// none has.
func (s Snapshot) UnfinishedText() string {
	return countText(s.Unfinished, "1 file is imported, but has not been moved, tagged or added to its collections yet. It is tried again automatically.",
		" files are imported, but have not been moved, tagged or added to their collections yet. It is tried again automatically.")
}

// VersionsText says in a line that new versions wait for version_interval; "" when none does.
func (s Snapshot) VersionsText() string {
	const rule = "versions of a file are uploaded at most every version_interval, the last state always."
	return countText(s.Versions, "1 of the queued is a new version that waits: "+rule, " of the queued are new versions that wait: "+rule)
}

// countText is what to say of one, or of several behind their count; "" for none.
func countText(n int, one, several string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return one
	}
	return humanize.Comma(int64(n)) + several
}

// Transfer is a file on its way.
type Transfer struct {
	Path    string    `json:"path"`
	Size    int64     `json:"size"` // bytes
	Sent    int64     `json:"sent"` // bytes
	Doing   string    `json:"doing"`
	Started time.Time `json:"started"`
}

// Folder is a watch folder.
type Folder struct {
	Path     string     `json:"path"`
	Kind     string     `json:"kind"`
	Mode     string     `json:"mode"` // "events" or "polling"
	Why      string     `json:"why,omitempty"`
	Trouble  string     `json:"trouble,omitempty"`
	Shared   bool       `json:"shared"` // other computers may have it, too
	LastScan *time.Time `json:"last_scan,omitempty"`
	NextScan *time.Time `json:"next_scan,omitempty"` // when all of it is scanned again; absent: now, or nothing runs

	// What the last scan counted.
	Directories int     `json:"directories"`
	Files       int     `json:"files"` // that no rule leaves out
	Ignored     Ignored `json:"ignored"`
}

// Daemon is what the server asks and tells. Its methods are safe for concurrent use.
type Daemon interface {
	Snapshot(ctx context.Context) (Snapshot, error)
	Recent(ctx context.Context, limit int, failedOnly bool) ([]File, error)
	// Outlook tells what a path waits for that was not taken yet.
	PathStatus(ctx context.Context, path string) (PathStatus, error)
	// Pause holds back files until the time given; zero: until Resume.
	Pause(ctx context.Context, until time.Time) error
	Resume(ctx context.Context) error
	// LinkExisting has the files that may have been sent before, of these paths or all of them,
	// taken as what Scenario holds.
	LinkExisting(ctx context.Context, paths []string) (ledger.LinkedExisting, error)
	// Retry lets the failed files of these paths, or all of them, be tried again, and
	// returns how many items that concerns.
	Retry(ctx context.Context, paths []string) (int, error)
	// Force uploads the held files of these paths as they are, where they are held by our
	// judgement alone; with dryRun it only tells what it would do.
	Force(ctx context.Context, paths []string, dryRun bool) ([]Forced, error)
}
