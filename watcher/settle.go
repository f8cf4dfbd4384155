package watcher

import (
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/watcher/completeness"
)

// policy is how long a file must have been unchanged, by what else is known of it.
type policy struct {
	closedComplete time.Duration // nobody has it open for writing, and its format says it is complete
	closed         time.Duration // nobody has it open for writing; its format says nothing
	complete       time.Duration // its format says it is complete; writers cannot be told
	unknown        time.Duration // neither is known

	// margin is how much older than now a file's times must be before they are
	// believed to be in the past: clocks of file servers differ.
	margin time.Duration

	patience      time.Duration // settle time before an unfinished file is reported
	keepsChanging time.Duration // time since it was first seen before a file that keeps changing is reported
	stays         time.Duration // settle time after which a file that is complete counts as finished though a program keeps it open

	readers time.Duration // settle time below which a file that another program reads waits for that; 0: it never does
	grows   bool          // the settle time grows with the file's size and with how long it took to be written
	removed bool          // the file is moved or trashed afterwards: what is added is doubled
}

// Settle times chosen when the folder's settle is "". Where the kernel says that nobody
// writes and the format says that all is there, what is left to wait for is a program
// that closes a file and opens it again at once; where nothing is known, it is a program
// that pauses while it writes. Over a network, sizes and times may be some seconds old
// (NFS keeps attributes for 3 s and more).
//
//	                         local    network
//	no writer, complete      200 ms   2 s
//	no writer                  1 s    5 s
//	complete                   1 s    3 s
//	neither can be told        2 s    5 s
func chosen(remote bool) policy {
	if remote {
		return policy{closedComplete: 2 * time.Second, closed: 5 * time.Second, complete: 3 * time.Second, unknown: 5 * time.Second}
	}
	return policy{closedComplete: 200 * time.Millisecond, closed: time.Second, complete: time.Second, unknown: 2 * time.Second}
}

// minRemoved is the minimum settle time, where settings do not choose it, of a file that is moved or
// trashed afterwards: a program that comes back to it does not find it any more.
const minRemoved = 2 * time.Second

// readersFor is how long after its last change a file waits for those who read it: a program
// that exports a picture reads it once more to write its metadata, a viewer may read for ever.
const readersFor = 10 * time.Second

// ClockMargin is how far the clock of a file server may be from this computer's.
const ClockMargin = 10 * time.Minute

// policyFor is the policy of a folder on a local or remote filesystem.
func policyFor(f Folder, remote bool, patience time.Duration) policy {
	p := policy{closedComplete: f.Settle, closed: f.Settle, complete: f.Settle, unknown: f.Settle}
	if f.SettleAuto {
		p = chosen(remote)
		p.readers, p.grows, p.removed = readersFor, true, f.Removed
		if f.Removed {
			for _, d := range []*time.Duration{&p.closedComplete, &p.closed, &p.complete, &p.unknown} {
				*d = max(*d, minRemoved)
			}
		}
	}
	if remote {
		p.margin = ClockMargin
	}
	p.patience = max(patience, 3*p.minimum())
	p.keepsChanging = max(time.Minute, 10*p.minimum())
	p.stays = 2 * p.patience
	return p
}

// minimum is the settle time before which a file is not even opened.
func (p policy) minimum() time.Duration {
	return min(p.closedComplete, p.closed, p.complete, p.unknown)
}

func (p policy) need(writer file.Answer, state completeness.State) time.Duration {
	switch {
	case writer == file.No && state == completeness.Complete:
		return p.closedComplete
	case writer == file.No:
		return p.closed
	case state == completeness.Complete:
		return p.complete
	}
	return p.unknown
}

// What a file's size and the time it took to be written add to its settle time. Programs that
// write metadata into a picture read it again first: GIMP and darktable take 0.4 to 3.3 s for
// that at 35 to 63 megapixels, between closing it and opening it again.
const (
	freeSize   = 1 << 20  // bytes that add nothing
	addRate    = 20 << 20 // bytes that add a second
	freeWrote  = time.Second
	addWrote   = 4 // one part in so many of the time that it took to be written
	maxAdded   = 5 * time.Second
	copiedTime = 10 * time.Second // see observation.copied
)

// added is what is added to the settle time of a file.
func (p policy) added(s observation) time.Duration {
	if !p.grows || s.copied {
		return 0
	}
	d := time.Duration(clamp(s.size-freeSize, 0, addRate*int64(maxAdded/time.Second))) * time.Second / addRate
	if s.wrote >= freeWrote {
		d = max(d, s.wrote/addWrote)
	}
	if d = min(d, maxAdded); p.removed {
		d *= 2
	}
	return d
}

// unchangedSince is the moment since when a version that is seen for the first time, at now,
// can be taken to have been unchanged. That is now, unless its times lie plausibly in the
// past: a time in the future, or close to now where the server's clock counts, is no
// help. A program can set the modification time, but not the change time.
func (p policy) unchangedSince(now time.Time, fp file.Fingerprint) time.Time {
	changed := max(fp.ModTime, fp.ChangeTime)
	if age := time.Duration(now.UnixNano() - changed); age > p.margin {
		return now.Add(-age) // keeps now's monotonic reading
	}
	return now
}

// observation is what is known of a file at one moment.
type observation struct {
	now         time.Time
	first       time.Time // when it was first seen
	unchanged   time.Time // since when it has been unchanged, at the latest
	read        time.Time // when another program was seen to have it open for reading; zero: never since it changed
	size        int64
	wrote       time.Duration // how long it took to be written, as far as that was seen
	coarse      bool          // its times are coarse
	epoch       bool          // its modification time is the beginning of 1970
	placeholder bool          // a placeholder whose content is not on this disk
	probe       *probed       // nil: not opened yet

	// copied tells that its modification time is older than its last change: it was moved here,
	// or copied with its times, which is the last thing that is done with a copy.
	copied bool

	beside *companion // of an empty file: what has its bytes
}

// probed is what opening a file told.
type probed struct {
	writer  file.Answer
	reader  file.Answer // whether anybody else has it open at all; asked of young files only
	state   completeness.State
	missing string      // what is, if state says so: a phrase
	busy    bool        // it could not be opened, since another program has it to itself
	failed  drop.Detail // why it could not be opened or read; "" if it could

	foreign bool // see file.Dir.ForeignLink

	transfer *companion // it is being fetched: what says so
	database *companion // it is a database that its program has open: what says so
	pointer  drop.Text  // it stands for a file elsewhere: the sentence for its kind
}

// coarseTimes is how long a file must have been unchanged where the filesystem keeps its times
// in whole seconds (FAT: two; ext3, HFS+ and some servers: one). Whoever saves it once more
// after that gives it another time; before that a save may not show in size and times.
const coarseTimes = 2 * time.Second

// epochUnchanged is the settle time of a file whose modification time is the beginning of 1970 and
// which its format says is complete. rsync gives that time to what it keeps of a transfer that was cut
// off (cleanup.c), and so have the files of some archives and of reproducible builds.
const epochUnchanged = time.Minute

// epoch reports whether a file's modification time is the beginning of 1970.
func epoch(fp file.Fingerprint) bool { return fp.ModTime >= 0 && fp.ModTime < int64(time.Second) }

// copied is observation.copied. Without a change time (Windows) nobody can tell.
func copied(fp file.Fingerprint) bool { return fp.ChangeTime-fp.ModTime > int64(copiedTime) }

// action is what to do with a file next.
type action uint8

const (
	wait  action = iota // check again at the time given
	probe               // open it, and decide again
	ready               // it is finished
	hold                // report it with the reason given, and check again at the time given
)

// decision is what decide says.
type decision struct {
	action action
	at     time.Time
	reason drop.Reason // also of one that waits: what for
	detail drop.Detail // what is missing of it, or what says that it is not finished; "" if there is no more to say
}

// writingPause is how long after a change a file still counts as being written.
const writingPause = 3 * time.Second

// pending is the decision to wait for more settle time, until at.
func (p policy) pending(s observation, at time.Time) decision {
	if s.unchanged.After(s.first) && s.now.Sub(s.unchanged) < min(p.minimum(), writingPause) {
		return decision{action: wait, at: at, reason: drop.ReasonBeingWritten}
	}
	return decision{action: wait, at: at, reason: drop.ReasonSettling}
}

// decide says what to do with a file. In order of precedence:
//
//	content not on this disk                     → held
//	changed within the minimum settle time        → wait; held if that has been so for long
//	empty, its bytes in a download beside it     → wait; held after the patience
//	empty                                        → wait; held after the patience
//	not opened yet                               → probe
//	a hard link to somebody else's file          → held
//	held exclusively                             → wait; held after the patience
//	open for writing, changed a moment ago       → wait
//	a note of a download lies beside it          → wait; held after the patience
//	a database whose log or journal holds data   → wait; held after the patience
//	open for writing, complete, unchanged for p.stays   → see below
//	open for writing, complete                    → wait
//	open for writing                             → wait; held after the patience
//	cannot be opened or read                     → wait; held after the patience
//	a pointer to content elsewhere               → wait; held after the patience
//	its format says that it is cut off           → wait; held after the patience
//	of 1970, and not complete by its format         → wait; held after the patience
//	young, and open for reading                  → wait
//	changed within the time it needs, or not
//	for so long since somebody read it           → wait
//	else                                         → ready
//
// A file that is waited for is checked again at intervals that grow with how long it
// has been unchanged, so that one closed soon is seen soon.
func (p policy) decide(s observation) decision {
	unchanged := s.now.Sub(s.unchanged)
	soon := s.now.Add(clamp(unchanged/4, 20*time.Millisecond, time.Second))
	late := s.now.Add(clamp(unchanged/4, 2*time.Second, 5*time.Minute))
	open := s.now.Add(clamp(unchanged/4, time.Second, 5*time.Second)) // for what its program may end any moment
	held := func(at time.Time, reason drop.Reason, detail drop.Detail) decision {
		if unchanged < p.patience {
			return decision{action: wait, at: soon, reason: reason, detail: detail}
		}
		return decision{action: hold, at: at, reason: reason, detail: detail}
	}
	switch {
	case s.placeholder:
		return decision{action: hold, at: late, reason: drop.ReasonNotOnDisk, detail: drop.TextNotOnDisk.With()}
	case unchanged < p.minimum():
		at := s.unchanged.Add(p.minimum())
		if s.now.Sub(s.first) >= p.keepsChanging {
			return decision{action: hold, at: at, reason: drop.ReasonKeepsChanging, detail: drop.TextKeepsChanging.With()}
		}
		return p.pending(s, at)
	case s.size == 0 && s.beside != nil:
		return held(open, drop.ReasonEmpty, s.beside.downloading())
	case s.size == 0:
		return held(late, drop.ReasonEmpty, drop.TextEmpty.With())
	case s.probe == nil:
		return decision{action: probe}
	case s.probe.foreign:
		return decision{action: hold, at: late, reason: drop.ReasonForeignLink,
			detail: drop.TextForeignLink.With()}
	case s.probe.busy:
		return held(open, drop.ReasonStillOpen, drop.TextInUse.With())
	case s.probe.writer == file.Yes && s.unchanged.After(s.first) && unchanged < p.patience: // it pauses for a moment
		return decision{action: wait, at: soon, reason: drop.ReasonBeingWritten}
	case s.probe.transfer != nil:
		return held(late, drop.ReasonTransferUnfinished, s.probe.transfer.downloading())
	case s.probe.database != nil:
		return held(late, drop.ReasonStillOpen, s.probe.database.inUse())
	case s.probe.writer == file.Yes && s.probe.state == completeness.Complete && unchanged >= p.patience && unchanged < p.stays:
		return decision{action: wait, at: sooner(open, s.unchanged.Add(p.stays)), reason: drop.ReasonStillOpen}
	case s.probe.writer == file.Yes && !(s.probe.state == completeness.Complete && unchanged >= p.stays):
		return held(open, drop.ReasonStillOpen, drop.TextOpenForWriting.With())
	case s.probe.failed != "":
		return held(late, drop.ReasonUnreadable, s.probe.failed)
	case s.probe.pointer != "":
		return held(late, drop.ReasonPointer, s.probe.pointer.With())
	case s.probe.state == completeness.Incomplete:
		return held(late, drop.ReasonLooksCutOff, drop.TextCutOff.With("what", s.probe.missing))
	case s.epoch && s.probe.state != completeness.Complete:
		return held(late, drop.ReasonTransferUnfinished, drop.TextDate1970.With())
	}
	need := p.need(s.probe.writer, s.probe.state) + p.added(s)
	if s.coarse {
		need = max(need, coarseTimes)
	}
	if s.epoch {
		need = max(need, epochUnchanged)
	}
	if s.probe.reader == file.Yes && unchanged < p.readers {
		return decision{action: wait, at: soon, reason: drop.ReasonBeingRead}
	}
	if at := later(s.unchanged, s.read).Add(need); s.now.Before(at) {
		return p.pending(s, at)
	}
	return decision{action: ready}
}

// downloading and inUse say what a file beside another means for that one, and what to do.
func (c *companion) downloading() drop.Detail {
	return drop.TextDownloadUnfinished.With("program", c.program, "beside", c.name)
}

func (c *companion) inUse() drop.Detail { return drop.TextDatabaseInUse.With("beside", c.name) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func clamp[T time.Duration | int64](d, low, high T) T { return min(max(d, low), high) }
