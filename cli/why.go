package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

func (a *app) whyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why PATH-or-NAME…",
		Short: "What became of a file, and why",
		Long:  "Say of each file in one sentence which folder's rule it falls under, where it stands, why, and what to do. A file can be named from anywhere: if the path leads to no file of a watch folder, all files of that name are told of.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || slices.Contains(args, "") {
				return usagef("which file? For example: scenario-drop why picture.png")
			}
			return nil
		},
		RunE: a.does(func(ctx context.Context, args []string) error { return a.why(ctx, args, asJSON) }),
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// whyReport is what `why --json` writes.
type whyReport struct {
	Files   []whyFile `json:"files"`
	More    int       `json:"more,omitempty"`    // files of a name asked for that are not listed
	Partial bool      `json:"partial,omitempty"` // not all folders could be searched for a name
}

// whyFile is what is known of one path.
type whyFile struct {
	Asked     string       `json:"asked"` // the argument that means it
	Path      string       `json:"path"`
	PathBytes []byte       `json:"path_bytes,omitempty"`
	Sentence  string       `json:"sentence"`
	Rule      whyRule      `json:"rule"`    // what the folders' rules say of it now
	Known     bool         `json:"known"`   // the ledger knows it
	File      *status.File `json:"file"`    // its newest version; null if it is not known
	History   []whyEvent   `json:"history"` // of that version, oldest first

	Awaited *status.AwaitedFile `json:"awaited"` // what a version waits for that is not finished yet; null: nothing

	Trouble     string   `json:"trouble,omitempty"`     // of the daemon or the folder, which keeps the file waiting
	Kind        string   `json:"kind,omitempty"`        // of the folder's rule
	Collections []string `json:"collections,omitempty"` // ids and names it joins by that rule
	Tags        []string `json:"tags,omitempty"`        // that its asset gets by that rule
	TagsSet     []string `json:"tags_set,omitempty"`    // that its asset was given
}

// whyRule is what the folders' rules say of a path now.
type whyRule struct {
	Folder   string      `json:"folder,omitempty"` // the watch folder that owns it; absent: none does
	Accepted bool        `json:"accepted"`         // the rules would pick it up
	Exists   bool        `json:"exists"`           // something is there now
	Rule     drop.Reason `json:"rule,omitempty"`   // why not
	Sentence string      `json:"sentence"`         // the same for people
}

// whyEvent is a line of a file's history.
type whyEvent struct {
	At     time.Time   `json:"at"`
	State  drop.State  `json:"state"`
	Reason drop.Reason `json:"reason,omitempty"`
	Detail string      `json:"detail,omitempty"`
}

func (a *app) why(ctx context.Context, args []string, asJSON bool) error {
	c, paths, err := a.filesNamed(args)
	if err != nil {
		return err
	}
	l, err := service.OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil {
		return err
	}
	if l != nil {
		defer l.Close()
	}
	now := daemonNow(ctx, c.Config)
	r := whyReport{Files: []whyFile{}}
	for i, arg := range args {
		n, err := meant(ctx, c.Config, l, arg, paths[i])
		if err != nil {
			return err
		}
		r.More += n.more
		r.Partial = r.Partial || n.partial
		for _, p := range n.paths {
			f, err := a.whyOne(ctx, c, l, now, p)
			if err != nil {
				return err
			}
			if !f.Known && f.Rule.Folder == "" && !filepath.IsAbs(arg) {
				f.Sentence += notFoundByName(arg)
			}
			f.Asked = arg
			if asJSON {
				r.Files = append(r.Files, f)
			} else {
				a.say("%s: %s%s", printable(f.Path), f.Sentence, f.nextSteps())
			}
		}
		if !asJSON {
			a.noteNamesakes(arg, n)
		}
	}
	if asJSON {
		return a.document(r)
	}
	return nil
}

// whyOne gathers what is known of a path, the running daemon's word included.
func (a *app) whyOne(ctx context.Context, c config.Located, l *ledger.Ledger, now status.Snapshot, path string) (whyFile, error) {
	f, err := explain(ctx, c.Config, l, path)
	if err != nil {
		return f, err
	}
	if c.Problem != nil {
		f.forgetRule()
	}
	if o, err := pathStatus(ctx, c.Config, path); err == nil {
		f.check(o)
	}
	f.tellFolder(now.Folders)
	if f.Trouble = keptWaiting(f, now); f.Trouble != "" {
		f.Sentence += " " + f.Trouble
	}
	return f, nil
}

// explain gathers what is known of a path. l is nil when there is no ledger yet.
func explain(ctx context.Context, c *config.Config, l *ledger.Ledger, path string) (whyFile, error) {
	f := whyFile{Path: path, PathBytes: status.PathBytes(path), History: []whyEvent{}}
	folders, err := service.FoldersKnown(ctx, c, l)
	if err != nil {
		return f, err
	}
	e := watcher.Explain(folders, path)
	f.Rule = whyRule{Folder: e.Folder, Accepted: e.Accepted, Exists: e.Exists, Rule: e.Rule, Sentence: status.Words(e.Detail)}
	for _, w := range c.Watches {
		if w.Path == f.Rule.Folder {
			f.Kind, f.Collections, f.Tags = w.Kind, service.CollectionsOf(w, path), w.Tags
		}
	}
	if l != nil {
		it, err := l.Find(ctx, path)
		if err == nil {
			f.Known = true
			shown := status.NewFile(it, time.Now())
			f.File = &shown
			if it.Asset != "" {
				if f.TagsSet, err = l.Tags(ctx, it.Scope, it.Asset); err != nil {
					return f, err
				}
			}
			events, err := l.Events(ctx, it.ID)
			if err != nil {
				return f, err
			}
			for _, e := range events {
				f.History = append(f.History, whyEvent{At: e.At, State: e.State, Reason: e.Reason, Detail: status.Words(e.Detail)})
			}
		} else if !errors.Is(err, ledger.ErrNotFound) {
			return f, err
		}
	}
	f.Sentence = whySentence(f)
	return f, nil
}

// forgetRule takes back what was said of the folders' rules by a config that has problems: a
// running daemon goes by another.
func (f *whyFile) forgetRule() {
	f.Rule = whyRule{Folder: f.Rule.Folder, Exists: f.Rule.Exists, Rule: drop.ReasonConfigProblems,
		Sentence: "It is not known yet, and whether a folder's rule takes it cannot be told while the config has problems."}
	f.Kind, f.Collections, f.Tags = "", nil, nil
	f.Sentence = whySentence(*f)
}

// daemonNow is what the daemon is doing; without one, what the ledger knows.
func daemonNow(ctx context.Context, c *config.Config) (s status.Snapshot) {
	client, err := service.Dial(c.DataDir)
	if err == nil {
		s, err = client.Snapshot(ctx)
	}
	if errors.Is(err, status.ErrNotRunning) {
		s, err = service.OfflineSnapshot(ctx, c)
	}
	if err != nil {
		return status.Snapshot{} // what is known of the file itself has to do
	}
	return s
}

// pathStatus asks the running daemon when a path is checked.
func pathStatus(ctx context.Context, c *config.Config, path string) (o status.PathStatus, err error) {
	client, err := service.Dial(c.DataDir)
	if err != nil {
		return o, err
	}
	return client.PathStatus(ctx, path)
}

// check takes in what the daemon says of a path that it has not taken yet, or of which there is
// a newer version.
func (f *whyFile) check(o status.PathStatus) {
	f.Awaited = o.File
	switch {
	case f.Known && (o.File == nil || o.File.Reason == f.File.Reason):
	case f.Known && f.File.State == drop.Held:
		f.Sentence = o.File.Sentence + " " + f.Sentence
	case f.Known:
		f.Sentence += " A newer version: " + o.File.Sentence
	case o.File != nil:
		f.Sentence = withRule(o.File.Sentence, *f)
	case f.Rule.Accepted && f.Rule.Exists:
		if text := o.Sentence(time.Now()); text != "" {
			f.Sentence = withRule(text, *f)
		}
	}
}

// tellFolder adds to a watch folder's own sentence what its last scan counted.
func (f *whyFile) tellFolder(folders []status.Folder) {
	for _, w := range folders {
		if w.Path != f.Path || w.LastScan == nil {
			continue
		}
		f.Sentence += fmt.Sprintf(" Its last scan found %s.", files(w.Files))
		for _, line := range ignoredLines([]status.Folder{w}) {
			f.Sentence += " " + fullStop(line)
		}
	}
}

// keptWaiting says what is wrong beyond the file itself and keeps it from going on; ""
// if nothing does.
func keptWaiting(f whyFile, now status.Snapshot) string {
	var all []string
	for _, folder := range now.Folders {
		if folder.Path == f.Rule.Folder && folder.Trouble != "" && (!f.Known || f.File.State != drop.Imported) &&
			!(f.Known && f.File.Reason == drop.ReasonFolderSetting && strings.Contains(folder.Trouble, f.File.Detail)) { // it says so itself
			all = append(all, "Its watch folder is in trouble: "+folder.Trouble)
		}
	}
	if f.Known && f.File.State.Active() {
		if now.Trouble != "" {
			all = append(all, now.Trouble)
		}
		if now.Paused {
			all = append(all, "The daemon is paused; to let it work again: scenario-drop resume")
		}
	}
	return strings.Join(all, " ")
}

// whySentence puts state, reason, fix and rule into words.
func whySentence(f whyFile) string {
	switch {
	case f.Known:
		return withRule(f.File.Sentence, f)
	case f.Rule.Accepted && f.Rule.Exists:
		return withRule("Not seen yet; the daemon or scenario-drop once will take it.", f)
	}
	return f.Rule.Sentence
}

// nextSteps is what a person can type, on lines of their own.
func (f *whyFile) nextSteps() string {
	if !f.Known {
		return nextSteps(f.Path, f.Rule.Rule.Actions()...)
	}
	return nextSteps(f.Path, f.File.Actions...)
}

// withRule adds the rule to a sentence.
func withRule(sentence string, f whyFile) string {
	return strings.TrimSpace(sentence + " " + ruleText(f))
}

func ruleText(f whyFile) string {
	if f.Rule.Rule == drop.ReasonConfigProblems {
		return ""
	}
	if f.Rule.Rule == drop.ReasonNoFolder {
		return "No watch folder of the config contains it any more."
	}
	if !f.Rule.Accepted {
		return "By the rules of now it would be ignored: " + f.Rule.Sentence
	}
	text := fmt.Sprintf("Rule: the folder %s, kind %s", printable(f.Rule.Folder), f.Kind)
	if len(f.Collections) > 0 {
		text += ", into " + quoted(f.Collections)
	}
	if len(f.Tags) > 0 {
		text += ", tagged " + quoted(f.Tags)
	}
	text += "."
	if f.Known && f.File.Asset != "" && !slices.Equal(slices.Sorted(slices.Values(f.Tags)), f.TagsSet) && f.File.State == drop.Imported {
		if len(f.TagsSet) == 0 {
			return text + " Its asset was given no tags."
		}
		return text + " Its asset was given the tags " + quoted(f.TagsSet) + "."
	}
	return text
}

// asWatched gives a path the form under which its watch folder has it: somebody may
// stand in the folder by way of a symlink.
func asWatched(c *config.Config, path string) string {
	for _, w := range c.Watches {
		if within(path, w.Path) {
			return path
		}
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path
	}
	for _, w := range c.Watches {
		root, err := filepath.EvalSymlinks(w.Path)
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(root, dir); err == nil && within(dir, root) {
			return filepath.Join(w.Path, rel, filepath.Base(path))
		}
	}
	return path
}

func within(path, root string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
