package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"scenario-drop/config"
	"scenario-drop/file"
	"scenario-drop/service"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// folderView is what a check found of one watch folder.
type folderView struct {
	Path        string         `json:"path"`
	Kind        string         `json:"kind"`
	Readable    bool           `json:"readable"`
	Filesystem  string         `json:"filesystem,omitempty"`
	Shared      bool           `json:"shared"`         // other computers may have it, too
	Mode        string         `json:"mode,omitempty"` // "events" or "polling"
	Why         string         `json:"why,omitempty"`  // why it is polled
	Directories int            `json:"directories"`    // that have to be watched
	Files       int            `json:"files"`          // that no rule leaves out
	Ignored     status.Ignored `json:"ignored"`
	WatchLimit  int            `json:"watch_limit,omitempty"`
	Trouble     string         `json:"trouble,omitempty"`
	Warnings    []string       `json:"warnings,omitempty"`
}

func (f folderView) text() string {
	how := "changes are noticed at once"
	if f.Mode == "polling" {
		how = "it is scanned again and again"
		if f.Why != "" {
			how += ", since " + f.Why
		}
	}
	text := fmt.Sprintf("The folder %s can be read (%s, %s, %s): %s.", printable(f.Path), f.Filesystem, count(f.Directories, "directory", "directories"), files(f.Files), how)
	if f.Ignored.Count > 0 {
		text += fmt.Sprintf(" Ignored: %s.", f.Ignored.Text())
	}
	return text
}

// checkFolders checks each watch folder, and at whether the system lets all their
// directories be watched.
func checkFolders(c *config.Config) []folderView {
	all := make([]folderView, len(c.Watches))
	events := 0
	var checks sync.WaitGroup
	for i, w := range c.Watches {
		checks.Go(func() { all[i] = checkFolder(c, w, folderPatience) })
	}
	checks.Wait()
	for i := range all {
		if all[i].Mode == "events" {
			events += all[i].Directories
		}
	}
	for i := range all {
		f := &all[i]
		if f.Mode == "events" && f.WatchLimit > 0 && events > f.WatchLimit {
			f.Warnings = append(f.Warnings, fmt.Sprintf("All folders together have %s directories, but this system lets a user watch %s (fs.inotify.max_user_watches). The rest is scanned again and again; raise the limit with sysctl.",
				humanize.Comma(int64(events)), humanize.Comma(int64(f.WatchLimit))))
			break
		}
	}
	return all
}

// folderPatience is how long a folder may leave a single check it unanswered.
const folderPatience = 10 * time.Second

// checkFolder checks a folder for as long as it answers: a call into a network share
// that hangs never returns, and is left behind.
func checkFolder(c *config.Config, w config.Watch, patience time.Duration) folderView {
	answers := make(chan struct{}, 1)
	found := make(chan folderView, 1)
	go func() {
		found <- inspectFolder(c, w, func() {
			select {
			case answers <- struct{}{}:
			default:
			}
		})
	}()
	silence := time.NewTimer(patience)
	defer silence.Stop()
	for {
		select {
		case f := <-found:
			return f
		case <-answers:
			silence.Reset(patience)
		case <-silence.C:
			return folderView{Path: w.Path, Kind: w.Kind, Trouble: fmt.Sprintf(
				"The folder %s has not answered for %s. Is the disk or the network share still connected? The other folders are watched all the same, and this one once it answers.",
				printable(w.Path), patience)}
		}
	}
}

// inspectFolder checks a folder and calls answered after each check that was answered.
func inspectFolder(c *config.Config, w config.Watch, answered func()) folderView {
	f := folderView{Path: w.Path, Kind: w.Kind}
	if _, err := os.ReadDir(w.Path); err != nil {
		f.Trouble = fmt.Sprintf("The folder %s cannot be read: %v.%s", printable(w.Path), cause(err), folderHint(err))
		return f
	}
	answered()
	f.Readable = true
	found, err := watcher.Survey(service.FoldersFound(context.Background(), c), w.Path, func() error { answered(); return nil })
	if err != nil {
		f.Trouble = fmt.Sprintf("The folder %s cannot be read: %v.%s", printable(w.Path), cause(err), folderHint(err))
		return f
	}
	f.Directories, f.Files, f.Ignored = found.Dirs, found.Files, service.Ignored(found.Ignored, found.IgnoredBy)
	f.Warnings = ignoredWarnings(f.Ignored, f.Files)
	s, err := watcher.Inspect(w.Path)
	if err != nil {
		f.Trouble = fmt.Sprintf("The filesystem of the folder %s cannot be looked at: %v.", printable(w.Path), cause(err))
		return f
	}
	f.Filesystem, f.WatchLimit = s.Type, s.WatchLimit
	f.Mode, f.Why = noticing(w.Poll, s)
	// As root for another account's service it is that account which works there.
	_, mine := config.OwnerOf(c.DataDir)
	pins := file.NewPins(config.RunsAsSystem() && mine, nil)
	if err := pins.Check(w.Path); err != nil {
		f.Trouble = err.Error()
		return f
	}
	if inside, err := filepath.Rel(w.Path, w.MoveTo); w.AfterUpload == "move" && (err != nil || !filepath.IsLocal(inside)) {
		if err := pins.Check(w.MoveTo); err != nil {
			f.Warnings = append(f.Warnings, err.Error())
		}
	}
	if f.Shared = s.Remote; f.Shared {
		f.Warnings = append(f.Warnings, fmt.Sprintf("The folder %s is on a network or shared filesystem (%s). %s", printable(w.Path), s.Type, status.SharedText))
	}
	f.Warnings = append(f.Warnings, patternWarnings(c, w, answered)...)
	return f
}

// noticing says how changes in a folder are noticed, and why.
func noticing(poll string, s watcher.Filesystem) (mode, why string) {
	switch {
	case poll == "always":
		return "polling", `the config says poll = "always"`
	case poll != "never" && !s.Events():
		return "polling", status.Words(s.Why)
	}
	return "events", ""
}

// folderHint is what to do about a folder that cannot be read, as a sentence to add.
func folderHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return " Give the user that scenario-drop runs as the right to read it."
	}
	return " Is the disk or the network share connected?"
}

// cause is what the system said, without the path that the sentence around it has.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// dataCheck is what a check found of the data directory.
type dataCheck struct {
	Path          string    `json:"path"`
	Exists        bool      `json:"exists"`
	Writable      bool      `json:"writable"`
	Ledger        bool      `json:"ledger"`         // there is one
	Holder        *heldLock `json:"holder"`         // who works there now; null: nobody
	DaemonRunning bool      `json:"daemon_running"` // and answers
	Trouble       string    `json:"trouble,omitempty"`

	LedgerState   service.LedgerState `json:"ledger_state,omitempty"`   // absent: it could not be looked for
	LedgerTrouble string              `json:"ledger_trouble,omitempty"` // what is wrong with it, and what to do
}

// ledgerText says how the local database is, if nothing is wrong with it.
func (d dataCheck) ledgerText() string {
	switch d.LedgerState {
	case service.LedgerNone:
		return "There is no local database yet: nothing was sent from here so far."
	case service.LedgerOlder:
		return "The local database was written by an older scenario-drop; the next start brings it up to date."
	}
	return "The local database is sound."
}

// ledgerTrouble says what is wrong with the local database, and what to do.
func ledgerTrouble(dir string, state service.LedgerState, err error) string {
	path := printable(service.LedgerPath(dir))
	if state == service.LedgerNewer {
		return fmt.Sprintf("The local database %s was written by a newer scenario-drop, and this one cannot read it. Install the newer one again, or give this one a data_dir of its own.", path)
	}
	what, todo, _ := strings.Cut(plainWords(err), "\n")
	text := "The local database cannot be used: " + fullStop(what)
	if state == service.LedgerDamaged {
		text = fmt.Sprintf("The local database is damaged or lost (%s).", what)
	}
	if todo != "" {
		text += " " + fullStop(todo)
	}
	return text
}

// heldLock says who works in the data directory.
type heldLock struct {
	PID   int    `json:"pid"`
	Doing string `json:"doing"`
}

func (d dataCheck) text() string {
	if d.Holder != nil {
		return fmt.Sprintf("The data directory %s can be written; scenario-drop %s (process %d) is working there.", printable(d.Path), d.Holder.Doing, d.Holder.PID)
	}
	if !d.Exists {
		return fmt.Sprintf("The data directory %s will be made.", printable(d.Path))
	}
	return fmt.Sprintf("The data directory %s can be written; nobody is working there now.", printable(d.Path))
}

// checkDataDir checks the data directory. It makes no directory; writing is tried with
// a file that is removed again. args are those of the command, for another account.
func checkDataDir(ctx context.Context, dir string, args []string) *dataCheck {
	d := &dataCheck{Path: dir}
	at := dir
	for {
		info, err := os.Stat(at)
		if err == nil {
			if !info.IsDir() {
				d.Trouble = fmt.Sprintf("%s is not a directory. Choose another data_dir.", printable(at))
				return d
			}
			break
		}
		if parent := filepath.Dir(at); errors.Is(err, fs.ErrNotExist) && parent != at {
			at = parent
			continue
		}
		d.Trouble = fmt.Sprintf("The data directory %s cannot be looked at: %v.", printable(dir), cause(err))
		return d
	}
	d.Exists = at == dir
	if err := tryWriting(at); err != nil {
		if other, ok := errors.AsType[*service.OtherAccountError](service.ExplainAccount(err, dir)); ok {
			d.Trouble = fullStop(other.Error())
			if how := config.AskAs(other.Owner, slices.Clone(args)...); how != "" {
				d.Trouble += " Ask as it: " + how
			}
			return d
		}
		d.Trouble = fmt.Sprintf("Nothing can be written in %s: %v. Give the user that scenario-drop runs as the right to write there, or choose another data_dir.", printable(at), cause(err))
		return d
	}
	d.Writable = true
	if _, err := os.Stat(service.LedgerPath(dir)); err == nil {
		d.Ledger = true
	}
	state, err := service.CheckLedger(ctx, dir)
	d.LedgerState = state
	if err != nil {
		d.LedgerTrouble = ledgerTrouble(dir, state, err)
	}
	h, held, err := service.LockHolder(dir)
	if err != nil {
		d.Trouble = err.Error()
		return d
	}
	if held {
		d.Holder = &heldLock{PID: h.PID, Doing: h.Doing}
	}
	if client, err := service.Dial(dir); err == nil {
		_, err := client.Snapshot(ctx)
		d.DaemonRunning = err == nil
	}
	return d
}

func tryWriting(dir string) error {
	f, err := os.CreateTemp(dir, ".scenario-drop-check-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
